/** The longest delay that a timer of Node can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What to give `setTimeout` to wait for `ms`, or for as much of it as one timer can. */
export function timerDelay(ms: number): number {
  return Math.min(Math.max(0, ms), LONGEST_TIMER_MS);
}
