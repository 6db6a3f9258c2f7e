import { SECOND_MS } from '../../../lib/time.ts';
import { BASELINES, type Strategy, untilKnown, watch } from './baselines.ts';
import { type Contestant, HINTS, watchWithCallwire } from './callwire.ts';
import { clairvoyantRequests } from './clairvoyant.ts';
import { type Score, score, type Watched } from './score.ts';
import { sharingMessages } from './sharing.ts';
import { makeTrace, type Period, type Traced } from './trace.ts';

/** As shipped: an operator who writes nothing about polling gets this. */
export const CALLWIRE: Contestant = { poll: {} };

/** What the documentation advises where a provider tells of ends by itself: polls only catch what it forgets. */
export const CALLWIRE_WITH_HINTS: Contestant = {
  poll: { every: '2m', max: '1h', patience: '20m' },
  hints: HINTS,
};

export interface Compared {
  readonly seed: number;
  readonly fixed60: Score;
  readonly callwire: Score;
  readonly callwireWithHints: Score;
  readonly uniformSameBudget: Score;
  readonly fullRepoll60: Score;
  readonly firstPage60: Score;
  readonly cursor24h: Score;
  readonly cursor1h: Score;
  /** List requests of ours, sweeps counted, over the fewest that keep our p95: of somebody who knows the future. */
  readonly clairvoyantRatio: number;
}

export interface Scale {
  readonly connections: number;
  readonly period: Period;
}

/** Called after each connection, so that a long run can be followed. */
export type Progress = (contestant: string, done: number, of: number) => void;

async function production(
  name: string,
  contestant: Contestant,
  trace: readonly Traced[],
  period: Period,
  progress: Progress,
): Promise<Watched[]> {
  const watched: Watched[] = [];
  for (const traced of trace) {
    watched.push(await watchWithCallwire(traced, contestant, period));
    progress(name, watched.length, trace.length);
  }
  return sharingMessages(watched);
}

const allRequests = (watched: readonly Watched[]): number =>
  watched.reduce(
    (sum, { requests, detailRequests, sweepRequests }) =>
      sum + requests + detailRequests + sweepRequests,
    0,
  );

/** So close to the budget is the same. */
const SAME = 0.005;

/**
 * One interval for all, such that everybody together asks as often as we do, sweeps and all. Busy
 * connections take several requests a poll, so the interval is found by trying.
 */
function uniform(trace: readonly Traced[], period: Period, budget: number): Watched[] {
  let everyMs = ((period.to - period.from) * trace.length) / Math.max(1, budget);
  for (let tries = 1; ; tries += 1) {
    const strategy = untilKnown(Math.max(1, Math.round(everyMs / SECOND_MS)) * SECOND_MS);
    const watched = trace.map((traced, index) => watch(traced, index, strategy, period));
    const share = allRequests(watched) / Math.max(1, budget);
    if (Math.abs(share - 1) < SAME || tries === 8) return watched;
    everyMs *= share;
  }
}

/** All contestants over the same calls. */
export async function compare(
  seed: number,
  { connections, period }: Scale,
  progress: Progress,
): Promise<Compared> {
  const trace = makeTrace(seed, connections, period);
  const simple = (strategy: Strategy): Score =>
    score(
      period,
      trace,
      trace.map((traced, index) => watch(traced, index, strategy, period)),
    );
  const ours = await production('callwire', CALLWIRE, trace, period, progress);
  const hinted = await production(
    'callwireWithHints',
    CALLWIRE_WITH_HINTS,
    trace,
    period,
    progress,
  );
  const callwire = score(period, trace, ours);
  const atOurP95 = clairvoyantRequests(trace, period, callwire.delaySeconds.p95);
  const requests = callwire.requestsPerFinalCall + callwire.sweepRequestsPerFinalCall;
  return {
    seed,
    fixed60: simple(BASELINES.fixed60),
    callwire,
    callwireWithHints: score(period, trace, hinted),
    uniformSameBudget: score(period, trace, uniform(trace, period, allRequests(ours))),
    fullRepoll60: simple(BASELINES.fullRepoll60),
    firstPage60: simple(BASELINES.firstPage60),
    cursor24h: simple(BASELINES.cursor24h),
    cursor1h: simple(BASELINES.cursor1h),
    clairvoyantRatio: Number((requests / atOurP95).toFixed(2)),
  };
}
