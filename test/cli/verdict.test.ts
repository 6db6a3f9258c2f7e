import { describe, expect, it } from 'vitest';
import { judge, type Received, type TrueCall } from '../../lib/cli/verdict.ts';
import { routeSchema } from '../../lib/config/settings.ts';
import { callEvent } from '../delivery/events.ts';

const BASELINE = '2026-11-20T09:00:00.000Z';
const ROUTES = routeSchema.array().parse([{ id: 'all', to: ['ops', 'crm'] }]);

const truth = (over: Partial<TrueCall> = {}) => [
  {
    connection: 'clinic-riyadh',
    baselineAt: BASELINE,
    calls: [
      { id: 'call-1', endedAt: Date.parse(BASELINE) + 1, listed: true, malformed: false, ...over },
    ],
  },
];

const to = (...destinations: string[]): Received[] =>
  destinations.map((destination) => ({ destination, eventId: 'evt-1' }));

const WELL = { lost: 0, duplicates: 0, lostCalls: [] };
const LOST = { lost: 1, duplicates: 0, lostCalls: ['clinic-riyadh#call-1'] };

describe('the verdict', () => {
  it('finds nothing wrong when every routed destination was told once', () => {
    expect(judge(truth(), [callEvent()], ROUTES, to('ops', 'crm'))).toEqual(WELL);
  });

  it('calls a call lost that was never announced', () => {
    expect(judge(truth(), [], ROUTES, [])).toEqual(LOST);
  });

  it('calls a call lost of which one destination was not told, whatever Callwire says', () => {
    expect(judge(truth(), [callEvent()], ROUTES, to('ops'))).toEqual(LOST);
  });

  it('does not mind that nobody was told of what no route leads anywhere', () => {
    expect(judge(truth(), [callEvent()], [], [])).toEqual(WELL);
  });

  it('counts each message that says again what was said', () => {
    const received = to('ops', 'crm', 'ops', 'ops');

    expect(judge(truth(), [callEvent()], ROUTES, received)).toEqual({ ...WELL, duplicates: 2 });
  });

  it('counts an outcome that was announced under two ids', () => {
    const events = [callEvent(), callEvent({ id: 'evt-2' })];
    const received = [
      ...to('ops', 'crm'),
      ...['ops', 'crm'].map((destination) => ({ destination, eventId: 'evt-2' })),
    ];

    expect(judge(truth(), events, ROUTES, received)).toEqual({ ...WELL, duplicates: 1 });
  });

  it('takes an event that the bus carried twice under one id for no duplicate', () => {
    expect(judge(truth(), [callEvent(), callEvent()], ROUTES, to('ops', 'crm'))).toEqual(WELL);
  });

  it('takes a corrected outcome for no duplicate', () => {
    const corrected = callEvent({ id: 'evt-2', type: 'call.failed', corrects: 'evt-1' });
    const received = ['ops', 'crm'].flatMap((destination) => [
      { destination, eventId: 'evt-1' },
      { destination, eventId: 'evt-2' },
    ]);

    expect(judge(truth(), [callEvent(), corrected], ROUTES, received)).toEqual(WELL);
  });

  it.each([
    ['still going on', { endedAt: null }],
    ['over before the baseline', { endedAt: Date.parse(BASELINE) - 1 }],
    ['malformed', { malformed: true }],
    ['not in the list', { listed: false }],
  ])('misses no call that is %s', (_what, over) => {
    expect(judge(truth(over), [], ROUTES, [])).toEqual(WELL);
  });
});
