import type { Compared } from './compare.ts';
import type { Score } from './score.ts';

/** Everybody who was scored, by the names of the result. */
export type Name = Exclude<keyof Compared, 'seed' | 'clairvoyantRatio'>;

export interface Medians {
  readonly scores: Readonly<Record<Name, Score>>;
  readonly clairvoyantRatio: number;
  readonly fewerThanFixed60: number;
  readonly soonerThanUniform: number;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [upper = Number.NaN, lower = upper] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}

function medianScore(scores: readonly Score[]): Score {
  const of = (read: (score: Score) => number) => medianOf(scores.map(read));
  return {
    requestsPerFinalCall: of((one) => one.requestsPerFinalCall),
    detailRequestsPerFinalCall: of((one) => one.detailRequestsPerFinalCall),
    sweepRequestsPerFinalCall: of((one) => one.sweepRequestsPerFinalCall),
    delaySeconds: {
      mean: of((one) => one.delaySeconds.mean),
      p50: of((one) => one.delaySeconds.p50),
      p95: of((one) => one.delaySeconds.p95),
      p99: of((one) => one.delaySeconds.p99),
    },
    finalSeen: of((one) => one.finalSeen),
    lateUpdatesSeen: of((one) => one.lateUpdatesSeen),
  };
}

/** The median of each figure over the seeds. */
export function medians(seeds: readonly Compared[]): Medians {
  const scoreOf = (name: Name) => medianScore(seeds.map((seed) => seed[name]));
  const scores = {
    fullRepoll60: scoreOf('fullRepoll60'),
    cursor24h: scoreOf('cursor24h'),
    firstPage60: scoreOf('firstPage60'),
    fixed60: scoreOf('fixed60'),
    cursor1h: scoreOf('cursor1h'),
    uniformSameBudget: scoreOf('uniformSameBudget'),
    callwire: scoreOf('callwire'),
    callwireWithHints: scoreOf('callwireWithHints'),
  };
  return {
    scores,
    clairvoyantRatio: medianOf(seeds.map((seed) => seed.clairvoyantRatio)),
    fewerThanFixed60: medianOf(
      seeds.map(
        ({ fixed60, callwire }) =>
          fixed60.requestsPerFinalCall /
          (callwire.requestsPerFinalCall + callwire.sweepRequestsPerFinalCall),
      ),
    ),
    soonerThanUniform: medianOf(
      seeds.map(
        ({ uniformSameBudget, callwire }) =>
          uniformSameBudget.delaySeconds.mean / callwire.delaySeconds.mean,
      ),
    ),
  };
}

/** What Callwire promises and these medians do not keep, in words. */
export function brokenPromises(median: Medians): string[] {
  const { finalSeen, lateUpdatesSeen, delaySeconds } = median.scores.callwire;
  const promises: [what: string, found: number, isKept: boolean][] = [
    ['sees every final call', finalSeen, finalSeen === 1],
    ['sees every late update', lateUpdatesSeen, lateUpdatesSeen === 1],
    [
      'makes at least 7 times fewer list requests than polling each minute',
      median.fewerThanFixed60,
      median.fewerThanFixed60 >= 7,
    ],
    ['has a p50 of at most 45 s', delaySeconds.p50, delaySeconds.p50 <= 45],
    ['has a p95 of at most 260 s', delaySeconds.p95, delaySeconds.p95 <= 260],
    ['has a p99 of at most 700 s', delaySeconds.p99, delaySeconds.p99 <= 700],
    [
      'is at least 3 times sooner in the mean than a uniform interval',
      median.soonerThanUniform,
      median.soonerThanUniform >= 3,
    ],
    [
      'takes at most 4 times the requests of the clairvoyant',
      median.clairvoyantRatio,
      median.clairvoyantRatio <= 4,
    ],
  ];
  return promises
    .filter(([, , isKept]) => !isKept)
    .map(([what, found]) => `not kept: Callwire ${what} (found ${found})`);
}
