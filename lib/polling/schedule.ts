import type { ConnectionSettings } from '../config/settings.ts';
import { phase } from '../hash.ts';
import { addMs, DAY_MS, HOUR_MS, SECOND_MS } from '../time.ts';
import { expectedWait } from './expected-delay.ts';
import type { PollState } from './poll-state.ts';

/** The default of `poll.max`, as a multiple of `poll.every`: half an hour for half a minute. */
const DEFAULT_MAX_FACTOR = 60;

/** The default of `poll.patience`, likewise: 67.5 s. `npm run bench:polling` shows what that buys. */
const DEFAULT_PATIENCE_FACTOR = 2.25;

/** Connections that changed in the same second drift apart by up to this share of their interval. */
const JITTER = 0.1;

/** After so long a silence the past says nothing about the next call: as seldom as allowed, for ever. */
const SILENT_AFTER_MS = 7 * DAY_MS;

/** A new connection is asked at least once per this share of its age: somebody may be trying it out. */
const NEW_SHARE = 16;

/** How finely waits are followed after a change: a share of the time since then, within bounds. */
const STEP_SHARE = 8;
const MIN_STEP_MS = 10 * SECOND_MS;

const wholeSeconds = (ms: number): number => Math.ceil(ms / SECOND_MS) * SECOND_MS;

const clamp = (value: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, value));

/** How much delay one request is worth, in call-seconds. */
export const patienceOf = ({ poll }: ConnectionSettings): number =>
  (poll.patience ?? poll.every * DEFAULT_PATIENCE_FACTOR) / SECOND_MS;

/** Between which waits a connection moves, and how much delay a poll is worth. */
function limitsOf(settings: ConnectionSettings, state: PollState | undefined) {
  const { poll, maxRequestsPerDay } = settings;
  const requests = state?.pace.requests ?? 1;
  const asked = maxRequestsPerDay ? (DAY_MS / maxRequestsPerDay) * requests : 0;
  const every = wholeSeconds(Math.max(poll.every, asked));
  return {
    every,
    max: wholeSeconds(Math.max(every, poll.max ?? poll.every * DEFAULT_MAX_FACTOR)),
    /**
     * In call-seconds: a poll of three requests must save three times as much. Of a busy list one more
     * poll is one more page: what reaches further does so by the clock, however many polls there are.
     */
    worth: patienceOf(settings) * (state?.busy ? 1 : requests),
  };
}

/** The shortest that a connection waits between two polls, in milliseconds. */
export const shortestWait = (settings: ConnectionSettings, state: PollState | undefined): number =>
  limitsOf(settings, state).every;

/** The longest that a connection waits between two polls, in milliseconds. */
export const longestWait = (settings: ConnectionSettings, state: PollState | undefined): number =>
  limitsOf(settings, state).max;

/** How long to wait at an instant, in milliseconds, for what is known and nothing seen since. */
function waits(settings: ConnectionSettings, state: PollState): (at: number) => number {
  const { every, max, worth } = limitsOf(settings, state);
  const since = Date.parse(state.lastChangeAt);
  const isNew = state.pace.days === 0;
  const detailDueAt = Math.min(...state.enrich.map(({ dueAt }) => Date.parse(dueAt)));
  const share = 1 - (JITTER * phase(settings.id)) / 2 ** 32;
  const expected = expectedWait(state, worth);
  return (at) => {
    const silentMs = at - since;
    if (at >= detailDueAt || state.failure) return every;
    if (silentMs >= SILENT_AFTER_MS) return clamp(max * share, every, max);
    const patient = clamp(expected(at) * SECOND_MS, every, max);
    const wait = isNew ? Math.min(patient, silentMs / NEW_SHARE) : patient;
    return clamp(wait * share, every, max);
  };
}

/** How long a connection waits between two polls, in milliseconds, at an instant: never less than `every`. */
export function pollInterval(
  settings: ConnectionSettings,
  state: PollState | undefined,
  now: Date,
): number {
  return state ? waits(settings, state)(now.getTime()) : limitsOf(settings, state).every;
}

/**
 * The instants from `from` (inclusive) to `to` (exclusive), in epoch milliseconds, at which a
 * connection is due: a pure function of what is stored and the clock, so that an empty poll need
 * not write anything to be polled again, and a tick that is lost, late or doubled disturbs no other.
 *
 * Each time that is waited is a poll's worth of progress: over the time since the last change the
 * shares `dt / wait(t)` add up, and a poll is due where the sum passes a whole number. So the next poll
 * comes sooner the more is at stake on the way there, and any instant is found without the polls before.
 */
export function dueInstants(
  settings: ConnectionSettings,
  state: PollState | undefined,
  from: Date,
  to: Date,
): number[] {
  const [start, end] = [from.getTime(), to.getTime()];
  const { every, max } = limitsOf(settings, state);
  // A connection that was never polled does not wait for its turn.
  if (!state) return [start, ...grid(settings.id, every, start + every, end)];
  const earliest = Math.max(start, state.backoffUntil ? Date.parse(state.backoffUntil) : 0);
  if (every === max || state.failure) return grid(settings.id, every, earliest, end);
  return sequence(settings, state, earliest, end);
}

/** When a connection is due next, if nothing changes until then. */
export function nextDue(
  settings: ConnectionSettings,
  state: PollState | undefined,
  now: Date,
): Date | undefined {
  const until = new Date(state?.backoffUntil ?? now);
  const from = until > now ? until : now;
  const [first] = dueInstants(settings, state, from, addMs(from, 2 * longestWait(settings, state)));
  return first === undefined ? undefined : new Date(first);
}

/** A fixed interval, each connection at its own phase of it. */
function grid(id: string, interval: number, from: number, to: number): number[] {
  const offset = wholeSeconds(phase(id) % interval);
  const first = Math.ceil((from - offset) / interval) * interval + offset;
  const instants: number[] = [];
  for (let at = first; at < to; at += interval) instants.push(at);
  return instants;
}

function sequence(
  settings: ConnectionSettings,
  state: PollState,
  from: number,
  to: number,
): number[] {
  const since = Date.parse(state.lastChangeAt);
  const wait = waits(settings, state);
  const instants: number[] = [];
  let progress = 0;
  for (let at = since; at < to; ) {
    const isSilent = at - since >= SILENT_AFTER_MS;
    const stepMs = isSilent
      ? to - at
      : Math.min(
          clamp((at - since) / STEP_SHARE, MIN_STEP_MS, HOUR_MS),
          since + SILENT_AFTER_MS - at,
        );
    const waitMs = wait(isSilent ? at : at + stepMs / 2);
    const reached = progress + stepMs / waitMs;
    // What is not asked about is not counted up to, however long it is.
    const skipped = progress + (from - SECOND_MS - at) / waitMs;
    for (let n = Math.floor(Math.max(progress, skipped)) + 1; n <= reached; n += 1) {
      // To the millisecond first: what is a whole second but for the last digit must not become the next.
      const due = wholeSeconds(Math.round(at + (n - progress) * waitMs));
      if (due >= from && due < to) instants.push(due);
    }
    progress = reached;
    at += stepMs;
  }
  return instants;
}
