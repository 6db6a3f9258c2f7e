import { describe, expect, it } from 'vitest';
import { maskNumbersIn } from '../../lib/calls/mask-number.ts';

const KNOWN = ['+12025550137'];

describe("a provider's record with its numbers masked", () => {
  it.each([
    ['+12025550137', '••• 0137'],
    ['(202) 555-0177', '••• 0177'],
    ['12025550199', '••• 0199'],
    ['sip:+12025550137@carrier.example', 'sip:••• 0137@carrier.example'],
    ['Please call +966 50 123 4567 tomorrow', 'Please call ••• 4567 tomorrow'],
    [12_025_550_137, '••• 0137'],
  ])('shows no number that is written as %s', (written, masked) => {
    const record = { legs: [{ number: written }] };

    expect(maskNumbersIn(record, KNOWN)).toEqual({ legs: [{ number: masked }] });
  });

  it.each([
    '2026-11-20T10:00:00.000Z',
    '2026-11-20',
    'dac42859-91a6-4a51-8b61-5004e5b354b0',
    1_795_144_740_167,
    42,
    null,
    true,
  ])('leaves %s as it is', (value) => {
    expect(maskNumbersIn([value], KNOWN)).toEqual([value]);
  });
});
