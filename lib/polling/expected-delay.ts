import { DAY_MS, HOUR_MS, SECOND_MS } from '../time.ts';
import { faded, hourOf, LENGTH_BOUNDS, lengthClass, type Pace } from './pace.ts';

/** Before anything is learned, calls are expected at this rate and of these lengths, worth so many calls seen. */
const PRIOR_CALLS = 0.5;
const PRIOR_DAYS = PRIOR_CALLS / 20;
/** Lognormal, median two minutes, σ 1.3, with a little of everything. */
const PRIOR_LENGTHS = [
  0.06, 0.16, 0.43, 0.93, 1.57, 2.01, 1.96, 1.45, 0.82, 0.36, 0.13, 0.05, 0.03, 0.02,
];
/** So many calls, spread evenly over the day, are added to those that were seen at each hour. */
const PRIOR_HOURS = 24;

/**
 * What waiting for the end of a call that is known to be open weighs, against calls that nobody knows
 * of: less, for it ends once, and a poll for its sake may come before. From 1 down to about a half, p95 and
 * p99 fall at the same number of requests and the mean stays (DECISIONS.md).
 */
const OPEN_WEIGHT = 0.65;

const HALF_HOUR_MS = HOUR_MS / 2;
const DAY_SECONDS = DAY_MS / SECOND_MS;

/** Rate of ending, per second, of a call in each class of lengths that has not ended before it. */
function hazards(shares: readonly number[]): (ageSeconds: number) => number {
  let surviving = 1;
  let from = 0;
  const rates = LENGTH_BOUNDS.map((to, index) => {
    const left = Math.max(surviving - (shares[index] ?? 0), 1e-6);
    const rate = Math.log(surviving / left) / (to - from);
    surviving = left;
    from = to;
    return rate;
  });
  // Past all that was ever seen: the older a call has become, the less is known of its end.
  return (age) => rates[lengthClass(age)] ?? 1 / age;
}

/** A length for each class, in seconds: the geometric middle of its bounds. */
const TYPICAL = [2, ...LENGTH_BOUNDS.map((bound) => bound * Math.SQRT2)];

/**
 * Solves `open · x²/2 + rate · Σ share · max(0, x − length)²/2 = worth` for x: how many seconds after a
 * poll the delay that is expected since then has grown to `worth` call-seconds, when known calls end at
 * `open` and unknown ones arrive at `rate` per second. Between two typical lengths it is a quadratic.
 */
function waitFor(worth: number, open: number, rate: number, shares: readonly number[]): number {
  // Coefficients of a·x² − b·x + c.
  let a = open / 2;
  let b = 0;
  let c = 0;
  for (let index = 0; index < shares.length; index += 1) {
    const length = TYPICAL[index] ?? 0;
    if ((a * length - b) * length + c >= worth) break;
    const arriving = ((shares[index] ?? 0) * rate) / 2;
    a += arriving;
    b += 2 * arriving * length;
    c += arriving * length * length;
  }
  return (b + Math.sqrt(Math.max(0, b * b - 4 * a * (c - worth)))) / (2 * a);
}

/** The rate at each hour, relative to that of the whole day; neighbours lend each other what few calls do not tell. */
function dailyShape(hours: readonly number[]): readonly number[] {
  const total = hours.reduce((sum, count) => sum + count, 0);
  const at = (hour: number): number => hours[(hour + hours.length) % hours.length] ?? 0;
  return hours.map((count, hour) => {
    const smooth = count / 2 + (at(hour - 1) + at(hour + 1)) / 4;
    return (smooth * hours.length + PRIOR_HOURS) / (total + PRIOR_HOURS);
  });
}

/** What is known of a connection since its last change. */
export interface Known {
  readonly pace: Pace;
  readonly lastChangeAt: string;
  readonly open: readonly { readonly since: string }[];
}

/** The share of each class among lengths, as far as is known. */
function lengthShares({ lengths }: Pace): number[] {
  const weights = lengths.map((count, index) => count + (PRIOR_LENGTHS[index] ?? 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** How many calls come per second at an instant, where nothing was seen since the last change. */
function arrivals({ pace, lastChangeAt }: Known): (at: number) => number {
  const since = Date.parse(lastChangeAt);
  const shape = dailyShape(pace.hours);
  return (at) => {
    const { calls, days } = faded(pace, at - since);
    const perDay = (calls + PRIOR_CALLS) / (days + PRIOR_DAYS);
    // Between the middles of two hours, along a line.
    const before = shape[hourOf(at - HALF_HOUR_MS)] ?? 1;
    const after = shape[hourOf(at + HALF_HOUR_MS)] ?? 1;
    const part = ((at + HALF_HOUR_MS) % HOUR_MS) / HOUR_MS;
    return (perDay * (before * (1 - part) + after * part)) / DAY_SECONDS;
  };
}

/** The share of calls that last longer than so many seconds. */
const longerThan =
  (shares: readonly number[]) =>
  (seconds: number): number => {
    const own = lengthClass(seconds);
    const [from, to] = [LENGTH_BOUNDS[own - 1] ?? 0, LENGTH_BOUNDS[own] ?? 2 * seconds];
    const longer = shares.slice(own + 1).reduce((sum, share) => sum + share, 0);
    return longer + ((shares[own] ?? 0) * (to - seconds)) / (to - from);
  };

/** What is to be expected of a connection's calls, where nothing was seen since the last change. */
export interface Outlook {
  /** How many come per second at an instant in epoch milliseconds. */
  rateAt(at: number): number;
  /** The share of them that last longer than so many seconds. */
  longerThan(seconds: number): number;
  /** How many of those that are open at an age in seconds end then, per second. */
  endingAt(seconds: number): number;
}

export function outlookOf(known: Known): Outlook {
  const shares = lengthShares(known.pace);
  return {
    rateAt: arrivals(known),
    longerThan: longerThan(shares),
    endingAt: hazards(shares),
  };
}

/**
 * For what is known of a connection and nothing seen since: how long to wait at an instant, in seconds,
 * until the calls that may have ended unseen are worth `worth` call-seconds of delay.
 *
 * A call in progress ends at the hazard of its age, a call that nobody has seen must come first and
 * then last its time; rates fade while nothing comes. For a steady rate this is the best there is: at
 * interval x a request buys off `rate · x²/2`, and cost per second is least where that is its price.
 */
export function expectedWait(known: Known, worth: number): (at: number) => number {
  const shares = lengthShares(known.pace);
  const endingAt = hazards(shares);
  const rateAt = arrivals(known);
  const created = known.open.map((call) => Date.parse(call.since));

  return (at) => {
    let ending = 0;
    for (const start of created) ending += endingAt(Math.max(1, (at - start) / SECOND_MS));
    return waitFor(worth, OPEN_WEIGHT * ending, rateAt(at), shares);
  };
}
