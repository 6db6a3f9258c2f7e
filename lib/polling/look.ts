import { isOtherSide, type OtherSideError, TransientError } from '../errors.ts';
import { canonicalJson } from '../hash.ts';
import { isResumed, type ListMemory, listMemory } from './list-memory.ts';
import type { Poll } from './poll.ts';
import type { PollState } from './poll-state.ts';
import { type Reach, reachOf } from './reach.ts';
import { readPage } from './read-calls.ts';
import { readRemembered } from './read-remembered.ts';
import { LIST_TIMEOUT_MS, type Walk, type WalkDeps, walkList } from './walk-list.ts';
import { walkRecent } from './walk-recent.ts';
import { liveEdge } from './window.ts';

/** What a poll saw of the list. */
export interface Look {
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
    ask: async (request) => {
      counts.requests += 1;
      // A request must not outlive the function that has to write down what became of it.
      const leftMs = deps.deadline.getTime() - deps.now().getTime();
      try {
        return await poll.ask(request, Math.max(1, Math.min(LIST_TIMEOUT_MS, leftMs)));
      } catch (error) {
        // It was our time that was up, not the provider's.
        const isCutShort = leftMs < LIST_TIMEOUT_MS && deps.now() >= deps.deadline;
        if (isCutShort && error instanceof TransientError) return undefined;
        throw error;
      }
    },
    onPage: async (page, answer) => {
      await readPage(poll, page, answer);
      return { stop: false };
    },
  };
}

/** Reads the list, then what the list did not show; trouble of the provider's ends it early. */
export async function look(poll: Poll, state: PollState, now: Date): Promise<Look> {
  const { provider } = poll;
  const reach = reachOf(provider, state, poll.settings, now);
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
    await readRemembered(poll, reach, now);
    return { reach, walk, live, trouble: undefined };
  } catch (error) {
    if (!isOtherSide(error)) throw error;
    return { reach, walk, live, trouble: error };
  }
}

/** True when this walk alone showed every row of its window. */
export const showsAll = ({ walk, live, reach }: Look, { list }: PollState): boolean =>
  walk?.complete === true &&
  walk === live &&
  walk.window?.from === reach.window.from &&
  !isResumed(list) &&
  !isResumed(walk.memory ?? null);

/**
 * Since when a list that can be read is not read to its end, or too late: when this poll was due. Undefined:
 * its connection keeps up, once it has begun.
 */
export function behind(
  { deps, settings }: Poll,
  state: PollState,
  seen: Look,
  start: Date,
): Date | undefined {
  const { dueAt = start, now } = deps;
  const since = dueAt < start ? dueAt : start;
  const isLate = now().getTime() - since.getTime() > settings.maxLag;
  const isRead = seen.trouble === undefined && showsAll(seen, state);
  return isRead && !isLate ? undefined : since;
}

/** A list that is too slow to be read to its end, and showed nothing new on the way. */
export const tooSlow = (
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
