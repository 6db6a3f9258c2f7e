import { describe, expect, it } from 'vitest';
import { statusLines } from '../../lib/cli/status-words.ts';
import type { Breaker } from '../../lib/delivery/breaker.ts';
import { initialState, type PollState } from '../../lib/polling/poll-state.ts';
import { type Lost, NO_PROOF } from '../../lib/proof/coverage.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { newSweep, type RangeJob } from '../../lib/ranges/range-job.ts';
import type { CallRange } from '../../lib/records/records.ts';
import { statusOf } from '../../lib/records/status.ts';
import { stored } from '../cli/taps.ts';
import { connection, FAILED, NOW } from '../support/calls.ts';
import { type Kept, memoryRecords } from '../support/memory-records.ts';
import { outcomeOf, rowOf, WAYS } from './traced.ts';

const EARLIER = '2026-11-19T10:00:00.000Z';
const settings = connection();
const state = (over: Partial<PollState> = {}): PollState => ({
  ...initialState(settings, NOW),
  ...over,
});
const aCall = (id: string, createdAt: string, over: Parameters<typeof stored>[1] = {}) =>
  stored({ connection: 'clinic', id, createdAt }, over);

const status = (kept: Partial<Kept> = {}) =>
  statusOf(memoryRecords({ ...WAYS, connections: [settings], ...kept }), NOW);

describe('the status of a connection', () => {
  it('is that it is well, or was never polled, or is not configured any more', async () => {
    const kept = { states: { clinic: state(), former: state() } };
    const connections = [settings, connection({ id: 'new' })];
    const found = await status({ ...kept, connections });

    expect(found.connections.map(({ id, health, provider }) => [id, health, provider])).toEqual([
      ['clinic', 'well', 'hamsa'],
      ['former', 'removed', null],
      ['new', 'never-polled', 'hamsa'],
    ]);
    expect(found.ok).toBe(true);
  });

  it('comes first when it fails, with the reason, and then not all is well', async () => {
    const failure = { count: 3, reason: 'key_refused', since: EARLIER, announced: true };
    const states = { clinic: state(), lab: state({ failure }) };
    const found = await status({ connections: [settings, connection({ id: 'lab' })], states });

    const { reason, since } = failure;
    expect(found.connections[0]).toMatchObject({
      ...{ id: 'lab', health: 'failing', failure: { reason, since } },
    });
    expect(found.ok).toBe(false);
  });

  it('says what the last sweep has proven, and that a lost call needs a look', async () => {
    const sweep = (id: string, lost: readonly Lost[]): RangeJob => ({
      ...newSweep({ id, kind: 'daily' }, undefined, {
        ...{ settings, hot: state(), list: hamsa.list, now: NOW },
      }),
      state: 'done',
      savedAt: NOW.toISOString(),
      proof: { ...NO_PROOF, told: 9, lost: lost.length, names: [...lost] },
    });
    const sweeps = (lost: readonly Lost[]) =>
      status({ states: { clinic: state() }, jobs: { clinic: [sweep('1', lost)] } });
    const found = await sweeps([
      { connection: 'clinic', call: 'c-7', hop: 'delivered', destinations: ['ops'] },
    ]);

    expect(found.connections).toMatchObject([{ coverage: { proof: { told: 9, lost: 1 } } }]);
    expect(found.ok).toBe(false);
    const lines = statusLines(found).join('\n');
    expect(lines).toContain('0 s ago: 1 LOST');
    expect(lines).toContain('clinic/c-7 was not told to ops: callwire trace clinic/c-7');
    expect((await sweeps([])).ok).toBe(true);
  });

  it('is that it fails where people were told that it is silent, and not before', async () => {
    const healthOf = async (announced: boolean) => {
      const concern = { reason: 'silent', since: EARLIER, announced } as const;
      return (await status({ states: { clinic: state({ concern }) } })).connections[0]?.health;
    };

    expect(await healthOf(true)).toBe('failing');
    expect(await healthOf(false)).toBe('well');
  });

  it('counts the calls of today, those that are open, and what was set aside', async () => {
    const open = [{ id: 'o', since: NOW.toISOString() }];
    const at = NOW.toISOString();
    const { connections } = await status({
      states: { clinic: state({ open, openFrom: at }) },
      calls: [aCall('a', EARLIER), aCall('b', '2026-11-20T00:00:00.000Z'), aCall('c', at)],
      quarantined: [{ connection: 'clinic', id: 'q', field: 'f', rule: 'r', at, raw: 1 }],
      unattributed: [{ connection: 'clinic', id: 'w', rule: 'r', at }],
    });

    expect(connections).toMatchObject([
      { callsToday: 2, openCalls: 1, hasMoreOpen: true, quarantined: 1, unattributed: 1 },
    ]);
  });

  it('counts nothing where nothing has changed today', async () => {
    let counted = 0;
    const records = memoryRecords({
      connections: [settings],
      states: { clinic: state({ lastChangeAt: EARLIER }) },
    });
    const countCalls = (range: CallRange) => {
      counted += 1;
      return records.countCalls(range);
    };
    const found = await statusOf({ ...records, countCalls }, NOW);

    expect(found.connections).toMatchObject([{ callsToday: 0 }]);
    expect(counted).toBe(0);
  });

  it('tells what a budget of requests makes of its delay', async () => {
    const budgeted = connection({ maxRequestsPerDay: 96, poll: { every: '30s' } });
    const { connections } = await status({ connections: [budgeted], states: { clinic: state() } });
    const quarterMs = 900_000;

    expect(connections[0]?.pace).toEqual({
      ...{ waitMs: quarterMs, expectedDelayMs: quarterMs / 2, shortestMs: quarterMs },
      budgetMs: quarterMs - 30_000,
    });
    expect(connections[0]?.timeFilter).toBe('createdAt');
  });

  it('reads the meter of its webhooks, if it takes any', async () => {
    const kept = {
      states: { clinic: state() },
      calls: [
        aCall('a', '2026-11-20T09:58:00.000Z', { via: 'webhook' }),
        aCall('b', '2026-11-20T09:58:00.000Z'),
        aCall('old', '2026-11-18T09:58:00.000Z'),
      ],
    };
    const taking = connection({ webhook: { secrets: ['env:HOOK'] } });

    expect((await status(kept)).connections[0]?.webhooks).toBeNull();
    expect((await status({ ...kept, connections: [taking] })).connections[0]?.webhooks).toEqual({
      ...{ of: 2, first: { poll: 1, hint: 0, webhook: 1, sweep: 0 } },
      lateMs: { p50: 74_900, p99: 74_900 },
    });
  });
});

describe('the status of a destination', () => {
  const event = outcomeOf(stored(FAILED));
  const row = (over: Parameters<typeof rowOf>[2]) =>
    rowOf(event, 'ops', { receipt: undefined, createdAt: NOW.toISOString(), ...over });

  it('counts what waits, is parked, failed or may have arrived', async () => {
    const deliveries = [
      row({ state: 'waiting', dueAt: NOW.toISOString() }),
      row({ state: 'parked', parkedBy: 'breaker', createdAt: EARLIER }),
      row({ state: 'parked' }),
      row({ state: 'failed' }),
      row({ state: 'uncertain' }),
      row({ state: 'delivered' }),
    ];
    const found = await status({ deliveries });

    expect(found.destinations).toMatchObject([
      { id: 'crm', waiting: 0, parked: 0, since: null, ok: true },
      {
        ...{ id: 'ops', waiting: 1, parked: 2, byBreaker: 1, failed: 1, uncertain: 1 },
        ...{ since: EARLIER, ok: false },
      },
    ]);
    expect(found.ok).toBe(false);
  });

  it('is well while deliveries only wait for their turn', async () => {
    const deliveries = [row({ state: 'waiting', dueAt: NOW.toISOString() })];

    expect((await status({ deliveries })).ok).toBe(true);
  });

  it('says why its breaker is open, and what to do', async () => {
    const open = {
      since: EARLIER,
      reason: 'invalid_auth',
      fix: 'give it a token',
      probeAt: EARLIER,
    };
    const breaker: Breaker = {
      ...{ destination: 'ops', version: 1, failing: [], untold: [] },
      open: { ...open, openedAt: EARLIER, probes: 0 },
    };
    const found = await status({ breakers: [breaker] });

    expect(found.destinations[1]).toMatchObject({ id: 'ops', open, ok: false });
  });
});

describe('silences', () => {
  it('are named while they are in force', async () => {
    const silence = {
      ...{ id: 's1', when: {}, to: ['ops'], author: 'sam', comment: 'moving' },
      ...{ createdAt: EARLIER, until: '2026-11-20T13:00:00.000Z' },
    };
    const over = { ...silence, id: 's2', until: EARLIER };

    expect((await status({ silences: [silence, over] })).silences).toEqual([silence]);
  });
});
