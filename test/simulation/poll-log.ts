import type { SweepMessage } from '../../lib/ranges/ports.ts';
import type { Served } from './call-list.ts';

/** What one poll of one connection, or one slice of a sweep, saw and did, as the world outside it knows. */
export interface PollLog {
  readonly connection: string;
  readonly kind: 'poll' | SweepMessage['kind'];
  readonly start: number;
  /** Every record that was received, well-formed or not. */
  readonly served: Served[];
  listRequests: number;
  detailRequests: number;
  /** Pages of the longest list that it was shown. */
  pages: number;
  /** True when some answer did not show everything. */
  hides: boolean;
  /** True when what it knew of itself was not the latest. */
  hadStaleState: boolean;
  /** Until when the provider wants to be left alone, as it said during this poll. */
  askedToWaitUntil: number;
  /** Calls that this poll found to have been open for too long. */
  overdue: number;
  readonly writes: {
    calls: number;
    state: number;
    recents: number;
    notices: number;
    quarantine: number;
  };
}

export const beginLog = (connection: string, start: number, kind: PollLog['kind']): PollLog => ({
  connection,
  kind,
  start,
  served: [],
  listRequests: 0,
  detailRequests: 0,
  pages: 0,
  hides: false,
  hadStaleState: false,
  askedToWaitUntil: 0,
  overdue: 0,
  writes: { calls: 0, state: 0, recents: 0, notices: 0, quarantine: 0 },
});
