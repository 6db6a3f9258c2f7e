import { describe, expect, it } from 'vitest';
import { announcedIds } from '../../lib/events/announcements.ts';
import {
  findByEnding,
  findByEvent,
  findCalls,
  findQuarantined,
  readTrace,
  readTraceWorld,
} from '../../lib/records/read-trace.ts';
import { stored } from '../cli/taps.ts';
import { connection, NOW } from '../support/calls.ts';
import { memoryRecords } from '../support/memory-records.ts';
import { outcomeOf, rowOf, WAYS } from './traced.ts';

const call = (at: string, id: string) => stored({ connection: at, id });
const first = call('clinic', 'a');
const records = memoryRecords({
  ...WAYS,
  connections: [connection({ id: 'clinic' }), connection({ id: 'lab' })],
  calls: [first, call('lab', 'a'), call('lab', 'b/c')],
  deliveries: [rowOf(outcomeOf(first), 'crm')],
  quarantined: [
    { connection: 'lab', id: 'odd', field: 'status', rule: 'no', at: NOW.toISOString(), raw: 1 },
  ],
});
const world = await readTraceWorld(records);

describe('a call that somebody names', () => {
  it.each([
    ['clinic/a', [{ connection: 'clinic', id: 'a' }]],
    ['clinic/unknown', [{ connection: 'clinic', id: 'unknown' }]],
    [
      'a',
      [
        { connection: 'clinic', id: 'a' },
        { connection: 'lab', id: 'a' },
      ],
    ],
    ['b/c', [{ connection: 'lab', id: 'b/c' }]],
    ['unknown', []],
  ])('as %s is found', async (written, calls) => {
    expect(await findCalls(records, written, world)).toEqual(calls);
  });

  it('is found among what was set aside', async () => {
    expect(await findQuarantined(records, 'odd', world)).toEqual([
      { connection: 'lab', id: 'odd' },
    ]);
  });

  it('is found by the end of its id, the newest first, and a few where many end alike', async () => {
    const all = memoryRecords({
      calls: ['1-abcd', '2-abcd', '3-abce', ...[4, 5, 6, 7, 8, 9].map((n) => `${n}-many`)].map(
        (id) => call('clinic', id),
      ),
    });
    const range = { connections: ['clinic'], from: new Date(0), to: NOW };
    const found = async (ending: string) =>
      (await findByEnding(all, ending, range, () => {})).map(({ id }) => id);

    expect((await found('abcd')).toSorted()).toEqual(['1-abcd', '2-abcd']);
    expect(await found('3-abce')).toEqual(['3-abce']);
    expect(await found('many')).toHaveLength(5);
    expect(await found('none')).toEqual([]);
  });

  it('is found by any event that it may have announced', async () => {
    const changed = stored(
      { connection: 'clinic', id: 'changed' },
      { revision: 3, staleAt: NOW.toISOString() },
    );
    const all = memoryRecords({ calls: [first, changed] });
    const range = { connections: ['clinic'], from: new Date(0), to: NOW };

    expect(announcedIds(changed)).toHaveLength(4);
    for (const id of announcedIds(changed)) {
      expect(await findByEvent(all, id, range, () => {})).toEqual({
        connection: 'clinic',
        id: 'changed',
      });
    }
    expect(await findByEvent(all, 'unknown', range, () => {})).toBeUndefined();
  });

  it('is traced with its deliveries', async () => {
    const traced = await readTrace(records, { connection: 'clinic', id: 'a' }, world);

    expect(traced).toMatchObject({ known: true, missing: [] });
  });
});
