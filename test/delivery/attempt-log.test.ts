import { expect, it } from 'vitest';
import { type Attempt, withAttempt } from '../../lib/delivery/attempt-log.ts';
import { addMs } from '../../lib/time.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');

it('keeps the fifteen newest attempts, newest last', () => {
  let log: Attempt[] | undefined;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    log = withAttempt(log, `reason_${attempt}`, addMs(NOW, attempt));
  }

  expect(log).toHaveLength(15);
  expect(log?.[0]?.reason).toBe('reason_5');
  expect(log?.at(-1)).toEqual({ at: addMs(NOW, 19).toISOString(), reason: 'reason_19' });
});

it.each(['Sara Ahmed called <b>', 'x'.repeat(65), '', '+966501234567', 'not found'])(
  'keeps none of the words of the other side: %s',
  (reason) => {
    expect(withAttempt(undefined, reason, NOW)).toMatchObject([{ reason: 'other' }]);
  },
);
