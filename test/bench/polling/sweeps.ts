import { DAY_MS } from '../../../lib/time.ts';
import { PAGE } from './baselines.ts';
import { isMeasured, type Period, type Traced, visibleAt } from './trace.ts';

/** How far back a daily sweep walks. */
const REACH_MS = 2 * DAY_MS;

export interface Swept {
  readonly requests: number;
  /** When the first sweep after an instant shows what has come by then. */
  seenAt(instant: number): number;
}

/**
 * An estimate, and the only part of Callwire's figures that no production code made: one walk a day over
 * the calls of the last 48 hours, for one request per page and nothing else, that shows every call of it.
 */
export function estimateSweeps({ calls }: Traced, period: Period): Swept {
  let requests = 0;
  for (let at = period.to - 1; at >= period.start; at -= DAY_MS) {
    if (!isMeasured(period, at)) break;
    const rows = visibleAt(calls, at) - visibleAt(calls, at - REACH_MS);
    requests += Math.max(1, Math.ceil(rows / PAGE));
  }
  return {
    requests,
    seenAt: (instant) => {
      const days = Math.max(0, Math.ceil((instant - (period.to - 1)) / DAY_MS));
      return period.to - 1 + days * DAY_MS;
    },
  };
}
