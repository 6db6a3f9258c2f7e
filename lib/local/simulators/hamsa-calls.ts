import { type Chance, strikes } from './faults.ts';
import type { ListQuery } from './hamsa-query.ts';
import { sampleCalls, statusOf } from './hamsa-records.ts';
import { hash, type Random } from './random.ts';
import { stateOf, type World, type WorldCall } from './world.ts';

/** Which order the undocumented one is. Shuffled is stable: a call keeps its place among the others. */
export type ListOrder = 'newest' | 'oldest' | 'shuffled';

/** What the account's list contains at the moment, as opposed to what happened in the world. */
export interface ListedCalls {
  /** Every call there ever was, deleted and not yet listed ones too. */
  all(): readonly WorldCall[];
  find(id: string): WorldCall | undefined;
  /** All that are listed now, and those that match, in order. */
  select(query: ListQuery): { total: number; matching: readonly WorldCall[] };
  /** When the call is in the list, epoch ms. Drawn once, while the call is young. */
  listedAt(call: WorldCall): number;
  isDeleted(id: string): boolean;
  /** Removes one final call among the rows of the pages before this one, as a careless user might. */
  deleteBefore(query: ListQuery): void;
}

/** `faults` is read at each decision, so that it can be changed at run time. */
export function createListedCalls(
  world: World,
  order: ListOrder,
  faults: { readonly lateVisibility: Chance; readonly lateVisibilitySeconds: number },
  random: Random,
): ListedCalls {
  const deleted = new Set<string>();
  const listingTimes = new Map<string, number>();

  function all(): readonly WorldCall[] {
    return [...sampleCalls, ...world.calls()];
  }

  function listedAt(call: WorldCall): number {
    const known = listingTimes.get(call.id);
    if (known !== undefined) return known;
    const lateAt = call.createdAt + faults.lateVisibilitySeconds * 1000;
    const isLate = lateAt > world.time() && strikes(faults.lateVisibility, random);
    const time = isLate ? lateAt : call.createdAt;
    listingTimes.set(call.id, time);
    return time;
  }

  function select(query: ListQuery): { total: number; matching: readonly WorldCall[] } {
    const at = world.time();
    const listed = all().filter((call) => !deleted.has(call.id) && listedAt(call) <= at);
    const matching = listed
      .filter((call) => matches(call, query, at))
      .sort((a, b) => compare(a, b, order));
    return { total: listed.length, matching };
  }

  return {
    all,
    find: (id) => all().find((call) => call.id === id && !deleted.has(id)),
    select,
    listedAt,
    isDeleted: (id) => deleted.has(id),
    deleteBefore(query) {
      const earlier = select(query).matching.slice(0, (query.page - 1) * query.perPage);
      const [victim] = random.shuffle(
        earlier.filter((call) => stateOf(call, world.time()).isFinal),
      );
      if (victim !== undefined) deleted.add(victim.id);
    },
  };
}

function matches(call: WorldCall, query: ListQuery, at: number): boolean {
  const { voiceAgentId, statuses, startTime, endTime } = query;
  return (
    call.createdAt >= startTime &&
    call.createdAt <= endTime &&
    (voiceAgentId === null || call.agent.id === voiceAgentId) &&
    (statuses.length === 0 || statuses.includes(statusOf(call, at)))
  );
}

function compare(a: WorldCall, b: WorldCall, order: ListOrder): number {
  if (order === 'shuffled') return hash(a.id) - hash(b.id);
  const age = a.createdAt - b.createdAt || hash(a.id) - hash(b.id);
  return order === 'oldest' ? age : -age;
}
