import { createRandom, type Random } from '../../../lib/local/simulators/random.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../lib/time.ts';

/** One call as its provider knows it; instants in epoch milliseconds. */
export interface TraceCall {
  readonly id: string;
  readonly createdAt: number;
  readonly endedAt: number;
  /** When its summary came, after its end. */
  readonly updatedAt: number;
}

/** A connection and everything that ever happens there, oldest call first. */
export interface Traced {
  readonly id: string;
  readonly perDay: number;
  readonly calls: readonly TraceCall[];
}

/**
 * A warm-up, then the time that counts, then long enough for everything to have come; and a day of calls
 * after the time that counts, in which the list is swept once more.
 */
export interface Period {
  readonly start: number;
  readonly from: number;
  readonly to: number;
  readonly end: number;
  readonly sweptUntil: number;
}

/** Longer than the latest update after the end of a call, and than any wait between two polls. */
const AFTERWARDS_MS = 3 * HOUR_MS;

export function periodOf({ warmUpMs, measuredMs }: { warmUpMs: number; measuredMs: number }) {
  const start = Date.UTC(2026, 10, 17);
  const from = start + warmUpMs;
  const to = from + measuredMs;
  return { start, from, to, end: to + AFTERWARDS_MS, sweptUntil: to + DAY_MS } satisfies Period;
}

export const isMeasured = ({ from, to }: Period, at: number): boolean => at >= from && at < to;

const gauss = ({ next }: Random): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

const lognormal = (random: Random, median: number, sigma: number): number =>
  median * Math.exp(sigma * gauss(random));

/** How much busier than on average the busiest hour is; the quietest is as much quieter. */
const SWING = 0.85;

/** The busiest hour, UTC, of the connections: some are further east than others. */
const PEAK_HOURS = [10, 18] as const;

function updateAfterMs(random: Random): number {
  const isLate = random.next() < 0.05;
  return isLate
    ? random.between(10 * MINUTE_MS, 2 * HOUR_MS)
    : random.between(20 * SECOND_MS, MINUTE_MS);
}

function traceConnection(id: string, random: Random, { start, sweptUntil }: Period): Traced {
  const perDay = lognormal(random, 30, 1.8);
  const peak = random.between(...PEAK_HOURS) * HOUR_MS;
  const calls: TraceCall[] = [];
  const highest = (perDay / DAY_MS) * (1 + SWING);
  // A Poisson process by thinning: candidates at the highest rate, kept as often as the hour deserves.
  for (let at = start; ; ) {
    at += -Math.log(1 - random.next()) / highest;
    if (at >= sweptUntil) break;
    const share = 1 + SWING * Math.cos((2 * Math.PI * (at - peak)) / DAY_MS);
    if (random.next() * (1 + SWING) > share) continue;
    const createdAt = Math.floor(at);
    const lengthMs = Math.max(SECOND_MS, lognormal(random, 110, 0.9) * SECOND_MS);
    const endedAt = Math.floor(createdAt + lengthMs);
    const updatedAt = Math.floor(endedAt + updateAfterMs(random));
    calls.push({ id: `${id}-${calls.length}`, createdAt, endedAt, updatedAt });
  }
  return { id, perDay, calls };
}

/**
 * The same calls for all contestants: rates as uneven as those of real accounts (a few have most of
 * the calls), by the time of day, and summaries that come after the end, one in twenty much later.
 */
export function makeTrace(seed: number, connections: number, period: Period): Traced[] {
  return Array.from({ length: connections }, (_, index) =>
    traceConnection(`c${index}`, createRandom(seed * 100_003 + index), period),
  );
}

/** How many calls of a connection the list shows at an instant. */
export function visibleAt(calls: readonly TraceCall[], at: number): number {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((calls[middle]?.createdAt ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
