import { PAGE } from './baselines.ts';
import { isMeasured, type Period, type Traced } from './trace.ts';

/**
 * The fewest requests per final call with which somebody who knows all ends beforehand keeps every delay
 * within a bound: greedy interval stabbing, which waits with each poll until the oldest unseen end
 * allows no longer. Nobody can do better, and nobody can do it.
 */
export function clairvoyantRequests(
  trace: readonly Traced[],
  period: Period,
  delaySeconds: number,
): number {
  let requests = 0;
  let finals = 0;
  for (const { calls } of trace) {
    const ends = calls
      .map(({ endedAt }) => endedAt)
      .filter((end) => isMeasured(period, end))
      .sort((a, b) => a - b);
    finals += ends.length;
    let polledAt = Number.NEGATIVE_INFINITY;
    let seen = 0;
    for (const end of ends) {
      if (end > polledAt || seen === PAGE) {
        if (end > polledAt) polledAt = end + delaySeconds * 1000;
        requests += 1;
        seen = 0;
      }
      seen += 1;
    }
  }
  return requests / Math.max(1, finals);
}
