import type { StoredCall } from '../calls/version.ts';
import { type ConnectionSettings, connectionSchema } from '../config/settings.ts';
import { eachLimited } from '../each-limited.ts';
import type { DeliveryEvent } from '../events/event.ts';
import type { EventBus } from '../events/event-bus.ts';
import { republish } from '../events/publish-transitions.ts';
import type { Count, Log } from '../log.ts';
import type { PollState } from '../polling/poll-state.ts';
import { longestWait } from '../polling/schedule.ts';
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../time.ts';
import { EMPTY_MEMORY, type GapMemory, type LookAgain, MAX_AGAIN } from './gap-memory.ts';
import { type Judged, judgeCalls, type ProofDeps } from './judge-calls.ts';
import { GRACE_MS } from './owed.ts';
import { tellOfGaps } from './tell-of-gaps.ts';

export interface MendDeps extends ProofDeps {
  readonly load: () => Promise<GapMemory | undefined>;
  readonly save: (memory: GapMemory) => Promise<void>;
  /** The connections, each as the operator wrote it. */
  readonly connections: () => Promise<readonly unknown[]>;
  readonly states: () => Promise<ReadonlyMap<string, PollState>>;
  /** The calls of a connection that were created in a range, a page at a time. */
  readonly callsOf: (
    connection: string,
    range: { readonly from: Date; readonly to: Date },
  ) => AsyncIterable<readonly StoredCall[]>;
  readonly callsNamed: (names: readonly LookAgain[]) => Promise<readonly StoredCall[]>;
  readonly bus: EventBus;
  /** Has a transition announced, once however often it is asked. */
  readonly announce: (event: DeliveryEvent) => Promise<unknown>;
  readonly log: Log;
  readonly count: Count;
}

/** How far apart two looks are meant to be. */
export const MENDED_EVERY_MS = 30 * MINUTE_MS;

/** What lies further back than this when nobody has looked for long is left to sweeps. */
const MAX_LOOK_MS = DAY_MS;

/** A connection that is polled less often than each two hours has its calls recorded too late for this. */
const MAX_LAG_MS = 2 * HOUR_MS;

/** So many are announced again at a time: a queue that stands still looks like a loss, and is not to grow by it. */
const MAX_MENDED = 100;

/** Whoever was not told by that many announcements needs a person. */
const MAX_TRIES = 3;

const AT_ONCE = 10;

interface Look {
  readonly connection: string;
  readonly from: Date;
  readonly to: Date;
}

/**
 * Which calls are old enough: a poll had the time to record them, and whoever is told of them to be told.
 * One that is still going on then, or was recorded late, is looked at again by name.
 */
function lookAt(
  settings: ConnectionSettings,
  state: PollState | undefined,
  { since, at }: { since: Date; at: Date },
): Look[] {
  // Of the settings alone, or what lies between two lags would be left out.
  const lagMs = GRACE_MS + Math.min(MAX_LAG_MS, longestWait(settings, undefined));
  const from = addMs(since, -lagMs);
  // Without a change since then there is no call of then.
  if (!state || state.lastChangeAt < from.toISOString()) return [];
  return [{ connection: settings.id, from, to: addMs(at, -lagMs) }];
}

async function looksOf(since: Date, at: Date, deps: MendDeps): Promise<Look[]> {
  const [written, states] = await Promise.all([deps.connections(), deps.states()]);
  return written.flatMap((each) => {
    // One that cannot be read is another's to tell of.
    const { data } = connectionSchema.safeParse(each);
    return data ? lookAt(data, states.get(data.id), { since, at }) : [];
  });
}

/** Everything that is not well, of the calls whose time has come and of those that are looked at again. */
async function findGaps(
  before: GapMemory,
  since: Date,
  at: Date,
  deps: MendDeps,
): Promise<{ found: readonly Judged[]; settled: ReadonlySet<string> }> {
  const found: Judged[] = [];
  const settled = new Set<string>();
  const judge = async (calls: readonly StoredCall[]) => {
    for (const judged of await judgeCalls(calls, null, deps)) {
      if (isUnfinished(judged.verdict)) found.push(judged);
      else if (judged.verdict !== 'unjudged') settled.add(nameOf(judged.stored.call));
    }
  };
  await judge(await deps.callsNamed(before.again));
  await eachLimited(await looksOf(since, at, deps), AT_ONCE, async ({ connection, ...range }) => {
    for await (const page of deps.callsOf(connection, range)) await judge(page);
  });
  return { found, settled };
}

const isUnfinished = (verdict: Judged['verdict']): boolean =>
  typeof verdict !== 'string' || verdict === 'fresh' || verdict === 'open';

const nameOf = ({ connection, id }: Pick<LookAgain, 'connection' | 'id'>): string =>
  `${connection}#${id}`;

interface Looked extends Omit<LookAgain, 'lackedBy'>, Judged {}

const lackedBy = ({ verdict }: Judged): readonly string[] =>
  typeof verdict === 'string' ? [] : (verdict.destinations ?? []);

/**
 * Destinations of which nobody will know whether what they lack ever arrived: routes have changed since, the
 * call is gone, or it is looked at no more. That none is looked at is no recovery.
 */
function givenUp(
  before: GapMemory,
  looked: readonly Looked[],
  { settled, again }: { settled: ReadonlySet<string>; again: readonly LookAgain[] },
): ReadonlySet<string> {
  const isLookedAt = new Set(looked.map(nameOf));
  const goesOn = new Set(again.map(nameOf));
  const lost = [
    ...before.again
      .filter((each) => !settled.has(nameOf(each)) && !isLookedAt.has(nameOf(each)))
      .flatMap((each) => each.lackedBy),
    ...looked.filter((each) => !goesOn.has(nameOf(each))).flatMap(lackedBy),
  ];
  const stillLacking = new Set(again.flatMap((each) => each.lackedBy));
  return new Set(lost.filter((destination) => !stillLacking.has(destination)));
}

/** What was found, with what is remembered of it. */
function lookedAt(found: readonly Judged[], before: GapMemory, at: Date): Looked[] {
  const known = new Map(before.again.map((each) => [nameOf(each), each]));
  return found.map((judged) => {
    const { connection, id } = judged.stored.call;
    const { since = at.toISOString(), tries = 0 } = known.get(nameOf({ connection, id })) ?? {};
    return { connection, id, since, tries, ...judged };
  });
}

const isLost = ({ verdict }: Judged): boolean => typeof verdict !== 'string';

/** Those that are lost come first: they are worth their place more than calls that go on. */
const againOf = (looked: readonly Looked[], told: ReadonlySet<Looked>, at: Date): LookAgain[] =>
  looked
    .filter(({ since }) => since > addMs(at, -DAY_MS).toISOString())
    .toSorted((a, b) => Number(isLost(b)) - Number(isLost(a)))
    .slice(0, MAX_AGAIN)
    .map((each) => {
      const { connection, id, since, tries } = each;
      const lacking = [...lackedBy(each)];
      return {
        connection,
        id,
        since,
        tries: told.has(each) ? tries + 1 : tries,
        lackedBy: lacking,
      };
    });

/**
 * Finds calls that were announced a while ago and of which somebody who was to be told has no receipt, and
 * announces them again: their ids are what they were, so nobody is told twice. What a delivery waits for, or
 * is parked for, is no gap. Each call is looked at once, and again only while it is not well.
 */
export async function mendGaps(at: Date, deps: MendDeps): Promise<void> {
  const before = (await deps.load()) ?? EMPTY_MEMORY;
  // Schedules may call twice.
  if (before.at !== null && before.at >= at.toISOString()) return;
  const last = before.at === null ? addMs(at, -MENDED_EVERY_MS) : new Date(before.at);
  const since = new Date(Math.max(last.getTime(), at.getTime() - MAX_LOOK_MS));

  const { found, settled } = await findGaps(before, since, at, deps);
  const looked = lookedAt(found, before, at);
  const toTell = looked
    .filter((each) => isLost(each) && each.tries < MAX_TRIES)
    .slice(0, MAX_MENDED);
  const again = againOf(looked, new Set(toTell), at);
  const unknown = givenUp(before, looked, { settled, again });
  const failing = await tellOfGaps(looked, before.failing, unknown, deps);
  if (toTell.length > 0) {
    const { events, refused } = await republish(
      toTell.map(({ stored }) => ({ call: stored })),
      deps,
    );
    deps.log('warn', 'announced again', { events, dropped: refused });
  }
  await deps.save({ at: at.toISOString(), again, failing });
}
