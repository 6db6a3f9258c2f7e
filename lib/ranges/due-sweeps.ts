import type { ConnectionSettings } from '../config/settings.ts';
import { phase } from '../hash.ts';
import type { Provider } from '../providers/provider.ts';
import { DAY_MS, MINUTE_MS } from '../time.ts';
import type { RangeMessage, WatchMessage } from './ports.ts';
import type { SweepKind } from './range-job.ts';

const PERIOD_MS = { daily: DAY_MS, weekly: 7 * DAY_MS } as const satisfies Record<
  SweepKind,
  number
>;

/** The first instant from `from` on at which a connection has its turn, spread over the period. */
const nextTurn = (connection: string, what: string, period: number, from: Date): Date => {
  const offset = phase(connection, what) % period;
  return new Date(Math.ceil((from.getTime() - offset) / period) * period + offset);
};

export interface Due<Message> {
  readonly message: Message;
  readonly at: Date;
}

/**
 * The sweeps of a connection that begin from `from` (inclusive) to `to` (exclusive): a function of its id
 * and the clock alone, so that nothing is read or written for one that is not due.
 */
export function dueSweeps(connection: string, from: Date, to: Date): Due<RangeMessage>[] {
  return (['daily', 'weekly'] as const).flatMap((kind) => {
    const at = nextTurn(connection, kind, PERIOD_MS[kind], from);
    // Named by its day, so that a message that comes twice is one sweep.
    const message = { connection, kind, job: at.toISOString().slice(0, 10), step: 0 };
    return at < to ? [{ message, at }] : [];
  });
}

/** People work on these calls for hours: a quarter of one is soon enough. */
const WATCH_MS = 15 * MINUTE_MS;

/** A connection with a budget spends no more than this share of it on each of its watch lists. */
const WATCH_SHARE = 0.1;

/** The watch lists of a connection that are due to be read from `from` (inclusive) to `to` (exclusive). */
export function dueWatches(
  { id, maxRequestsPerDay }: ConnectionSettings,
  { watchLists }: Provider,
  from: Date,
  to: Date,
): Due<WatchMessage>[] {
  const budget = maxRequestsPerDay ? DAY_MS / (maxRequestsPerDay * WATCH_SHARE) : 0;
  return watchLists.flatMap((list) => {
    const at = nextTurn(id, list.id, Math.max(WATCH_MS, budget), from);
    return at < to ? [{ message: { connection: id, kind: 'watch', list: list.id }, at }] : [];
  });
}
