import type { ConnectionSettings } from '../config/settings.ts';
import { stableId } from '../hash.ts';
import { DAY_MS } from '../time.ts';
import type { PollState } from './poll-state.ts';

/** The default of `poll.max`, as a multiple of `poll.every`. */
const DEFAULT_MAX_FACTOR = 16;

/** A connection is polled once per this share of the time it has been quiet. */
const QUIET_SHARE = 4;

/**
 * How long to wait between polls: `every` while calls are open or have just changed, then ever
 * longer, up to `max`. Always `every` times a power of two, so that slower polls fall on the instants
 * of faster ones and no connection is skipped when its interval changes.
 */
export function pollInterval(
  { poll, maxRequestsPerDay }: ConnectionSettings,
  state: PollState | undefined,
  now: Date,
): number {
  const every = Math.max(poll.every, maxRequestsPerDay ? DAY_MS / maxRequestsPerDay : 0);
  const max = Math.max(every, poll.max ?? every * DEFAULT_MAX_FACTOR);
  if (!state || state.open.length > 0 || state.enrich.length > 0) return every;
  const quietMs = now.getTime() - Date.parse(state.lastChangeAt);
  const wanted = Math.min(max, quietMs / QUIET_SHARE);
  return wanted <= every ? every : every * 2 ** Math.floor(Math.log2(wanted / every));
}

/** Spreads connections over the interval, always the same way. */
const phase = (id: string): number =>
  Number.parseInt(Buffer.from(stableId(id), 'base64url').toString('hex').slice(0, 8), 16);

/**
 * The instants from `from` (inclusive) to `to` (exclusive), in epoch milliseconds, at which a
 * connection is due: a pure function of what is stored and the clock, so that an empty poll need
 * not write anything to be polled again.
 */
export function dueInstants(
  settings: ConnectionSettings,
  state: PollState | undefined,
  from: Date,
  to: Date,
): number[] {
  const interval = pollInterval(settings, state, from);
  const earliest = Math.max(
    from.getTime(),
    state?.backoffUntil ? Date.parse(state.backoffUntil) : 0,
  );
  // A connection that was never polled does not wait for its turn.
  if (!state) return [earliest, ...grid(settings.id, interval, earliest + interval, to.getTime())];
  return grid(settings.id, interval, earliest, to.getTime());
}

function grid(id: string, interval: number, from: number, to: number): number[] {
  const offset = phase(id) % interval;
  const first = Math.ceil((from - offset) / interval) * interval + offset;
  const instants: number[] = [];
  for (let at = first; at < to; at += interval) instants.push(at);
  return instants;
}
