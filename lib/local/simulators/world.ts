import { type Agent, agents, type Caller, createCallers, drawNumber, topics } from './people.ts';
import { createRandom, type Random } from './random.ts';

/** The ways a simulated call ends, in no provider's vocabulary. */
export type Ending = 'completed' | 'forwarded' | 'no_answer' | 'failed' | 'terminated';

/** Everything that will ever be true of a call. What is true *by now* is `stateOf`. Times are epoch ms. */
export interface WorldCall {
  readonly id: string;
  readonly agent: Agent;
  readonly caller: Caller;
  /** The number that the agent answers or calls from; null when the provider does not say. */
  readonly agentNumber: string | null;
  readonly topic: string;
  readonly createdAt: number;
  /** Null: nobody ever spoke. */
  readonly answeredAt: number | null;
  readonly endedAt: number;
  readonly ending: Ending;
  /** When the fields that arrive late do; null: never. */
  readonly titledAt: number | null;
  readonly recordedAt: number | null;
  readonly analysedAt: number | null;
}

/** What a provider knows of a call at one moment. */
export interface CallState {
  readonly phase: 'queued' | 'in_progress' | Ending;
  readonly isFinal: boolean;
  /** Seconds of conversation; null until the call has ended. */
  readonly durationSeconds: number | null;
  readonly hasTitle: boolean;
  readonly hasRecording: boolean;
  readonly hasAnalysis: boolean;
  /** The last change until that moment, epoch ms. */
  readonly updatedAt: number;
}

export interface WorldOptions {
  readonly seed: number;
  /** Milliseconds since the epoch; decides what has happened by now. */
  readonly now: () => number;
  /** Default 40: every ending is seen within 30 seconds. 0: calls begin by `spawn` only. */
  readonly callsPerMinute?: number;
  /** How many calls ended during the day before the start. Default 0. */
  readonly history?: number;
  /** Shortest and longest life of a call that begins after the start. Default 3 to 20. */
  readonly lifetimeSeconds?: readonly [min: number, max: number];
  /** How long after the end title, recording and analysis appear. Default 1 to 4. */
  readonly enrichSeconds?: readonly [min: number, max: number];
}

/** Traffic that goes on by itself: nothing runs, asking is what makes it happen. */
export interface World {
  /** World time: the injected clock, until `freeze`. */
  time(): number;
  /** The injected clock, which goes on when the world stands still. */
  clock(): number;
  /** Every call that exists by now, in order of creation except for those spawned with another time. */
  calls(): readonly WorldCall[];
  /** Begins one more call now, or as `given` says. */
  spawn(given?: Partial<WorldCall>): WorldCall;
  /** Nothing begins, ends or changes from now on, so that what was announced can be compared at leisure. */
  freeze(): void;
  isFrozen(): boolean;
}

// Half of what happens is ordinary, and every other ending comes once a round.
const ROUND: readonly Ending[] = [
  'completed',
  'completed',
  'completed',
  'completed',
  'forwarded',
  'no_answer',
  'failed',
  'terminated',
];

// The part of the range of lifetimes an ending draws from: nobody lets it ring as long as they talk.
const SHARE_OF_LIFETIME: Record<Ending, number> = {
  completed: 1,
  forwarded: 0.5,
  no_answer: 0.4,
  failed: 0.4,
  terminated: 0.6,
};

const DAY_MS = 86_400_000;
const HISTORY_LIFETIME_SECONDS = [20, 300] as const;
// History is over and enriched before the first request.
const HISTORY_MIN_AGE_MS = 400_000;

/** Creates a world whose calls are a function of the seed and whose state is a function of the clock. */
export function createWorld({
  seed,
  now,
  callsPerMinute = 40,
  history = 0,
  lifetimeSeconds = [3, 20],
  enrichSeconds = [1, 4],
}: WorldOptions): World {
  const start = now();
  const arrivals = createRandom(seed);
  const deal = createDealer(createRandom(seed + 1), enrichSeconds);
  // Its own chance, so that spawning does not change the calls that come by themselves.
  const dealSpawned = createDealer(createRandom(seed + 2), enrichSeconds);
  const spawned: WorldCall[] = [];
  const past = Array.from({ length: history }, () =>
    deal(start - arrivals.between(HISTORY_MIN_AGE_MS, DAY_MS), HISTORY_LIFETIME_SECONDS),
  );
  const arrived = past.toSorted((a, b) => a.createdAt - b.createdAt);
  let frozenAt: number | undefined;
  let nextArrival = callsPerMinute > 0 ? start : Number.POSITIVE_INFINITY;

  function time(): number {
    return frozenAt ?? now();
  }

  return {
    time,
    clock: now,
    calls() {
      while (nextArrival <= time()) {
        arrived.push(deal(nextArrival, lifetimeSeconds));
        nextArrival += (60_000 / callsPerMinute) * arrivals.between(0.5, 1.5);
      }
      return [...arrived, ...spawned.filter(({ createdAt }) => createdAt <= time())];
    },
    spawn(given = {}) {
      const call = { ...dealSpawned(given.createdAt ?? time(), lifetimeSeconds), ...given };
      spawned.push(call);
      return call;
    },
    freeze() {
      frozenAt ??= now();
    },
    isFrozen: () => frozenAt !== undefined,
  };
}

/** What is known of a call at a moment. Pure. */
export function stateOf(call: WorldCall, at: number): CallState {
  const hasBegun = (moment: number | null): moment is number => moment !== null && moment <= at;
  const isFinal = hasBegun(call.endedAt);
  const openPhase = hasBegun(call.answeredAt) ? 'in_progress' : 'queued';
  const changes = [call.answeredAt, call.endedAt, call.titledAt, call.recordedAt, call.analysedAt];
  return {
    phase: isFinal ? call.ending : openPhase,
    isFinal,
    durationSeconds: isFinal
      ? Math.round((call.endedAt - (call.answeredAt ?? call.endedAt)) / 1000)
      : null,
    hasTitle: hasBegun(call.titledAt),
    hasRecording: hasBegun(call.recordedAt),
    hasAnalysis: hasBegun(call.analysedAt),
    updatedAt: Math.max(call.createdAt, ...changes.filter(hasBegun)),
  };
}

function createDealer(
  random: Random,
  enrichSeconds: readonly [number, number],
): (createdAt: number, lifetimeSeconds: readonly [number, number]) => WorldCall {
  const drawCaller = createCallers(random);
  let round: Ending[] = [];

  return (createdAt, [shortest, longest]) => {
    if (round.length === 0) round = random.shuffle(ROUND);
    const ending = round.pop() ?? 'completed';
    const range = (longest - shortest) * SHARE_OF_LIFETIME[ending];
    const lifetimeMs = 1000 * (shortest + random.next() * range);
    const wasAnswered = ending !== 'no_answer' && !(ending === 'failed' && random.next() < 0.5);
    const begin = Math.floor(createdAt);
    const endedAt = Math.round(begin + lifetimeMs);
    const late = () => Math.round(endedAt + 1000 * random.between(...enrichSeconds));
    return {
      id: random.uuid(),
      agent: random.pick(agents),
      caller: drawCaller(),
      agentNumber: drawNumber(random),
      topic: random.pick(topics),
      createdAt: begin,
      answeredAt: wasAnswered ? Math.round(begin + lifetimeMs * random.between(0.1, 0.3)) : null,
      endedAt,
      ending,
      titledAt: wasAnswered ? late() : null,
      recordedAt: wasAnswered ? late() : null,
      analysedAt: wasAnswered ? late() : null,
    };
  };
}
