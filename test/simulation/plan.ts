import type { Random } from '../../lib/local/simulators/random.ts';
import { HOUR_MS } from '../../lib/time.ts';

/** When every seed begins. */
export const START = Date.parse('2026-11-20T00:00:00.000Z');

/** What happens when in one seed. */
export interface Plan {
  /** Whether it lasts for days, so that calls get old enough for what is promised of daily sweeps. */
  readonly isLong: boolean;
  /** Whether there are sweeps and watch lists beside hot polling, or that is judged alone. */
  readonly hasSweeps: boolean;
  /** So many times as far apart as usual are polls: nobody learns more from a longer day of the same. */
  readonly pollSpread: number;
  /** Until then things go wrong. */
  readonly calmFrom: number;
  /** Until then calls begin. */
  readonly lastCallAt: number;
  /** Then polling stops, and what is under way arrives. */
  readonly end: number;
}

const LONG_SHARE = 0.1;
const SWEPT_SHARE = 0.6;

const daysOf = (calmHours: number, restHours: number) => ({
  calmFrom: START + calmHours * HOUR_MS,
  lastCallAt: START + (calmHours + 0.5) * HOUR_MS,
  end: START + (calmHours + restHours) * HOUR_MS,
});

export function drawPlan(random: Random): Plan {
  const isLong = random.next() < LONG_SHARE;
  const hasSweeps = isLong || random.next() < SWEPT_SHARE;
  // In the calm of a long one, each connection has a daily sweep.
  return isLong
    ? { isLong, hasSweeps, pollSpread: 3, ...daysOf(60, 26.5) }
    : { isLong, hasSweeps, pollSpread: 1, ...daysOf(24, 2.5) };
}
