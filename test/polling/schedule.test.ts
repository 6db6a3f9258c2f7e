import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialState, type PollState } from '../../lib/polling/poll-state.ts';
import { dueInstants, pollInterval } from '../../lib/polling/schedule.ts';
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { connection, NOW } from '../support/calls.ts';

const quietSince = (ms: number, facts: Partial<PollState> = {}): PollState => ({
  ...initialState(connection(), NOW),
  lastChangeAt: addMs(NOW, -ms).toISOString(),
  ...facts,
});

/** Everything due in so many minutes after noon, asked for minute by minute. */
const due = (
  minutes: number,
  settings = connection(),
  state: PollState | undefined = quietSince(0),
) =>
  Array.from({ length: minutes }, (_, minute) =>
    dueInstants(
      settings,
      state,
      addMs(NOW, minute * MINUTE_MS),
      addMs(NOW, (minute + 1) * MINUTE_MS),
    ),
  ).flat();

const anySettings = fc
  .record({
    id: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
    every: fc.constantFrom('1s', '7s', '30s', '1m', '90s', '5m', '24h'),
    maxRequestsPerDay: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
  })
  .map(({ id, every, maxRequestsPerDay }) =>
    connection({ id, poll: { every }, maxRequestsPerDay }),
  );

describe('the interval', () => {
  it('is the shortest while calls are open, details are awaited or something just changed', () => {
    const open = quietSince(DAY_MS, { open: [{ id: 'a', since: NOW.toISOString() }] });
    const enrich = quietSince(DAY_MS, {
      enrich: [{ id: 'a', dueAt: NOW.toISOString(), tries: 1 }],
    });

    for (const state of [undefined, quietSince(0), open, enrich]) {
      expect(pollInterval(connection(), state, NOW)).toBe(MINUTE_MS);
    }
  });

  it('grows with the quiet, by doubling, up to its maximum', () => {
    const interval = (ms: number) => pollInterval(connection(), quietSince(ms), NOW) / MINUTE_MS;

    expect([0, 4, 8, 20, 32, 64, 10_000].map((minutes) => interval(minutes * MINUTE_MS))).toEqual([
      1, 1, 2, 4, 8, 16, 16,
    ]);
  });

  it('keeps within the requests that a day may have', () => {
    expect(pollInterval(connection({ maxRequestsPerDay: 24 }), quietSince(0), NOW)).toBe(HOUR_MS);
  });
});

describe('due instants', () => {
  it('are the same whenever they are asked for, and lie in the minute that was asked for', () => {
    fc.assert(
      fc.property(anySettings, fc.nat(DAY_MS), (settings, quiet) => {
        const [from, to] = [NOW, addMs(NOW, MINUTE_MS)];
        const instants = dueInstants(settings, quietSince(quiet), from, to);

        expect(dueInstants(settings, quietSince(quiet), from, to)).toEqual(instants);
        for (const at of instants) expect(at >= from.getTime() && at < to.getTime()).toBe(true);
      }),
    );
  });

  it('leave no gap over consecutive minutes', () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const interval = pollInterval(settings, quietSince(0), NOW);
        const minutes = Math.min(120, Math.ceil((3 * interval) / MINUTE_MS));
        const instants = due(minutes, settings);

        for (const [index, at] of instants.entries()) {
          const next = instants[index + 1];
          if (next !== undefined) expect(next - at).toBeCloseTo(interval, 0);
        }
        expect(instants.length).toBeGreaterThanOrEqual(
          Math.floor((minutes * MINUTE_MS) / interval),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('of a quiet connection are among those of a busy one', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/), fc.nat(HOUR_MS * 8), (id, quiet) => {
        const settings = connection({ id });
        const busy = new Set(due(64, settings));

        for (const at of due(64, settings, quietSince(quiet))) expect(busy).toContain(at);
      }),
      { numRuns: 50 },
    );
  });

  it('are none before the provider may be asked again', () => {
    const backoffUntil = addMs(NOW, 150_000).toISOString();
    const instants = due(
      10,
      connection({ poll: { every: '10s' } }),
      quietSince(0, { backoffUntil }),
    );

    expect(instants.every((at) => at >= Date.parse(backoffUntil))).toBe(true);
    expect(instants.length).toBeGreaterThan(5);
  });

  it('are at once for a connection that was never polled', () => {
    const settings = connection({ poll: { every: '24h' } });

    expect(dueInstants(settings, undefined, NOW, addMs(NOW, MINUTE_MS))).toEqual([NOW.getTime()]);
  });

  it('of many connections are spread over the interval', () => {
    const seconds = Array.from({ length: 300 }, (_, id) =>
      due(1, connection({ id: `c${id}` })),
    ).flat();

    expect(new Set(seconds.map((at) => Math.floor(at / 1000))).size).toBeGreaterThan(45);
  });
});
