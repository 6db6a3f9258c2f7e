import type { ConnectionSettings } from '../config/settings.ts';
import { isOtherSide, type OtherSideError, TransientError } from '../errors.ts';
import { connectionNotice } from '../events/notice.ts';
import { canonicalJson } from '../hash.ts';
import type { JsonAnswer } from '../http.ts';
import type { Provider, ProviderRequest } from '../providers/provider.ts';
import { addMs, MINUTE_MS, SECOND_MS } from '../time.ts';
import { failedPoll } from './health.ts';
import {
  initialState,
  MAX_LOOK_BACK_MS,
  MAX_OPEN,
  MIN_LOOK_BACK_MS,
  mergeStates,
  type PollState,
} from './poll-state.ts';
import type { PollDeps } from './ports.ts';
import { type Poll, type PollCounts, readById, readPage } from './read-calls.ts';
import { decodeRecents } from './recents.ts';
import { type Walk, type Window, walkList } from './walk-list.ts';

const LIST_TIMEOUT_MS = 20_000;

/** A row may become visible this much after it was created; what is younger is looked at again. */
const SETTLE_MS = MINUTE_MS;

/** Remembered calls that one poll reads by id: the rest have their turn in the next. */
const MAX_READS_BY_ID = 10;

export interface PollReport extends PollCounts {
  readonly connection: string;
  readonly provider: string;
  readonly ok: boolean;
  /** People have been told that this connection is failing, and not yet that it has recovered. */
  readonly failing: boolean;
  readonly open: number;
  /** Why nothing was asked, or what went wrong. */
  readonly reason: string | undefined;
}

/** The window of a walk: from the last proof of completeness, and at least as far back as one page reaches. */
function windowOf({ list, detail }: Provider, state: PollState, now: Date): Window | undefined {
  if (!list.window) return undefined;
  const starts = [state.watermark, addMs(now, -state.lookBackMs).toISOString()];
  if (state.openFrom) starts.push(state.openFrom);
  // Without a page that reads one call by its id, only the list shows what became of open calls.
  if (!detail) starts.push(...state.open.map(({ since }) => since));
  return { from: new Date(starts.sort()[0] ?? now), to: now };
}

/** Lets the look-back grow while everything in it fits well into one page, and shrink when it does not. */
function nextLookBack({ lookBackMs }: PollState, walk: Walk, { list }: Provider): number {
  const { matching, window, complete } = walk;
  if (!complete || matching === undefined || !window) return lookBackMs;
  // A walk that caught up over a longer time says nothing about the usual one.
  if (window.to.getTime() - window.from.getTime() > lookBackMs + SECOND_MS) return lookBackMs;
  if (matching > 0.8 * list.maxPageSize) return Math.max(MIN_LOOK_BACK_MS, lookBackMs / 2);
  if (matching < 0.35 * list.maxPageSize) return Math.min(MAX_LOOK_BACK_MS, lookBackMs * 2);
  return lookBackMs;
}

/** The watermark after a walk. It is moved lazily: while it lies within the look-back, moving it changes nothing. */
function nextWatermark(state: PollState, walk: Walk | undefined, now: Date): string {
  if (!walk?.complete || !walk.window) return state.watermark;
  const reached = Math.min(walk.window.to.getTime(), now.getTime() - SETTLE_MS);
  const isFar = reached - Date.parse(state.watermark) > state.lookBackMs / 2;
  return isFar ? new Date(reached).toISOString() : state.watermark;
}

function nextState(before: PollState, poll: Poll, walk: Walk | undefined, now: Date): PollState {
  const open = [...poll.open.values()].sort((a, b) => (a.since < b.since ? -1 : 1));
  return {
    ...before,
    watermark: nextWatermark(before, walk, now),
    lookBackMs: walk ? nextLookBack(before, walk, poll.provider) : before.lookBackMs,
    open: open.slice(0, MAX_OPEN),
    openFrom: open[MAX_OPEN]?.since ?? null,
    enrich: [...poll.enrich.values()].slice(0, MAX_OPEN),
    lastChangeAt: poll.counts.changed > 0 ? now.toISOString() : before.lastChangeAt,
  };
}

async function saveState(
  connection: string,
  before: PollState,
  next: PollState,
  poll: Poll,
  { states }: PollDeps,
): Promise<void> {
  if (poll.recents.changed) await states.saveRecents(connection, poll.recents.encode());
  if (canonicalJson(before) === canonicalJson(next)) return;
  let version = before.version;
  let merged = next;
  while (!(await states.save(connection, { ...merged, version: version + 1 }))) {
    const { state } = await states.load(connection, { fresh: true });
    if (!state) throw new Error(`The poll state of ${connection} vanished`);
    version = state.version;
    merged = mergeStates(state, next, poll.settled);
  }
}

/** The state as stored, made before the first request: `firstRun` must not depend on how that goes. */
async function loadState(settings: ConnectionSettings, { states, now }: PollDeps) {
  const memory = await states.load(settings.id);
  if (memory.state) return { state: memory.state, recents: memory.recents };
  const state = { ...initialState(settings, now()), version: 1 };
  if (await states.save(settings.id, state)) return { state, recents: '' };
  const { state: theirs, recents } = await states.load(settings.id, { fresh: true });
  if (!theirs) throw new Error(`The poll state of ${settings.id} can be neither read nor written`);
  return { state: theirs, recents };
}

/** Asks a provider, and stops asking for as long as it once told us to wait. */
function askerOf(settings: ConnectionSettings, provider: Provider, deps: PollDeps) {
  const base = (settings.baseUrl ?? provider.baseUrl).replace(/\/+$/, '');
  let pausedUntil: Date | undefined;
  let headers: Readonly<Record<string, string>> | undefined;
  const ask = async (request: ProviderRequest, timeoutMs: number): Promise<JsonAnswer> => {
    if (pausedUntil && deps.now() < pausedUntil) {
      throw new TransientError(`${provider.id} asked us to wait`, { reason: 'rate_limited' });
    }
    headers ??= provider.authorize(await deps.secret(settings.key));
    const url = new URL(base + request.path);
    for (const [name, value] of request.query) url.searchParams.append(name, value);
    try {
      return await deps.http({ method: 'GET', url, headers, timeoutMs });
    } catch (error) {
      if (error instanceof TransientError && error.reason === 'rate_limited') {
        pausedUntil = addMs(deps.now(), error.retryAfterMs ?? settings.poll.every);
      }
      throw error;
    }
  };
  return { ask, pausedUntil: () => pausedUntil };
}

/** Reads again what is remembered and no page showed: open calls that left the window, late details. */
async function readRemembered(poll: Poll, now: Date): Promise<void> {
  const due = [...poll.enrich.values()].filter(({ dueAt }) => dueAt <= now.toISOString());
  const unseen = [...poll.open.values()].filter(({ id }) => !poll.listed.has(id));
  // Turn by turn, so that many open calls all get read.
  const turn = Math.floor(now.getTime() / poll.settings.poll.every) * MAX_READS_BY_ID;
  const start = unseen.length > 0 ? turn % unseen.length : 0;
  const ordered = [...unseen.slice(start), ...unseen.slice(0, start), ...due];
  for (const { id } of ordered.slice(0, MAX_READS_BY_ID)) {
    if (poll.deps.now() >= poll.deps.deadline) return;
    await readById(poll, id);
  }
}

/**
 * Polls one connection: records every call that is news, re-reads what is still open, and moves the
 * state last, so that a poll that dies anywhere is a poll that is made again.
 *
 * Trouble on the provider's side does not throw: it is counted, waited out, and after a few tries
 * announced as `connection.failing`. What throws is a fault of ours.
 */
export async function pollConnection(
  settings: ConnectionSettings,
  provider: Provider,
  deps: PollDeps,
): Promise<PollReport> {
  const { state, recents } = await loadState(settings, deps);
  const start = deps.now();
  const { ask, pausedUntil } = askerOf(settings, provider, deps);
  const poll: Poll = {
    settings,
    provider,
    deps,
    policy: {
      baselineAt: state.baselineAt,
      announceWithinMs: settings.announceWithin,
      withheld: withheldBy(settings, provider),
    },
    recents: decodeRecents(recents),
    counts: {
      requests: 0,
      detailRequests: 0,
      rows: 0,
      changed: 0,
      final: 0,
      silent: 0,
      late: 0,
      quarantined: 0,
    },
    open: new Map(state.open.map((entry) => [entry.id, entry])),
    enrich: new Map(state.enrich.map((entry) => [entry.id, entry])),
    settled: new Set(),
    listed: new Set(),
    ask,
  };
  const report = (ok: boolean, failure: PollState['failure'], reason?: string): PollReport => ({
    connection: settings.id,
    provider: provider.id,
    ok,
    failing: failure?.announced ?? false,
    ...poll.counts,
    open: poll.open.size,
    reason,
  });
  if (state.backoffUntil && start.toISOString() < state.backoffUntil)
    return report(state.failure === null, state.failure, state.failure?.reason ?? 'waiting');

  let walk: Walk | undefined;
  let trouble: OtherSideError | undefined;
  try {
    walk = await walkList(provider, windowOf(provider, state, start), {
      now: deps.now,
      deadline: deps.deadline,
      ask: (request) => {
        poll.counts.requests += 1;
        return ask(request, LIST_TIMEOUT_MS);
      },
      onPage: async (page, answer) => {
        const isKnown = await readPage(poll, page, answer);
        // With a window the end of the window is the end; without one, what is known is.
        return { stop: isKnown && !provider.list.window && provider.list.order === 'newest-first' };
      },
    });
    await readRemembered(poll, start);
  } catch (error) {
    if (!isOtherSide(error)) throw error;
    trouble = error;
  }
  // A detail that had to wait is no failed poll, a list that could not be read is.
  const listFailed = walk === undefined ? trouble : undefined;
  const next = nextState(state, poll, walk, start);
  const health = await judge(settings, provider, state, listFailed, deps);
  const paused = pausedUntil()?.toISOString() ?? null;
  const backoffUntil =
    [health.backoffUntil, paused]
      .filter((at) => at !== null)
      .sort()
      .at(-1) ?? null;
  await saveState(
    settings.id,
    state,
    { ...next, failure: health.failure, backoffUntil },
    poll,
    deps,
  );
  return report(!listFailed, health.failure, trouble?.reason);
}

const withheldBy = ({ share }: ConnectionSettings, provider: Provider): string[] =>
  Object.entries({ ...provider.share, ...share })
    .filter(([, isShared]) => !isShared)
    .map(([group]) => group);

/** What this poll means for the connection's health; tells people once per transition. */
async function judge(
  settings: ConnectionSettings,
  provider: Provider,
  { failure }: PollState,
  error: OtherSideError | undefined,
  { calls, now, random }: PollDeps,
): Promise<Pick<PollState, 'failure' | 'backoffUntil'>> {
  const who = { id: settings.id, provider: provider.id };
  if (!error) {
    if (failure?.announced) {
      const { reason, since } = failure;
      await calls.notify(
        connectionNotice('connection.recovered', { ...who, reason, since }, now()),
      );
    }
    return { failure: null, backoffUntil: null };
  }
  const at = now();
  const failed = failedPoll(error, failure, {
    everyMs: settings.poll.every,
    now: at,
    random: random(),
  });
  const { reason, since } = failed.failure;
  if (failed.announce) {
    await calls.notify(connectionNotice('connection.failing', { ...who, reason, since }, at));
  }
  return {
    failure: failed.failure,
    backoffUntil: addMs(at, failed.backoffMs).toISOString(),
  };
}
