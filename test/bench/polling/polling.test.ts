import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../lib/time.ts';
import { clairvoyantRequests } from './clairvoyant.ts';
import { compare } from './compare.ts';
import { drawing } from './picture.ts';
import { brokenPromises, medians } from './promises.ts';
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
