import { isMeasured, type Period, type Traced } from './trace.ts';

/** A poll: when it was due, and by when it had to be made. */
export interface Polled {
  readonly at: number;
  readonly by: number;
}

/** What one contestant did with one connection: requests of the measured time, and when it knew. */
export interface Watched {
  readonly requests: number;
  readonly detailRequests: number;
  readonly sweepRequests: number;
  /** Where they may have to wait for others. */
  readonly polls: readonly Polled[];
  /** By index of the call, in epoch milliseconds; undefined: never. */
  readonly finalSeenAt: readonly (number | undefined)[];
  readonly updateSeenAt: readonly (number | undefined)[];
}

export interface Score {
  readonly requestsPerFinalCall: number;
  readonly detailRequestsPerFinalCall: number;
  readonly sweepRequestsPerFinalCall: number;
  readonly delaySeconds: {
    readonly mean: number;
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
  };
  /** Shares, from 0 to 1. */
  readonly finalSeen: number;
  readonly lateUpdatesSeen: number;
}

const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Scores a contestant over the calls that ended in the measured time. */
export function score(
  period: Period,
  trace: readonly Traced[],
  watched: readonly Watched[],
): Score {
  const delays: number[] = [];
  let finals = 0;
  let updates = 0;
  for (const [index, { calls }] of trace.entries()) {
    const { finalSeenAt, updateSeenAt } = watched[index] ?? {};
    for (const [at, call] of calls.entries()) {
      if (!isMeasured(period, call.endedAt)) continue;
      finals += 1;
      const seenAt = finalSeenAt?.[at];
      if (seenAt !== undefined) delays.push((seenAt - call.endedAt) / 1000);
      if (updateSeenAt?.[at] !== undefined) updates += 1;
    }
  }
  delays.sort((a, b) => a - b);
  const perFinal = (key: 'requests' | 'detailRequests' | 'sweepRequests') =>
    round(watched.reduce((sum, one) => sum + one[key], 0) / Math.max(1, finals), 4);
  return {
    requestsPerFinalCall: perFinal('requests'),
    detailRequestsPerFinalCall: perFinal('detailRequests'),
    sweepRequestsPerFinalCall: perFinal('sweepRequests'),
    delaySeconds: {
      mean: round(delays.reduce((sum, delay) => sum + delay, 0) / Math.max(1, delays.length)),
      p50: round(quantile(delays, 0.5)),
      p95: round(quantile(delays, 0.95)),
      p99: round(quantile(delays, 0.99)),
    },
    finalSeen: finals === 0 ? 1 : delays.length / finals,
    lateUpdatesSeen: finals === 0 ? 1 : updates / finals,
  };
}
