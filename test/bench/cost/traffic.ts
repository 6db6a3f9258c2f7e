import { randomBytes } from 'node:crypto';
import { startHamsa } from '../../../lib/local/simulators/hamsa.ts';
import type {
  ProviderOptions,
  ProviderSimulator,
} from '../../../lib/local/simulators/provider-simulator.ts';
import { createRandom, type Random } from '../../../lib/local/simulators/random.ts';
import { startSamva } from '../../../lib/local/simulators/samva.ts';
import { startVozagent } from '../../../lib/local/simulators/vozagent.ts';
import { createWorld, type World } from '../../../lib/local/simulators/world.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../lib/time.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The mix of providers, and how many accounts of each share the calls. */
const CAST: readonly {
  provider: string;
  accounts: number;
  start(options: ProviderOptions): Promise<ProviderSimulator>;
}[] = [
  { provider: 'hamsa', accounts: 8, start: startHamsa },
  { provider: 'vozagent', accounts: 6, start: startVozagent },
  { provider: 'samva', accounts: 6, start: startSamva },
];

/** About a hundred calls a month at each account: the shape of 10,000 connections that share a million. */
const MEAN_GAP_MS = 7 * HOUR_MS;

/** How calls go: one in five fails, and half of all get late facts after the announcement. */
type Fate = 'failed' | 'late' | 'plain';
const DECK: readonly Fate[] = [
  ...Array<Fate>(2).fill('failed'),
  ...Array<Fate>(5).fill('late'),
  ...Array<Fate>(3).fill('plain'),
];

/** Calls last as in `limits.md` §5.4: lognormal, median 110 s. */
const MEDIAN_CALL_MS = 110 * SECOND_MS;
const CALL_SIGMA = 0.6;

/** When a connection is polled around a call: while it is open, after its end, and when late facts are due. */
const AFTER_START_MS = 25 * SECOND_MS;
const AFTER_END_MS = [12 * SECOND_MS, 35 * SECOND_MS, 6 * MINUTE_MS];

export interface Account {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly world: World;
  readonly simulator: ProviderSimulator;
}

/** One poll of one account, at an instant. */
export interface PlannedPoll {
  readonly at: number;
  readonly account: Account;
}

export interface Traffic {
  readonly accounts: readonly Account[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly polls: readonly PlannedPoll[];
  close(): Promise<void>;
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Fates in the shares of a deck, so that a bill depends on what a call takes and not on who was drawn. */
function* dealtFates(random: Random): Generator<Fate, never> {
  for (;;) yield* random.shuffle(DECK);
}

function spawnCall(world: World, createdAt: number, fate: Fate, random: Random): number {
  const hasFailed = fate === 'failed';
  const isAnswered = !hasFailed || random.next() < 0.4;
  const lengthMs = hasFailed
    ? 30 * SECOND_MS
    : Math.max(40 * SECOND_MS, MEDIAN_CALL_MS * Math.exp(CALL_SIGMA * normal(random)));
  const endedAt = Math.round(createdAt + lengthMs);
  const lateAt = endedAt + (fate === 'late' ? 2 * MINUTE_MS : SECOND_MS);
  const isTold = isAnswered && !hasFailed;
  world.spawn({
    createdAt,
    endedAt,
    ending: hasFailed ? (isAnswered ? 'failed' : 'no_answer') : 'completed',
    answeredAt: isAnswered ? createdAt + 8 * SECOND_MS : null,
    titledAt: isTold ? endedAt : null,
    recordedAt: isTold ? lateAt : null,
    analysedAt: isTold ? lateAt : null,
  });
  return endedAt;
}

/** Accounts at simulated providers, with calls far enough apart that no poll sees two of them change. */
export async function startTraffic(
  clock: VirtualClock,
  { calls, seed }: { calls: number; seed: number },
): Promise<Traffic> {
  const random = createRandom(seed);
  const keys: Record<string, string> = {};
  const accounts: Account[] = [];
  for (const { provider, accounts: count, start } of CAST) {
    for (let index = 0; index < count; index += 1) {
      const id = `${provider}-${index}`;
      const key = randomBytes(12).toString('hex');
      keys[id] = key;
      const world = createWorld({ seed: seed + accounts.length, now: clock.ms, callsPerMinute: 0 });
      const simulator = await start({ key, world });
      const settings = {
        id,
        provider,
        key: `secret:callwire/providers/bench#${id}`,
        baseUrl: simulator.url,
        phoneRegion: 'US',
        firstRun: 'baseline',
      };
      accounts.push({ settings, world, simulator });
    }
  }
  const polls: PlannedPoll[] = [];
  const lastEnds = accounts.map(() => clock.ms());
  const fates = accounts.map(() => dealtFates(random));
  for (let made = 0; made < calls; made += 1) {
    const place = made % accounts.length;
    const account = accounts[place];
    const previous = lastEnds[place];
    const fate = fates[place]?.next().value;
    if (!account || previous === undefined || !fate) continue;
    const gapMs = 15 * MINUTE_MS - MEAN_GAP_MS * Math.log(1 - random.next());
    const createdAt = Math.round(previous + gapMs);
    const endedAt = spawnCall(account.world, createdAt, fate, random);
    lastEnds[place] = endedAt;
    for (const at of [createdAt + AFTER_START_MS, ...AFTER_END_MS.map((ms) => endedAt + ms)]) {
      polls.push({ at, account });
    }
  }
  return {
    accounts,
    secrets: { 'callwire/providers/bench': JSON.stringify(keys) },
    polls: polls.toSorted((a, b) => a.at - b.at),
    close: async () => {
      await Promise.all(accounts.map(({ simulator }) => simulator.close()));
    },
  };
}
