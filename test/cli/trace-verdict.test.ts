import { describe, expect, it } from 'vitest';
import { disagreements, type Kept, type WordedCall } from '../../lib/cli/trace-verdict.ts';
import { initialState } from '../../lib/polling/poll-state.ts';
import { traceOf } from '../../lib/records/trace.ts';
import { outcomeOf, rowOf, sourceOf } from '../records/traced.ts';
import { connection, FAILED } from '../support/calls.ts';
import { stored } from './taps.ts';

const failed = stored({ ...FAILED, providerStatus: 'FAILED' });
const event = outcomeOf(failed);
const rows = [rowOf(event, 'ops'), rowOf(event, 'crm')];
const trace = traceOf(sourceOf(failed, { deliveries: rows }));
const truth: WordedCall = {
  ...{ id: 'call-1', status: 'FAILED', listed: true, malformed: false },
  endedAt: Date.parse('2026-11-20T09:58:45.400Z'),
};
const RECEIVED: Kept[] = [
  { destination: 'ops', eventId: event.id, receipt: '17.001' },
  { destination: 'crm', call: 'clinic-riyadh#call-1', receipt: '901' },
];
const found = (over: Partial<WordedCall> = {}, received: readonly Kept[] = RECEIVED, it = trace) =>
  disagreements(it, { ...truth, ...over }, { received, events: [] });

describe('a trace that agrees with the simulators', () => {
  it('has nothing said of it', () => {
    expect(found()).toEqual([]);
  });
});

describe('a trace is wrong', () => {
  const unknown = traceOf(sourceOf(undefined));
  const open = traceOf(sourceOf(stored({ outcome: 'open', status: 'ringing' })));
  const untold = traceOf(sourceOf(failed, { deliveries: rows.slice(0, 1) }));

  it.each<[string, string[], string]>([
    ['the call ended with another word', found({ status: 'NO_ANSWER' }), 'provider says'],
    ['it has ended, and is open in it', found({}, RECEIVED, open), 'is open'],
    ['it is listed, and unknown', found({}, RECEIVED, unknown), 'unknown'],
    ['it is malformed, and stored', found({ malformed: true }), 'malformed'],
    ['a destination lacks it', found({}, RECEIVED.slice(1)), 'does not have'],
    ['a destination has it twice', found({}, [...RECEIVED, ...RECEIVED]), 'times'],
    [
      'a receipt names something else',
      found({}, [{ destination: 'ops', eventId: event.id, receipt: '18' }, ...RECEIVED.slice(1)]),
      'receipt says 17.001',
    ],
    ['somebody was not told', found({}, RECEIVED, untold), 'Receipt missing for crm'],
  ])('if %s', (_why, lines, part) => {
    expect(lines.join('\n')).toContain(part);
  });

  it('if it tells another end than there was', () => {
    expect(found({ endedAt: Date.parse('2026-11-20T09:58:50.000Z') })).toHaveLength(1);
  });

  it('if its destination was told what it does not tell of', () => {
    const events = [{ ...event, id: 'other' }];

    expect(disagreements(trace, truth, { received: RECEIVED, events })).toHaveLength(1);
  });

  it('of no call that was over before the first poll, and is unknown', () => {
    const state = initialState(connection(), new Date('2026-11-20T09:59:00.000Z'));
    const history = traceOf(sourceOf(undefined, { state }));

    expect(found({}, RECEIVED, history)).toEqual([]);
    expect(found({ endedAt: Date.parse('2026-11-20T09:59:30.000Z') }, RECEIVED, history)).toEqual([
      'it is listed, and unknown',
    ]);
  });

  it('of no call that is not listed, or malformed and unknown', () => {
    expect(found({ listed: false, endedAt: null }, RECEIVED, open)).toEqual([]);
    expect(found({ malformed: true }, RECEIVED, unknown)).toEqual([]);
  });
});
