import type { Random } from '../../lib/local/simulators/random.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import type { Faults } from './faults.ts';
import { type Plan, START } from './plan.ts';
import {
  type Ending,
  isFinalPhase,
  type Malformation,
  type SimCall,
  type Version,
} from './sim-call.ts';
import { UNKNOWN_FINAL, UNKNOWN_OPEN } from './wire/wire.ts';

const ENDINGS: readonly [Ending, ...Ending[]] = [
  'completed',
  'completed',
  'completed',
  'forwarded',
  'no_answer',
  'failed',
  'terminated',
];
const MALFORMATIONS: readonly [Malformation, ...Malformation[]] = ['wrong type', 'wrong type'];
const NAMELESS: readonly [Malformation, ...Malformation[]] = ['not an object', 'no id'];

/** How likely a call is odd in a way that its seed has. */
const ODD = 0.08;

export interface TrafficOptions {
  readonly plan: Plan;
  readonly connection: string;
  readonly skewMs: number;
  readonly faults: Faults;
  readonly random: Random;
  /** How many calls begin while the seed lasts. */
  readonly count: number;
  /** From here on a call is announced. */
  readonly maxCallAgeMs: number;
  /** Whether its list has a time filter: without one, its length matters. */
  readonly hasWindow: boolean;
  /** Its times may be left out: not where they are what the list is filtered by. */
  readonly mayLackTimes: boolean;
  /** Its times may be wrong: not where they are all that tells where a call is to be looked for again. */
  readonly mayErr: boolean;
}

/** The calls of one connection, and those that a fault adds. */
export interface Traffic {
  readonly calls: SimCall[];
  /** One more call, which begins at this moment. */
  add(createdAt: number): SimCall;
}

/** Everything that will ever be true of the calls of one connection. */
export function createTraffic(options: TrafficOptions): Traffic {
  const { plan, faults, random, count } = options;
  const calls: SimCall[] = [];
  const minutes = (min: number, max: number) => random.between(min, max) * MINUTE_MS;
  const add = (createdAt: number, lengthMs?: number) => {
    const call = deal(options, calls, Math.floor(createdAt), lengthMs);
    calls.push(call);
    return call;
  };

  const isLong = !options.hasWindow && faults.has('list: long history') && random.next() < 0.5;
  if (isLong) faults.hit('list: long history');
  for (let past = 0; past < (isLong ? 120 : 5); past += 1) {
    add(START - minutes(70, isLong ? 8_000 : 900), minutes(1, 10));
  }
  if (faults.has('call: open at the baseline')) {
    for (const back of [minutes(5, 50), minutes(20, 200)]) {
      add(START - back, back + minutes(10, 120));
      faults.hit('call: open at the baseline');
    }
  }
  const block = (kind: 'call: in a burst' | 'call: one of many open', size: number): number => {
    const begin = random.between(START + HOUR_MS, START + 19 * HOUR_MS);
    const isBurst = kind === 'call: in a burst';
    for (let index = 0; index < size; index += 1) {
      add(begin + minutes(0, isBurst ? 4 : 20), isBurst ? minutes(0.5, 8) : minutes(100, 300));
    }
    faults.hit(kind);
    return size;
  };
  let left = count;
  if (faults.has('call: in a burst') && random.next() < 0.5) {
    left -= block('call: in a burst', 14 + Math.floor(random.next() * 14));
  }
  if (faults.has('call: one of many open') && random.next() < 0.35) {
    left -= block('call: one of many open', 22 + Math.floor(random.next() * 5));
  }
  for (let index = 0; index < left; index += 1) add(random.between(START, plan.lastCallAt));
  return { calls, add };
}

function lengthOf(createdAt: number, { faults, random, maxCallAgeMs }: TrafficOptions): number {
  if (createdAt > START) {
    if (faults.strikes('call: open for too long', ODD / 3)) {
      faults.hit('call: open for too long');
      return random.next() < 0.5
        ? Number.POSITIVE_INFINITY
        : maxCallAgeMs + random.between(0.5, 3) * HOUR_MS;
    }
    if (faults.strikes('call: open for hours', ODD)) {
      faults.hit('call: open for hours');
      return Math.min(random.between(1.2, 7) * HOUR_MS, maxCallAgeMs - 15 * MINUTE_MS);
    }
  }
  return random.between(0.3, 12) * MINUTE_MS;
}

function deal(
  options: TrafficOptions,
  earlier: readonly SimCall[],
  begin: number,
  length: number | undefined,
): SimCall {
  const { plan, connection, skewMs, faults, random, mayLackTimes, mayErr } = options;
  const place = earlier.length;
  const isPast = begin < START;
  const strikes = (...[kind, chance = ODD]: [Parameters<Faults['strikes']>[0], number?]) => {
    const now = !isPast && faults.strikes(kind, chance);
    if (now) faults.hit(kind);
    return now;
  };

  const twin = earlier.findLast(({ createdAt }) => Math.abs(createdAt - begin) < HOUR_MS);
  const hasTwin = twin !== undefined && strikes('call: same time as another', 3 * ODD);
  const createdAt = hasTwin ? twin.createdAt : begin;
  const ending = random.pick(ENDINGS);
  const endedAt = createdAt + Math.round(length ?? lengthOf(createdAt, options));
  const answeredAt =
    ending === 'no_answer'
      ? null
      : createdAt + Math.min(20 * SECOND_MS, Math.round((endedAt - createdAt) / 4));
  const isBlank = mayLackTimes && strikes('call: without a time', ODD / 2);
  // Where it is open for long, nothing would tell where it is to be looked for again.
  const isAhead =
    mayErr &&
    endedAt - createdAt < HOUR_MS &&
    !isBlank &&
    strikes('call: with a time to come', ODD / 3);
  const aheadMs = isAhead ? random.between(1, 60) * HOUR_MS : 0;

  const isLate = strikes('call: listed late');
  // Later than any look-back of hot polls reaches: that is what sweeps are for.
  const isVeryLate = !isLate && plan.hasSweeps && strikes('call: listed hours late', ODD / 2);
  const isShy = !isLate && !isVeryLate && strikes('call: listed only when final');
  const versions = versionsOf({ createdAt, answeredAt, endedAt, ending }, options, isPast);
  const visibleAt = isLate
    ? createdAt + random.between(2, 50) * MINUTE_MS
    : isVeryLate
      ? createdAt + random.between(2, 20) * HOUR_MS
      : isShy
        ? endedAt
        : createdAt + random.between(0, 2) * SECOND_MS;

  return {
    id: `${connection}-${String(place).padStart(4, '0')}`,
    connection,
    place,
    createdAt,
    answeredAt,
    endedAt,
    statedAt: isBlank ? null : createdAt + Math.round(aheadMs) + skewMs,
    skewMs,
    versions,
    visibleAt: Math.round(visibleAt),
    hiddenAt: hiddenAtOf(versions, endedAt, strikes, random),
    malformed: malformationOf(createdAt, strikes, random),
  };
}

type Strikes = (kind: Parameters<Faults['strikes']>[0], chance?: number) => boolean;

function hiddenAtOf(
  versions: readonly Version[],
  endedAt: number,
  strikes: Strikes,
  random: Random,
): number {
  if (strikes('call: deleted while open', ODD / 2)) {
    const opened = versions[0]?.at ?? 0;
    return Math.round(random.between(opened, Math.min(endedAt, opened + 2 * HOUR_MS)));
  }
  if (Number.isFinite(endedAt) && strikes('call: deleted when final')) {
    return Math.round(endedAt + random.between(0, 300) * MINUTE_MS);
  }
  return Number.POSITIVE_INFINITY;
}

function malformationOf(createdAt: number, strikes: Strikes, random: Random): SimCall['malformed'] {
  if (strikes('call: malformed for a while', ODD / 2)) {
    return {
      how: random.pick(MALFORMATIONS),
      until: Math.round(createdAt + random.between(5, 50) * MINUTE_MS),
    };
  }
  if (strikes('call: malformed, with an id', ODD / 2)) {
    return { how: random.pick(MALFORMATIONS), until: Number.POSITIVE_INFINITY };
  }
  if (strikes('call: malformed, without an id', ODD / 2)) {
    return { how: random.pick(NAMELESS), until: Number.POSITIVE_INFINITY };
  }
  return undefined;
}

function versionsOf(
  {
    createdAt,
    answeredAt,
    endedAt,
    ending,
  }: Pick<SimCall, 'createdAt' | 'answeredAt' | 'endedAt'> & { ending: Ending },
  { faults, random }: TrafficOptions,
  isPast: boolean,
): Version[] {
  const strikes = (kind: Parameters<Faults['strikes']>[0], chance = ODD) => {
    const now = !isPast && faults.strikes(kind, chance);
    if (now) faults.hit(kind);
    return now;
  };
  const openWord = strikes('call: unknown word while open') ? UNKNOWN_OPEN : undefined;
  const first: Version = {
    at: createdAt,
    phase: 'queued',
    durationSeconds: null,
    hasSummary: false,
    hasRecording: false,
    word: openWord,
    workflow: 'pending',
  };
  const versions = [first];
  const later = (at: number, change: Partial<Version>) => {
    const last = versions.at(-1) ?? first;
    versions.push({ ...last, ...change, at: Math.max(Math.round(at), last.at + 1) });
  };
  if (answeredAt !== null) later(answeredAt, { phase: 'in_progress' });
  const talkMs = Math.min(endedAt, createdAt + 4 * HOUR_MS) - createdAt;
  if (answeredAt !== null && strikes('call: word flips')) {
    later(createdAt + talkMs * 0.4, { phase: 'queued', workflow: 'follow_up_needed' });
    later(createdAt + talkMs * 0.7, { phase: 'in_progress', workflow: 'pending' });
  }
  if (!Number.isFinite(endedAt)) return versions;

  const isOdd = answeredAt !== null && strikes('call: unknown word at the end');
  // Where the word tells nothing of the end, the instants do: it took place.
  const phase = isOdd ? 'completed' : ending;
  const started = answeredAt ?? endedAt;
  later(endedAt, {
    phase,
    word: isOdd ? UNKNOWN_FINAL : undefined,
    durationSeconds: Math.round((endedAt - started) / SECOND_MS),
  });
  if (answeredAt === null) return versions;
  const afterwards: [number, Partial<Version>][] = [];
  const soon = () => endedAt + random.between(0.1, 20) * MINUTE_MS;
  if (strikes('call: late summary', 4 * ODD)) afterwards.push([soon(), { hasSummary: true }]);
  if (strikes('call: late recording', 4 * ODD)) afterwards.push([soon(), { hasRecording: true }]);
  if (!isOdd && strikes('call: outcome corrected')) {
    const other = ending === 'failed' ? 'completed' : 'failed';
    const at = soon();
    afterwards.push([at, { phase: other }]);
    if (random.next() < 0.3) afterwards.push([at + random.between(1, 20) * MINUTE_MS, { phase }]);
  }
  for (const [at, change] of afterwards.toSorted(([a], [b]) => a - b)) later(at, change);
  return versions;
}

/** The moment from which a call is final for good. */
export const finalFrom = ({ versions }: SimCall): number =>
  versions.find(({ phase }) => isFinalPhase(phase))?.at ?? Number.POSITIVE_INFINITY;
