import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../time.ts';

/**
 * How long to wait after the first, second, … failed attempt: eleven attempts over about 24 hours,
 * dense at first because most outages are short. Waits that a destination asks for come on top.
 */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  8 * HOUR_MS,
];

/** Spreads the retries of deliveries that failed together over ±20 %. */
const JITTER = 0.2;

/**
 * How long to wait before the next attempt; undefined when the schedule is used up.
 *
 * @param failures failed attempts so far, at least 1
 * @param random from 0 to 1
 */
export function retryDelayMs(failures: number, random: number): number | undefined {
  const delay = RETRY_DELAYS_MS[failures - 1];
  return delay === undefined ? undefined : Math.round(delay * (1 + JITTER * (2 * random - 1)));
}
