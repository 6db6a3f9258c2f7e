import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LENGTH_BOUNDS, priorPace } from '../../lib/polling/pace.ts';
import { initialState, type PollState } from '../../lib/polling/poll-state.ts';
import { dueInstants, nextDue, pollInterval } from '../../lib/polling/schedule.ts';
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { connection, NOW } from '../support/calls.ts';

const quietSince = (ms: number, facts: Partial<PollState> = {}): PollState => ({
  ...initialState(connection(), NOW),
  lastChangeAt: addMs(NOW, -ms).toISOString(),
  ...facts,
});

/** A state that has seen so many calls a day for long. */
const busy = (perDay: number, facts: Partial<PollState> = {}): PollState =>
  quietSince(0, { pace: { ...priorPace, calls: perDay * 1.44, days: 1.44 }, ...facts });

const between = (settings: ReturnType<typeof connection>, state: PollState | undefined) => {
  return (fromMs: number, toMs: number) =>
    dueInstants(settings, state, addMs(NOW, fromMs), addMs(NOW, toMs));
};

const counts = (length: number, max: number) =>
  fc.array(fc.nat(max), { minLength: length, maxLength: length });

const anyState = fc
  .record({
    quiet: fc.oneof(fc.nat(HOUR_MS), fc.nat(20 * DAY_MS)),
    calls: fc.double({ min: 0, max: 20_000, noNaN: true }),
    days: fc.constantFrom(0, 1e-6, 0.1, 1.44),
    lengths: counts(LENGTH_BOUNDS.length + 1, 30),
    hours: counts(24, 100),
    requests: fc.double({ min: 1, max: 5, noNaN: true }),
    open: fc.array(fc.nat(DAY_MS), { maxLength: 20 }),
    detail: fc.option(fc.nat(HOUR_MS), { nil: undefined }),
  })
  .map(({ quiet, open, detail, ...pace }) =>
    quietSince(quiet, {
      pace,
      open: open.map((age, index) => ({
        id: `c${index}`,
        since: addMs(NOW, -quiet - age).toISOString(),
      })),
      enrich:
        detail === undefined
          ? []
          : [{ id: 'd', dueAt: addMs(NOW, detail).toISOString(), tries: 1 }],
    }),
  );

const anyPoll = fc.constantFrom(
  { every: '1s' },
  { every: '7s', max: '7s' },
  { every: '30s' },
  { every: '90s', max: '2m', patience: '5s' },
  { every: '5m', patience: '24h' },
  { every: '24h' },
);

const anySettings = fc
  .record({
    id: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
    poll: anyPoll,
    maxRequestsPerDay: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
  })
  .map(connection);

/** The shortest and the longest wait that settings allow. */
function limits({ poll, maxRequestsPerDay }: ReturnType<typeof connection>, state: PollState) {
  const asked = maxRequestsPerDay ? (DAY_MS / maxRequestsPerDay) * state.pace.requests : 0;
  const every = Math.max(poll.every, Math.ceil(asked / SECOND_MS) * SECOND_MS);
  return { every, max: Math.max(every, poll.max ?? 60 * poll.every) };
}

describe('the instants at which a connection is due', () => {
  it('are the same asked for by the minute and by the hour, and each is in the minute that it is asked in', () => {
    fc.assert(
      fc.property(anySettings, anyState, fc.nat(MINUTE_MS), (settings, state, offset) => {
        const due = between(settings, state);
        const minutes = Array.from({ length: 60 }, (_, minute) => offset + minute * MINUTE_MS);
        const byMinute = minutes.map((from) => due(from, from + MINUTE_MS));

        expect(byMinute.flat()).toEqual(due(offset, offset + HOUR_MS));
        for (const [minute, instants] of byMinute.entries()) {
          const from = NOW.getTime() + (minutes[minute] ?? 0);
          for (const at of instants) expect(at >= from && at < from + MINUTE_MS).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are never nearer to each other than every, nor farther than max', () => {
    fc.assert(
      fc.property(anySettings, anyState, (settings, state) => {
        const { every, max } = limits(settings, state);
        const instants = between(settings, state)(0, Math.max(HOUR_MS, 4 * max));

        expect(instants.length).toBeGreaterThanOrEqual(3);
        for (const [index, at] of instants.entries()) {
          const gap = (instants[index + 1] ?? at + every) - at;
          expect(gap).toBeGreaterThanOrEqual(every);
          expect(gap).toBeLessThanOrEqual(max);
        }
        expect((instants[0] ?? 0) - NOW.getTime()).toBeLessThanOrEqual(max);
      }),
      { numRuns: 60 },
    );
  });

  it('keep their distance where sums of shares end a last digit beside a whole number', () => {
    const settings = connection({ poll: { every: '90s', max: '2m', patience: '5s' }, id: 'a' });
    const instants = between(settings, quietSince(0))(0, 2 * HOUR_MS);

    for (const [index, at] of instants.slice(1).entries()) {
      expect(at - (instants[index] ?? 0)).toBeGreaterThanOrEqual(90 * SECOND_MS);
    }
  });

  it('are no more in any time for more patience', () => {
    fc.assert(
      fc.property(anyState, fc.integer({ min: 1, max: 120 }), (state, hours) => {
        const until = Date.parse(state.lastChangeAt) - NOW.getTime() + hours * HOUR_MS;
        const count = (patience: string) => {
          const settings = connection({ poll: { every: '10s', max: '1h', patience } });
          return between(settings, state)(-40 * DAY_MS, until).length;
        };

        expect(count('2m')).toBeLessThanOrEqual(count('1m'));
        expect(count('1m')).toBeLessThanOrEqual(count('20s'));
      }),
      { numRuns: 40 },
    );
  });

  it('fall on whole seconds', () => {
    fc.assert(
      fc.property(anySettings, anyState, (settings, state) => {
        for (const at of between(settings, state)(0, HOUR_MS)) expect(at % SECOND_MS).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('keep on average within the requests that a day may have', () => {
    fc.assert(
      fc.property(anyState, fc.integer({ min: 1, max: 2_000 }), (state, maxRequestsPerDay) => {
        const polls = between(connection({ maxRequestsPerDay }), state)(0, 3 * DAY_MS).length;

        expect(polls * state.pace.requests).toBeLessThanOrEqual(
          3 * maxRequestsPerDay + state.pace.requests,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('go on after years of silence as after weeks, and cost no more to be found', () => {
    const [weeks, years] = [20 * DAY_MS, 2_000 * DAY_MS].map((ms) => {
      const startedAt = performance.now();
      const gaps = between(connection(), quietSince(ms))(0, 2 * HOUR_MS);
      return { polls: gaps.length, ms: performance.now() - startedAt };
    });

    expect(years?.polls).toBeCloseTo(weeks?.polls ?? 0, -0.5);
    expect(years?.ms).toBeLessThan(50);
  });

  it('of connections that changed together do not stay together', () => {
    const state = busy(100);
    const seconds = Array.from({ length: 300 }, (_, id) =>
      between(connection({ id: `c${id}` }), state)(2 * HOUR_MS, 3 * HOUR_MS).at(0),
    );

    expect(new Set(seconds).size).toBeGreaterThan(150);
  });

  it('of connections with a fixed interval are spread over it', () => {
    const poll = { every: '1m', max: '1m' };
    const seconds = Array.from({ length: 300 }, (_, id) =>
      between(connection({ id: `c${id}`, poll }), quietSince(0))(0, MINUTE_MS),
    );

    expect(new Set(seconds.flat()).size).toBeGreaterThan(45);
  });

  it('are at once for a connection that was never polled', () => {
    const settings = connection({ poll: { every: '24h' } });

    expect(between(settings, undefined)(0, MINUTE_MS)).toEqual([NOW.getTime()]);
  });

  it('are close together for a new connection, whose owner may be trying it out', () => {
    const due = between(connection(), quietSince(0));

    expect(due(0, 10 * MINUTE_MS).length).toBeGreaterThanOrEqual(14);
    expect(due(DAY_MS, DAY_MS + HOUR_MS).length).toBeLessThanOrEqual(9);
  });

  it('are none before the provider may be asked again', () => {
    const backoffUntil = addMs(NOW, 150_000).toISOString();
    const settings = connection({ poll: { every: '10s', max: '10s' } });
    const instants = between(settings, quietSince(0, { backoffUntil }))(0, 10 * MINUTE_MS);

    expect(instants[0]).toBeGreaterThanOrEqual(Date.parse(backoffUntil));
    expect(instants.length).toBeGreaterThan(40);
  });

  it('are after it for who asks when it is due next, and never farther than the longest wait', () => {
    const backoffUntil = addMs(NOW, 2 * DAY_MS).toISOString();
    const paused = quietSince(0, { backoffUntil });
    const max = connection().poll.every * 60;

    expect(nextDue(connection(), paused, NOW)?.getTime()).toBeGreaterThanOrEqual(
      Date.parse(backoffUntil),
    );
    for (const quietMs of [0, HOUR_MS, 3 * DAY_MS, 30 * DAY_MS]) {
      const next = nextDue(connection(), quietSince(quietMs), NOW)?.getTime() ?? Number.NaN;
      expect(next).toBeGreaterThanOrEqual(NOW.getTime());
      expect(next).toBeLessThanOrEqual(NOW.getTime() + max);
    }
    expect(nextDue(connection(), undefined, NOW)).toEqual(NOW);
  });

  it('come soon after the back-off of a connection that failed, however quiet it was', () => {
    const failure = { count: 1, reason: 'x', since: NOW.toISOString(), announced: false };
    const state = quietSince(8 * DAY_MS, {
      failure,
      backoffUntil: addMs(NOW, 90_000).toISOString(),
    });
    const [first] = between(connection(), state)(0, HOUR_MS);

    expect(first).toBeGreaterThanOrEqual(NOW.getTime() + 90_000);
    expect(first).toBeLessThanOrEqual(NOW.getTime() + 120_000);
  });

  it('come within `every` of the time at which a late detail is to be read', () => {
    const dueAt = addMs(NOW, 45 * MINUTE_MS);
    const enrich = [{ id: 'a', dueAt: dueAt.toISOString(), tries: 1 }];
    const due = between(connection(), busy(0.1, { enrich }));

    expect(due(0, 45 * MINUTE_MS).length).toBeLessThan(6);
    expect(due(45 * MINUTE_MS, 47 * MINUTE_MS).length).toBeGreaterThanOrEqual(2);
  });
});

describe('the interval', () => {
  const minutes = (state: PollState, at = NOW) => pollInterval(connection(), state, at) / MINUTE_MS;

  it('is shorter for busy connections and for open calls, and grows with the silence', () => {
    const open = [{ id: 'a', since: addMs(NOW, -90 * SECOND_MS).toISOString() }];

    expect(minutes(busy(5_000))).toBeLessThan(2);
    expect(minutes(busy(20))).toBeGreaterThan(6);
    expect(minutes(busy(20, { open }))).toBeLessThan(4);
    expect(minutes(busy(300), addMs(NOW, 3 * DAY_MS))).toBeGreaterThan(2 * minutes(busy(300)));
  });

  it('is longer where a poll takes more requests', () => {
    const state = busy(1_000);
    const dear = { ...state, pace: { ...state.pace, requests: 9 } };

    expect(minutes(dear) / minutes(state)).toBeGreaterThan(2);
  });
});

it('10,000 connections are looked at in well under two seconds each minute', () => {
  const from = addMs(NOW, 6 * DAY_MS);
  const open = Array.from({ length: 20 }, (_, index) => ({
    id: `c${index}`,
    since: NOW.toISOString(),
  }));
  const states = [
    busy(1_000, { open, lastChangeAt: addMs(from, -HOUR_MS).toISOString() }),
    ...Array.from({ length: 9 }, () => busy(50)),
  ];
  const settings = connection();
  const startedAt = process.cpuUsage();
  for (let round = 0; round < 1_000; round += 1) {
    for (const state of states) dueInstants(settings, state, from, addMs(from, MINUTE_MS));
  }
  const { user } = process.cpuUsage(startedAt);

  expect(user / 1e6).toBeLessThan(2);
});
