import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lib/time.ts';
import type { Watched } from './score.ts';
import { isMeasured, type Period, type Traced, visibleAt } from './trace.ts';

/** Rows of one page, in every contestant's hands. */
export const PAGE = 100;

/** How many of the newest rows a poll reads, and for how many requests. */
interface Read {
  readonly rows: number;
  readonly requests: number;
}

/** What a strategy can know when it decides how far to read. */
interface Moment {
  readonly traced: Traced;
  readonly at: number;
  /** Calls that the list shows. */
  readonly visible: number;
  /** How many of them it showed at the poll before. */
  readonly before: number;
  /** Index of the oldest call that was open at the poll before; undefined when there was none. */
  readonly oldestOpen: number | undefined;
}

export interface Strategy {
  readonly everyMs: number;
  read(moment: Moment): Read;
}

const pagesOf = (rows: number): number => Math.max(1, Math.ceil(rows / PAGE));

/** Each connection begins at a time of its own, as if it had been set up then. */
const phaseOf = (index: number, everyMs: number): number =>
  Math.floor(((index * 0.618) % 1) * everyMs);

/** Polls a connection at a fixed interval. Simple on purpose: no requests but those it describes, and no faults. */
export function watch(
  traced: Traced,
  index: number,
  { everyMs, read }: Strategy,
  period: Period,
): Watched {
  const { calls } = traced;
  const finalSeenAt: (number | undefined)[] = [];
  const updateSeenAt: (number | undefined)[] = [];
  // Calls of which something is still to be seen.
  let pending: number[] = [];
  let oldestOpen: number | undefined;
  let before = 0;
  let requests = 0;
  for (let at = period.start + phaseOf(index, everyMs); at < period.end; at += everyMs) {
    const visible = visibleAt(calls, at);
    for (let fresh = before; fresh < visible; fresh += 1) pending.push(fresh);
    const done = read({ traced, at, visible, before, oldestOpen });
    if (isMeasured(period, at)) requests += done.requests;
    oldestOpen = undefined;
    pending = pending.filter((call) => {
      const facts = calls[call];
      if (!facts) return false;
      if (call >= visible - done.rows) {
        if (facts.endedAt <= at) finalSeenAt[call] ??= at;
        if (facts.updatedAt <= at) updateSeenAt[call] ??= at;
      }
      if (finalSeenAt[call] === undefined) oldestOpen ??= call;
      return updateSeenAt[call] === undefined;
    });
    before = visible;
  }
  return { requests, detailRequests: 0, sweepRequests: 0, polls: [], finalSeenAt, updateSeenAt };
}

/** All of the last thirty days, each time. The days before the trace are taken to have been like the trace. */
const fullRepoll = (everyMs: number): Strategy => ({
  everyMs,
  read: ({ traced, visible }) => ({
    rows: visible,
    requests: pagesOf(visible + traced.perDay * 28),
  }),
});

/** The newest page and no other, as Zapier's polling triggers do: https://docs.zapier.com/integrations/build/deduplication */
const firstPage = (everyMs: number): Strategy => ({
  everyMs,
  read: () => ({ rows: PAGE, requests: 1 }),
});

/**
 * Everything created since the newest call of the poll before, less a look-back, as Airbyte's
 * `DatetimeBasedCursor` does: https://docs.airbyte.com/connector-development/config-based/understanding-the-yaml-file/incremental-syncs
 */
const cursor = (everyMs: number, lookBackMs: number): Strategy => ({
  everyMs,
  read: ({ traced: { calls }, visible, before }) => {
    const newest = calls[before - 1]?.createdAt ?? 0;
    const rows = visible - visibleAt(calls, newest - lookBackMs - 1);
    return { rows, requests: pagesOf(rows) };
  },
});

/** From the newest row down to a page that shows a known one, and to the oldest call that was open. */
export const untilKnown = (everyMs: number): Strategy => ({
  everyMs,
  read: ({ visible, before, oldestOpen }) => {
    const pages = pagesOf(Math.max(visible - before, visible - (oldestOpen ?? visible)));
    return { rows: pages * PAGE, requests: pages };
  },
});

export const BASELINES = {
  fullRepoll60: fullRepoll(MINUTE_MS),
  firstPage60: firstPage(MINUTE_MS),
  cursor24h: cursor(5 * MINUTE_MS, DAY_MS),
  cursor1h: cursor(5 * MINUTE_MS, HOUR_MS),
  fixed60: untilKnown(MINUTE_MS),
} satisfies Record<string, Strategy>;
