import { type Chance, strikes } from './faults.ts';
import { hash, type Random } from './random.ts';
import { stateOf, type World, type WorldCall } from './world.ts';

/** Which order an undocumented one is. Shuffled is stable: a call keeps its place among the others. */
export type ListOrder = 'newest' | 'oldest' | 'shuffled';

/** What the account's list contains at the moment, as opposed to what happened in the world. */
export interface ListedCalls {
  /** Every call there ever was, deleted and not yet listed ones too. */
  all(): readonly WorldCall[];
  find(id: string): WorldCall | undefined;
  /** All that are listed now, in order. */
  listed(): readonly WorldCall[];
  /** When the call is in the list, epoch ms. Drawn once, while the call is young. */
  listedAt(call: WorldCall): number;
  isDeleted(id: string): boolean;
  /** Removes one final call among these, as a careless user might. */
  deleteOneOf(calls: readonly WorldCall[]): void;
}

export interface ListedCallsOptions {
  readonly world: World;
  /** Calls that were there before the world began. */
  readonly samples: readonly WorldCall[];
  readonly order: ListOrder;
  /** Read at each decision, so that it can be changed at run time. */
  readonly faults: { readonly lateVisibility: Chance; readonly lateVisibilitySeconds: number };
  readonly random: Random;
}

export function createListedCalls({
  world,
  samples,
  order,
  faults,
  random,
}: ListedCallsOptions): ListedCalls {
  const deleted = new Set<string>();
  const listingTimes = new Map<string, number>();

  function all(): readonly WorldCall[] {
    return [...samples, ...world.calls()];
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

  return {
    all,
    find: (id) => all().find((call) => call.id === id && !deleted.has(id)),
    listed: () =>
      all()
        .filter((call) => !deleted.has(call.id) && listedAt(call) <= world.time())
        .sort((a, b) => compare(a, b, order)),
    listedAt,
    isDeleted: (id) => deleted.has(id),
    deleteOneOf(calls) {
      const [victim] = random.shuffle(calls.filter((call) => stateOf(call, world.time()).isFinal));
      if (victim !== undefined) deleted.add(victim.id);
    },
  };
}

function compare(a: WorldCall, b: WorldCall, order: ListOrder): number {
  if (order === 'shuffled') return hash(a.id) - hash(b.id);
  const age = a.createdAt - b.createdAt || hash(a.id) - hash(b.id);
  return order === 'oldest' ? age : -age;
}
