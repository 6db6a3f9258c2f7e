import { expect, it } from 'vitest';
import { callLine } from '../../lib/console/call-line.ts';
import { stored } from '../cli/taps.ts';

it('masks the number of a call until it is asked for', () => {
  const call = stored({ contactNumber: '+966551234567' });

  expect(callLine(call, { reveal: false }).number).toBe('••• 4567');
  expect(callLine(call, { reveal: true }).number).toBe('+966551234567');
});
