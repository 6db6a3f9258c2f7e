import * as z from 'zod';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../time.ts';

/** Calls shorter than each of these, in seconds, are a class of lengths; what is longer is the last. */
export const LENGTH_BOUNDS: readonly number[] = Array.from({ length: 13 }, (_, i) => 4 * 2 ** i);

/** Half of a count is forgotten in this time: long enough for a slow connection, short enough for a new week. */
const HALF_LIFE_DAYS = 1;

/** How many calls lengths are learned from: past it their counts are halved, so that the newest weigh most. */
const MAX_LENGTHS = 200;

/** What is known of the hours is halved each week, and where a count would become longer than four digits. */
const WEEK_MS = 7 * DAY_MS;
const MAX_PER_HOUR = 9_999;

const HOURS = 24;

/** What has been watched for no time at all has been watched. */
const MIN_DAYS = 1e-6;

const countsSchema = (length: number) => z.array(z.int().nonnegative()).length(length);

/**
 * What a connection has taught about its calls, as of its last change: how many come, at which hours,
 * how long they last, and what asking costs. Small, because it rides along in the hot state; without
 * instants of its own, because its age follows from the clock and an empty poll must write nothing.
 */
export const paceSchema = z.object({
  /** Calls that came while they were counted: the older, the less. */
  calls: z.number().nonnegative(),
  /** The days over which they were counted, aged alike; 0 when nothing was learned yet. */
  days: z.number().nonnegative(),
  /** Calls by class of length, from creation to end. */
  lengths: countsSchema(LENGTH_BOUNDS.length + 1),
  /** Calls by hour of the day, UTC. */
  hours: countsSchema(HOURS),
  /** List requests that a poll usually takes. */
  requests: z.number().min(1),
});
export type Pace = z.infer<typeof paceSchema>;

/** The pace of a connection that nobody has polled. */
export const priorPace: Pace = {
  calls: 0,
  days: 0,
  lengths: LENGTH_BOUNDS.map(() => 0).concat(0),
  hours: Array.from({ length: HOURS }, () => 0),
  requests: 1,
};

/** What one poll found out. */
export interface Learned {
  /** When calls were created that nobody had seen before, in epoch milliseconds. */
  readonly created: number[];
  /** From creation to end, of calls that were seen final for the first time. */
  readonly lengthsMs: number[];
  /** How many calls nobody had seen before, dated or not. */
  firstSeen: number;
}

/** The hour of the day, UTC, of an instant in epoch milliseconds. */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) % HOURS;

/** The class of a length: each bound is twice the one before. */
export const lengthClass = (seconds: number): number =>
  Math.min(LENGTH_BOUNDS.length, Math.max(0, Math.floor(Math.log2(seconds)) - 1));

/** What is left of a count after so much time. */
const fade = (ms: number): number => 2 ** (-ms / (HALF_LIFE_DAYS * DAY_MS));

/** The count and its days, so much time after the last change. */
export function faded({ calls, days }: Pace, ms: number): Pick<Pace, 'calls' | 'days'> {
  const left = fade(ms);
  return { calls: calls * left, days: days * left + (HALF_LIFE_DAYS / Math.LN2) * (1 - left) };
}

/** Six digits: a count that fades by less than its last digit at each poll would never fade. */
const brief = (value: number): number => Number(value.toPrecision(6));

const halved = (counts: readonly number[], times = 1): number[] =>
  counts.map((count) => Math.floor(count / 2 ** times));

/** One more of each of these classes. */
function added(
  counts: readonly number[],
  classes: readonly number[],
  isFull: (counts: readonly number[]) => boolean,
): number[] {
  let next = [...counts];
  for (const index of classes) {
    next[index] = (next[index] ?? 0) + 1;
    if (isFull(next)) next = halved(next);
  }
  return next;
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/**
 * The pace after a poll that changed something. Counts are learned from, not whether there was any
 * change, so a long gap with many calls in it teaches the right rate (Cho and Garcia-Molina,
 * "Estimating frequency of change", 2003: the other estimator is biased).
 *
 * @param since the last change before: the instant that `before` is as of
 */
export function learnPace(
  before: Pace,
  { created, lengthsMs }: Pick<Learned, 'created' | 'lengthsMs'>,
  { since, now, requests }: { since: Date; now: Date; requests: number },
): Pace {
  const [start, end] = [since.getTime(), now.getTime()];
  const aged = faded(before, Math.max(0, end - start));
  // The first poll reads history: how long calls last and when they come, but not over how many days.
  const isFirst = before.days === 0;
  const arrived = isFirst ? 0 : sum(created.map((at) => fade(Math.max(0, end - at))));
  const weeks = Math.max(0, Math.floor(end / WEEK_MS) - Math.floor(start / WEEK_MS));
  return {
    calls: brief(aged.calls + arrived),
    days: brief(Math.max(aged.days, MIN_DAYS)),
    lengths: added(
      before.lengths,
      lengthsMs.map((ms) => lengthClass(ms / SECOND_MS)),
      (counts) => sum(counts) > MAX_LENGTHS,
    ),
    hours: added(halved(before.hours, weeks), created.map(hourOf), (counts) =>
      counts.some((count) => count > MAX_PER_HOUR),
    ),
    // Slowly and by ratios, so that one walk that had to catch up does not make polls look dear.
    requests: isFirst
      ? 1
      : brief(before.requests * (Math.max(1, requests) / before.requests) ** 0.2),
  };
}
