import type { ConnectionSettings } from '../config/settings.ts';
import { isOtherSide, type OtherSideError, TransientError } from '../errors.ts';
import { canonicalJson } from '../hash.ts';
import type { Provider } from '../providers/provider.ts';
import { askerOf } from './ask-provider.ts';
import { beginPoll } from './begin-poll.ts';
import { isLongWait } from './health.ts';
import { judgeHealth } from './judge-health.ts';
import { isResumed, type ListMemory, listMemory } from './list-memory.ts';
import { learnPace } from './pace.ts';
import type { Poll, PollCounts } from './poll.ts';
import { loadState, saveMemory } from './poll-memory.ts';
import { boundOpen, earliest, later, MAX_ENRICH, type PollState } from './poll-state.ts';
import type { PollDeps } from './ports.ts';
import { announceStale, readPage } from './read-calls.ts';
import { readRemembered } from './read-remembered.ts';
import { type Walk, type WalkDeps, walkList } from './walk-list.ts';
import { walkRecent } from './walk-recent.ts';
import {
  liveEdge,
  nextBusy,
  nextLookBack,
  nextMaxRows,
  nextWatermark,
  type Reach,
  reachOf,
} from './window.ts';

const LIST_TIMEOUT_MS = 20_000;

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

/** What a poll saw of the list. */
interface Look {
  /** From the oldest that had to be looked at; undefined when that failed. */
  readonly walk: (Walk & { readonly memory?: ListMemory }) | undefined;
  /** Up to now: another walk where the first had to stop before. */
  readonly live: Walk | undefined;
  readonly reach: Reach;
  readonly trouble: OtherSideError | undefined;
}

function walkDeps(poll: Poll, { maxRows, watermark }: PollState): WalkDeps {
  const { deps, counts } = poll;
  return {
    maxRows,
    readUntil: new Date(watermark),
    random: deps.random,
    now: deps.now,
    deadline: deps.deadline,
    ask: (request) => {
      counts.requests += 1;
      // A request must not outlive the function that has to write down what became of it.
      const leftMs = deps.deadline.getTime() - deps.now().getTime();
      return poll.ask(request, Math.max(1, Math.min(LIST_TIMEOUT_MS, leftMs)));
    },
    onPage: async (page, answer) => {
      await readPage(poll, page, answer);
      return { stop: false };
    },
  };
}

/** Reads the list, then what the list did not show; trouble of the provider's ends it early. */
async function look(poll: Poll, state: PollState, now: Date): Promise<Look> {
  const { provider } = poll;
  const reach = reachOf(provider, state, now);
  const asked = reach.window;
  let walk: Look['walk'];
  let live: Walk | undefined;
  try {
    if (provider.list.window) {
      walk = await walkList(provider, asked, walkDeps(poll, state));
      const edge = liveEdge(asked, walk, state);
      live = edge ? await walkList(provider, edge, walkDeps(poll, state)) : walk;
    } else {
      walk = await walkRecent(
        provider,
        asked,
        state.list ?? listMemory(provider),
        walkDeps(poll, state),
      );
      live = walk;
    }
    await readRemembered(poll, now);
    return { reach, walk, live, trouble: undefined };
  } catch (error) {
    if (!isOtherSide(error)) throw error;
    return { reach, walk, live, trouble: error };
  }
}

/** A list that is too slow to be read to its end, and showed nothing new on the way. */
const tooSlow = (
  { counts, provider }: Poll,
  { list }: PollState,
  { walk, live }: Look,
): OtherSideError | undefined =>
  (walk?.outOfTime || live?.outOfTime) &&
  counts.changed === 0 &&
  canonicalJson(walk?.memory ?? null) === canonicalJson(list)
    ? new TransientError(`${provider.id} is too slow for its list to be read`, {
        reason: 'too_slow',
      })
    : undefined;

const paceAfter = ({ pace, lastChangeAt }: PollState, { learned, counts }: Poll, now: Date) =>
  learnPace(pace, learned, {
    since: new Date(lastChangeAt),
    now,
    requests: counts.requests,
  });

function nextState(
  before: PollState,
  poll: Poll,
  { reach, walk, live }: Look,
  now: Date,
): PollState {
  const { open, openFrom } = boundOpen(poll.open.values());
  const changed = poll.counts.changed > 0;
  const pageSize = poll.provider.list.maxPageSize;
  // A row that could not be recorded is in no proof of completeness.
  const proof = walk?.complete && poll.faults.length === 0 ? walk : undefined;
  const isWhole =
    walk?.complete === true &&
    walk === live &&
    walk.window?.from === reach.window.from &&
    !isResumed(before.list) &&
    !isResumed(walk.memory ?? null);
  return {
    ...before,
    ...(reach.deep && {
      watermark: nextWatermark(before, proof, { changed, now }),
      lookBackMs: live ? nextLookBack(before, live, poll.provider, now) : before.lookBackMs,
    }),
    busy: proof ? nextBusy(before, proof, { reach, pageSize, changed }, now) : before.busy,
    maxRows: walk ? nextMaxRows(before, walk, poll.provider) : before.maxRows,
    begun: before.begun || (isWhole && proof !== undefined),
    list: walk?.memory ?? before.list,
    open,
    // While the list cannot be read to its end, it may begin earlier than what was seen.
    openFrom: isWhole ? openFrom : earliest([openFrom, before.openFrom]),
    enrich: [...poll.enrich.values()].slice(0, MAX_ENRICH),
    lastChangeAt: changed ? now.toISOString() : before.lastChangeAt,
    pace: changed ? paceAfter(before, poll, now) : before.pace,
  };
}

/** Undefined when they did not change. After a whole walk as far back as any walk goes, the rest is of no use. */
function recentsToSave(
  { recents, provider }: Poll,
  { reach, walk, live }: Look,
): string | undefined {
  if (!recents.changed) return undefined;
  const isWhole = reach.deep && walk?.complete === true && walk === live;
  return recents.encode({ forgetUnseen: isWhole && provider.list.window !== undefined });
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
  const memory = await loadState(settings, deps);
  const { state } = memory;
  const start = deps.now();
  const asker = askerOf(settings, provider, deps, {
    // It may have been rotated since.
    freshKey: state.failure?.reason === 'key_refused',
  });
  const poll = beginPoll(settings, provider, deps, memory, asker);
  const report = (ok: boolean, failure: PollState['failure'], reason?: string): PollReport => ({
    connection: settings.id,
    provider: provider.id,
    ok,
    failing: failure?.announced ?? false,
    ...poll.counts,
    open: poll.open.size,
    reason,
  });
  if (state.backoffUntil && start.toISOString() < state.backoffUntil) {
    return report(state.failure === null, state.failure, state.failure?.reason ?? 'waiting');
  }

  const seen = await look(poll, state, start);
  const { walk, trouble } = seen;
  if (walk) await announceStale(poll);

  // A list that could not be read is a failed poll; a detail that has to wait is one if the wait is long.
  const wait = asker.paused();
  const longWait = wait && isLongWait(wait.by) ? wait.by : undefined;
  const failed = walk === undefined ? trouble : (longWait ?? tooSlow(poll, state, seen));
  const health = await judgeHealth(settings, provider, state, failed, deps);
  const next = {
    ...nextState(state, poll, seen, start),
    failure: health.failure,
    backoffUntil: later(health.backoffUntil, wait?.until.toISOString() ?? null),
  };
  const recents = recentsToSave(poll, seen);
  await saveMemory(settings.id, memory, next, { recents, settled: poll.settled }, deps);
  if (poll.faults.length > 0) throw poll.faults[0];
  return report(!failed, health.failure, trouble?.reason);
}
