import type { Random } from '../../lib/local/simulators/random.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import type { Faults } from './faults.ts';
import { type Plan, START } from './plan.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { UNKNOWN_FINAL, type Wire } from './wire/wire.ts';

export type Order = 'newest first' | 'oldest first' | 'shuffled' | 'another field';

/** What is odd about a provider from the first request to the last. */
export interface Habits {
  readonly order: Order;
  readonly pageSize: number;
  readonly unstableTies: boolean;
  /** Undefined: no count is told. */
  readonly countTooHighBy: number | undefined;
  readonly signsLinks: boolean;
  /** How long an answer takes, at most. */
  readonly latencyMs: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What an operator writes of a connection. */
export interface Written {
  readonly id: string;
  readonly provider: string;
  readonly key: string;
  readonly poll: { readonly every: string; readonly max: string };
  readonly firstRun: 'baseline' | 'all' | { readonly since: string };
  readonly maxCallAge: string;
  readonly statusOverrides: Readonly<Record<string, string>>;
}

/** One account at a provider: its calls, its habits, its bad hours, and how we poll it. */
export interface SimConnection {
  readonly id: string;
  readonly wire: Wire;
  readonly traffic: Traffic;
  readonly habits: Habits;
  readonly maxCallAgeMs: number;
  readonly outage: Span | undefined;
  readonly refusal: Span | undefined;
  /** As deployed now; a redeploy writes another. */
  written: Written;
  /** Since when a deployed override gives the unknown word of an end a meaning. */
  knownFrom: number;
}

const ORDER_FAULTS = {
  'oldest first': 'order: oldest first',
  shuffled: 'order: shuffled',
  'another field': 'order: another field',
} as const;

function drawOrder({ provider }: Wire, faults: Faults, random: Random): Order {
  // It does what it was asked for.
  if (provider === 'samva') return 'newest first';
  const odd = (['oldest first', 'shuffled', 'another field'] as const).filter((order) =>
    faults.has(ORDER_FAULTS[order]),
  );
  const [first, ...rest] = random.shuffle(odd);
  return first && random.next() < 0.7 ? random.pick([first, ...rest]) : 'newest first';
}

function drawHabits(wire: Wire, faults: Faults, random: Random): Habits {
  const likely = (kind: Parameters<Faults['has']>[0], chance: number) =>
    faults.has(kind) && random.next() < chance;
  const isSmall = wire.mayShortenPages && likely('pages: small', 0.8);
  const isCountMissing = wire.provider === 'solum' && likely('count: missing', 0.8);
  const isCountHigh = wire.provider === 'hamsa' && likely('count: too high', 0.6);
  const signsLinks = wire.provider !== 'solum' && likely('links: signed anew at each read', 0.8);
  // Many pages that are slow as well cannot be read in the time of one poll.
  const isSlow = !isSmall && likely('provider: slow', 0.3);
  if (isSlow) faults.hit('provider: slow');
  return {
    order: drawOrder(wire, faults, random),
    // With pages smaller still, no poll would have the time for the open calls of a busy day.
    pageSize: isSmall ? 8 + Math.floor(random.next() * 10) : 200,
    unstableTies: likely('ties: another order at each read', 0.8),
    countTooHighBy: isCountMissing ? undefined : isCountHigh ? 170 : 0,
    signsLinks,
    latencyMs: isSlow ? 12_000 : 600,
  };
}

function drawSkew(faults: Faults, random: Random): number {
  const ahead = faults.has('clock: ahead') && random.next() < 0.4;
  const behind = !ahead && faults.has('clock: behind') && random.next() < 0.4;
  if (ahead) faults.hit('clock: ahead');
  if (behind) faults.hit('clock: behind');
  return ahead || behind ? Math.round((ahead ? 1 : -1) * random.between(0.5, 9) * MINUTE_MS) : 0;
}

const drawFirstRun = (random: Random): Written['firstRun'] => {
  const draw = random.next();
  if (draw < 0.7) return 'baseline';
  return draw < 0.85 ? 'all' : { since: new Date(START - 6 * HOUR_MS).toISOString() };
};

const drawSpan = (random: Random, { calmFrom }: Plan, lengthMs: number): Span => {
  const from = random.between(START, calmFrom - lengthMs);
  return { from, to: from + lengthMs };
};

/** Lists without a filter are read whole, so they are polled less often, here as by anybody. */
export function pollMinutes(
  { hasWindow }: Wire,
  { pollSpread }: Plan,
  random: Random,
): Written['poll'] {
  const minutes = hasWindow ? random.between(7, 15) : random.between(11, 22);
  const every = Math.round(pollSpread * minutes);
  return { every: `${every}m`, max: `${every * random.pick([1, 2, 2])}m` };
}

export function createConnection(
  wire: Wire,
  id: string,
  plan: Plan,
  faults: Faults,
  random: Random,
): SimConnection {
  const maxCallAgeMs = (faults.has('call: open for too long') ? 5 : 24) * HOUR_MS;
  const likely = (kind: Parameters<Faults['has']>[0]) => faults.has(kind) && random.next() < 0.4;
  return {
    id,
    wire,
    habits: drawHabits(wire, faults, random),
    maxCallAgeMs,
    traffic: createTraffic({
      connection: id,
      plan,
      skewMs: drawSkew(faults, random),
      faults,
      random,
      count: 50 + Math.floor(random.next() * 6),
      maxCallAgeMs,
      hasWindow: wire.hasWindow,
      mayLackTimes: wire.provider === 'samva',
      mayErr: wire.detail !== undefined,
    }),
    outage: likely('outage of six hours') ? drawSpan(random, plan, 6 * HOUR_MS) : undefined,
    refusal: likely('key refused for a while')
      ? drawSpan(random, plan, random.between(20, 120) * MINUTE_MS)
      : undefined,
    written: {
      id,
      provider: wire.provider,
      key: `env:${id.replaceAll('-', '_').toUpperCase()}`,
      poll: pollMinutes(wire, plan, random),
      firstRun: drawFirstRun(random),
      maxCallAge: `${maxCallAgeMs / HOUR_MS}h`,
      statusOverrides: {},
    },
    knownFrom: Number.POSITIVE_INFINITY,
  };
}

/** The overrides that give the unknown word of an end its meaning. */
export const OVERRIDES: Written['statusOverrides'] = { [UNKNOWN_FINAL]: 'completed' };
