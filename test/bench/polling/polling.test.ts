import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../lib/time.ts';
import { clairvoyantRequests } from './clairvoyant.ts';
import { compare } from './compare.ts';
import { drawing } from './picture.ts';
import { brokenPromises, medians } from './promises.ts';
import type { Polled } from './score.ts';
import { sharingMessages } from './sharing.ts';
import { makeTrace, periodOf, type Traced } from './trace.ts';

const period = periodOf({ warmUpMs: 6 * HOUR_MS, measuredMs: 3 * HOUR_MS });

describe('the polling benchmark', () => {
  it('scores everybody over the same calls, and loses none of them', async () => {
    const seen: string[] = [];
    const compared = await compare(2, { connections: 20, period }, (name) => seen.push(name));
    const { fixed60, callwire, callwireWithHints, uniformSameBudget, fullRepoll60 } = compared;

    for (const one of [fixed60, callwire, callwireWithHints, uniformSameBudget, fullRepoll60]) {
      expect(one.finalSeen).toBe(1);
    }
    expect(callwire.lateUpdatesSeen).toBe(1);
    expect(callwire.sweepRequestsPerFinalCall).toBeGreaterThan(0);
    expect(fixed60.delaySeconds.p95).toBeLessThan(60);
    expect(callwire.requestsPerFinalCall).toBeLessThan(fixed60.requestsPerFinalCall / 3);
    expect(callwire.delaySeconds.mean).toBeLessThan(uniformSameBudget.delaySeconds.mean);
    expect(callwireWithHints.delaySeconds.p50).toBe(3);
    expect(seen).toHaveLength(40);

    const median = medians([compared]);
    expect(drawing(median)).toContain('Callwire with webhooks');
    expect(brokenPromises(median).join()).not.toContain('sees every');
  });

  it('gives the same calls for the same seed, and others for another', () => {
    const calls = (seed: number) => makeTrace(seed, 3, period).map((traced) => traced.calls);

    expect(calls(7)).toEqual(calls(7));
    expect(calls(7)).not.toEqual(calls(8));
  });
});

describe('polls that share a message', () => {
  const second = (count: number) => period.start + count * 1000;
  const watched = (polls: Polled[], seenAt: number | undefined) => ({
    requests: 0,
    detailRequests: 0,
    sweepRequests: 0,
    polls,
    finalSeenAt: [seenAt],
    updateSeenAt: [],
  });
  const seenBy = (...ones: ReturnType<typeof watched>[]) =>
    sharingMessages(ones).map(({ finalSeenAt }) => finalSeenAt[0]);

  it('wait for the last that is due before one of them may wait no longer', () => {
    const seen = seenBy(
      watched([{ at: second(1), by: second(5) }], second(1)),
      watched([{ at: second(4), by: second(30) }], second(4)),
      watched([{ at: second(6), by: second(9) }], second(6)),
    );

    expect(seen).toEqual([second(4), second(4), second(6)]);
  });

  it('are those of one minute, and what was seen otherwise stays when it was seen', () => {
    const seen = seenBy(
      watched([{ at: second(59), by: second(70) }], second(59)),
      watched([{ at: second(60), by: second(70) }], second(3)),
      watched([{ at: second(61), by: second(70) }], undefined),
    );

    expect(seen).toEqual([second(59), second(3), undefined]);
  });
});

describe('the clairvoyant', () => {
  const endsAt = (...seconds: number[]): Traced => ({
    id: 'a',
    perDay: 1,
    calls: seconds.map((second, index) => ({
      id: `${index}`,
      createdAt: period.from,
      endedAt: period.from + second * 1000,
      updatedAt: period.from + second * 1000,
    })),
  });

  it('asks once for all ends that one request can show in time', () => {
    expect(clairvoyantRequests([endsAt(0, 30, 60, 61, 200)], period, 60)).toBe(3 / 5);
  });

  it('needs another request for what one page has no room for', () => {
    const ends = Array.from({ length: 101 }, () => 5);

    expect(clairvoyantRequests([endsAt(...ends)], period, 60)).toBe(2 / 101);
  });
});
