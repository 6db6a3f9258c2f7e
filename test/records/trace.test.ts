import { describe, expect, it } from 'vitest';
import { forgottenVersion } from '../../lib/calls/forgotten.ts';
import type { StoredCall } from '../../lib/calls/version.ts';
import { traceLines } from '../../lib/cli/trace-words.ts';
import { initialState } from '../../lib/polling/poll-state.ts';
import { traceOf } from '../../lib/records/trace.ts';
import { stored } from '../cli/taps.ts';
import { connection, FAILED, NOW, OPEN } from '../support/calls.ts';
import { outcomeOf, rowOf, sourceOf, WAYS } from './traced.ts';

const failed = stored(FAILED);
const event = outcomeOf(failed);
const told = (call: StoredCall) =>
  ['ops', 'crm'].map((destination) => rowOf(outcomeOf(call), destination));

const trace = (...given: Parameters<typeof sourceOf>) => {
  const traced = traceOf(sourceOf(...given));
  if (!traced.known) throw new Error('This call is known');
  return traced;
};

describe('the trace of a call that everybody was told of', () => {
  const traced = trace(failed, { deliveries: told(failed) });

  it('misses nothing', () => {
    expect(traced.missing).toEqual([]);
  });

  it('tells what happened at the provider and here, in the order of time', () => {
    expect(traced.steps).toEqual([
      { what: 'created', at: '2026-11-20T09:58:00.000Z' },
      { what: 'started', at: '2026-11-20T09:58:10.000Z' },
      { what: 'ended', at: '2026-11-20T09:58:45.000Z' },
      { what: 'seen', at: '2026-11-20T09:59:59.000Z', via: 'poll' },
      {
        ...{ what: 'final', at: '2026-11-20T10:00:00.000Z', via: 'poll' },
        ...{ seenAt: '2026-11-20T09:59:59.000Z', lateMs: 75_000 },
      },
    ]);
  });

  it('names the event, the routes it took and each receipt', () => {
    expect(traced.events).toMatchObject([
      {
        ...{ id: event.id, type: 'call.failed', recordedAt: failed.recordedAt },
        routes: [
          { route: 'failures', matched: true },
          { route: 'systems', matched: true },
        ],
        deliveries: [
          {
            destination: 'ops',
            kind: 'slack',
            because: 'route',
            kept: { receipt: { ts: '17.001' } },
          },
          {
            destination: 'crm',
            kind: 'hubspot',
            because: 'route',
            kept: { receipt: { call: '901' } },
          },
        ],
      },
    ]);
  });
});

describe('what is missing in a trace', () => {
  it('is awaited from the next poll, whose time is told, and of a call that is over it is not', () => {
    const nextPollAt = '2026-11-20T12:30:00.000Z';
    const said = 'clinic-riyadh is asked again at 2026-11-20T12:30:00.000Z';
    const words = (call: StoredCall | undefined) =>
      traceLines(traceOf(sourceOf(call, { nextPollAt }))).join('\n');

    expect(words(stored(OPEN))).toContain(said);
    expect(words(undefined)).toContain(said);
    expect(words(failed)).not.toContain('asked again');
  });

  it('is the end of a call that is going on', () => {
    expect(trace(stored(OPEN)).missing).toEqual([
      { what: 'end', since: '2026-11-20T09:58:00.000Z' },
    ]);
  });

  it('is the telling, where nobody of those whom routes name was told', () => {
    expect(trace(failed).missing).toEqual([
      { what: 'telling', event: event.id, since: failed.recordedAt },
    ]);
  });

  it('is one receipt, where another destination was told', () => {
    const { missing } = trace(failed, { deliveries: [rowOf(event, 'ops')] });

    expect(missing).toEqual([
      {
        ...{ what: 'receipt', event: event.id, destination: 'crm' },
        ...{ reason: null, since: failed.recordedAt },
      },
    ]);
  });

  it.each(['waiting', 'sending', 'parked', 'failed', 'uncertain'] as const)(
    'is the receipt of a delivery that is %s, with its reason',
    (state) => {
      const row = rowOf(event, 'crm', { state, receipt: undefined, lastReason: 'unreachable' });

      expect(trace(failed, { deliveries: [rowOf(event, 'ops'), row] }).missing).toMatchObject([
        { what: 'receipt', destination: 'crm', reason: 'unreachable', since: row.createdAt },
      ]);
    },
  );

  it('is nothing where no route leads an event anywhere', () => {
    const { missing, events } = trace(failed, { ways: { ...WAYS, routes: [] } });

    expect(missing).toEqual([]);
    expect(events).toMatchObject([{ deliveries: [] }]);
  });

  it('is nothing of a call that is kept in silence', () => {
    const traced = trace(stored(FAILED, { silent: true, late: true }));

    expect(traced).toMatchObject({ missing: [], events: [], silentBecause: 'late' });
  });

  it('is nothing of a call that was forgotten, of which only when is told', () => {
    const forgotten = forgottenVersion({ ...failed.call }, failed, NOW);
    const traced = trace(forgotten);

    expect(traced).toMatchObject({ missing: [], events: [], silentBecause: 'forgotten' });
    expect(traceLines(traced).slice(0, 3)).toEqual([
      `${failed.call.connection}/${failed.call.id}: forgotten`,
      '',
      `  ${NOW.toISOString()}  forgotten: what was known of it was erased`,
    ]);
  });

  it('is nothing where a destination leaves replays out', () => {
    const deliveries = [rowOf(event, 'ops', { state: 'skipped' }), rowOf(event, 'crm')];

    expect(trace(failed, { deliveries }).missing).toEqual([]);
  });
});

describe('a silence', () => {
  const silence = {
    ...{ id: 's1', when: {}, to: ['ops'], author: 'sam', comment: 'lines move' },
    createdAt: '2026-11-20T09:00:00.000Z',
    until: '2026-11-20T11:00:00.000Z',
  };
  const traced = (over: Partial<typeof silence>) =>
    trace(failed, {
      deliveries: [rowOf(event, 'crm')],
      ways: { ...WAYS, silences: [{ ...silence, ...over }] },
    });

  it('is named where it kept a destination from being told', () => {
    const { missing, events } = traced({});

    expect(missing).toEqual([]);
    expect(events[0]?.deliveries).toContainEqual(
      expect.objectContaining({
        ...{ destination: 'ops', state: 'silenced' },
        silence: { id: 's1', author: 'sam', comment: 'lines move' },
      }),
    );
  });

  it.each([
    ['was over by then', { until: '2026-11-20T09:59:00.000Z' }],
    ['began later', { createdAt: '2026-11-20T10:30:00.000Z' }],
  ])('explains nothing if it %s', (_when, over) => {
    expect(traced(over).missing).toMatchObject([{ what: 'receipt', destination: 'ops' }]);
  });
});

describe('the trace of a call that changed', () => {
  const changed = stored(FAILED, {
    ...{ version: 4, revision: 3, changes: ['summary'], via: 'webhook' },
    outcomes: [{ outcome: 'failed', revision: 1 }],
  });

  it('knows when it changed last, and that it changed before', () => {
    const { steps } = trace(changed);

    expect(steps.slice(-3)).toEqual([
      { what: 'final', at: null, via: 'webhook', seenAt: null, lateMs: null },
      { what: 'changed', at: null, revision: 2, changes: null },
      { what: 'changed', at: changed.recordedAt, revision: 3, changes: ['summary'] },
    ]);
  });

  it('shows deliveries of what it does not say any more', () => {
    const row = rowOf({ ...event, id: 'u2', type: 'call.updated', revision: 2 }, 'crm');
    const { events } = trace(changed, { deliveries: [row] });

    expect(events.map(({ type, revision, routes }) => [type, revision, routes === null])).toEqual([
      ['call.failed', 1, false],
      ['call.updated', 2, true],
      ['call.updated', 3, false],
    ]);
  });

  it('tells a fallback from a destination that no route of today names', () => {
    const parked = rowOf(event, 'crm', { state: 'parked', fallback: { destination: 'spare' } });
    const deliveries = [parked, rowOf(event, 'spare'), rowOf(event, 'former'), rowOf(event, 'ops')];

    expect(trace(failed, { deliveries }).events[0]?.deliveries.map((each) => each.because)).toEqual(
      ['route', 'fallback', 'other', 'route'],
    );
  });
});

describe('why a call is silent', () => {
  const state = { ...initialState(connection(), NOW), baselineAt: '2026-11-20T09:59:00.000Z' };
  const because = (call: StoredCall) => trace(call, { state }).silentBecause;

  it('is that it was over before its connection was polled, or else a backfill', () => {
    expect(because(stored({}, { silent: true }))).toBe('before-baseline');
    expect(because(stored({ endedAt: '2026-11-20T09:59:30.000Z' }, { silent: true }))).toBe(
      'backfill',
    );
    expect(because(stored({}, { silent: true, late: true }))).toBe('late');
    expect(because(stored())).toBeNull();
  });
});

describe('the trace of a call that is not stored', () => {
  it('says what polling knows, and what was set aside', () => {
    const at = NOW.toISOString();
    const record = {
      connection: 'clinic-riyadh',
      field: 'status',
      rule: 'is a number',
      at,
      raw: 1,
    };
    const traced = traceOf(
      sourceOf(undefined, {
        state: initialState(connection(), NOW),
        quarantined: [
          { ...record, id: 'call-1' },
          { ...record, id: 'call-2' },
        ],
        unattributed: [{ connection: 'clinic-riyadh', id: 'w', rule: 'is not JSON', at }],
      }),
    );

    expect(traced).toMatchObject({
      ...{ known: false, isConfigured: true, unattributed: 1, missing: [{ what: 'call' }] },
      polling: { baselineAt: at, failure: null },
      quarantined: [{ id: 'call-1', field: 'status', rule: 'is a number', at }],
    });
  });
});
