import { expect, it } from 'vitest';
import { storm } from './storm.ts';

it('names every call of a storm, soon, once and within the limits', async () => {
  const score = await storm({ failures: 40, channels: 2, seconds: 4, refusals: false });

  expect(score).toMatchObject({ told: 40, rateViolations: 0, doubled: 0 });
  expect(score.firstWordSeconds.max).toBeLessThanOrEqual(3);
  expect(score.allNamedSeconds).toBeLessThanOrEqual(60);
  expect(score.messages).toBeLessThan(24);
});

it('waits as long as it is asked to, and names them all the same', async () => {
  const score = await storm({ failures: 24, channels: 2, seconds: 4, refusals: true });

  expect(score).toMatchObject({ told: 24, rateViolations: 0, doubled: 0 });
  expect(score.refused).toBeGreaterThan(0);
});
