import { beforeEach, describe, expect, it } from 'vitest';
import type { StoredCall } from '../../lib/calls/version.ts';
import type { CallRange, Records } from '../../lib/records/records.ts';
import { stored } from '../cli/taps.ts';
import { FAILED } from '../support/calls.ts';
import type { Kept } from '../support/memory-records.ts';

const DAY = { from: new Date('2026-11-20T00:00:00Z'), to: new Date('2026-11-21T00:00:00Z') };
const WEEK = { ...DAY, from: new Date('2026-11-15T00:00:00Z') };

const callAt = (id: string, createdAt: string, facts: Parameters<typeof stored>[0] = {}) =>
  stored({ connection: 'clinic', id, createdAt, ...facts });

const CALLS = [
  callAt('eve', '2026-11-19T23:59:59.999Z'),
  callAt('first', '2026-11-20T00:00:00.000Z', { ...FAILED, contactNumber: '+966551234567' }),
  callAt('noon', '2026-11-20T12:00:00.000Z', { contactNumber: '+966551234567' }),
  callAt('other', '2026-11-20T13:00:00.000Z', { ...FAILED, connection: 'lab' }),
  callAt('last', '2026-11-20T23:59:59.999Z', FAILED),
  callAt('next', '2026-11-21T00:00:00.000Z', { outcome: 'open', status: 'ringing' }),
];

/** What every reader of records does. `open` gives one of what is to be kept. */
export function recordsContract(
  name: string,
  open: (kept: Pick<Kept, 'calls' | 'deliveries' | 'objects'>) => Promise<Records>,
): void {
  describe(`${name}: records`, () => {
    let records: Records;
    beforeEach(async () => {
      records = await open({ calls: CALLS, deliveries: [], objects: {} });
    });

    const idsIn = async (pages: AsyncGenerator<readonly StoredCall[]>): Promise<string[]> => {
      const ids: string[] = [];
      for await (const page of pages) ids.push(...page.map(({ call }) => call.id));
      return ids;
    };
    const range = (over: Partial<CallRange> = {}): CallRange => ({
      connections: ['clinic', 'lab'],
      ...DAY,
      ...over,
    });

    it('lists calls of several connections in one order, the newest first', async () => {
      expect(await idsIn(records.calls(range()))).toEqual(['last', 'other', 'noon', 'first']);
      expect(await idsIn(records.calls(range({ connections: ['lab'] })))).toEqual(['other']);
      expect(await idsIn(records.calls(range({ connections: [] })))).toEqual([]);
      const keys = await Array.fromAsync(records.callKeys(range()));
      expect(keys.flat().map(({ id }) => id)).toEqual(['last', 'other', 'noon', 'first']);
      expect(keys.flat()[1]).toEqual({ connection: 'lab', id: 'other' });
    });

    it('lists calls over days, up to the end and without it', async () => {
      const ids = await idsIn(records.calls(range({ ...WEEK, connections: ['clinic'] })));

      expect(ids).toEqual(['last', 'noon', 'first', 'eve']);
    });

    it('counts what it would list', async () => {
      expect(await records.countCalls(range())).toBe(4);
      expect(await records.countCalls(range(WEEK))).toBe(5);
    });

    it('lists failed calls of the connections that are asked for', async () => {
      expect(await idsIn(records.failedCalls(range()))).toEqual(['last', 'other', 'first']);
      expect(await idsIn(records.failedCalls(range({ connections: ['clinic'] })))).toEqual([
        'last',
        'first',
      ]);
    });

    it('lists the calls of a number, and of no other', async () => {
      expect(await idsIn(records.callsOf('+966551234567'))).toEqual(['noon', 'first']);
      expect(await idsIn(records.callsOf('+9665512345'))).toEqual([]);
    });

    it('gives a call as it was written, and none that is not there', async () => {
      expect(await records.call('clinic', 'noon')).toEqual(CALLS[2]);
      expect(await records.call('lab', 'noon')).toBeUndefined();
    });

    it('lists more than a page', async () => {
      const many = Array.from({ length: 60 }, (_, at) =>
        callAt(`c${at}`, new Date(DAY.from.getTime() + at * 1000).toISOString()),
      );
      records = await open({ calls: many, deliveries: [], objects: {} });
      const ids = await idsIn(records.calls(range()));

      expect(ids).toHaveLength(60);
      expect(new Set(ids).size).toBe(60);
      expect(ids[0]).toBe('c59');
    });

    it('reads the raw record, beside the call or in the bucket', async () => {
      const [inline, apart, gone, none] = [
        { inline: '[{"id":"a"}]' },
        { key: 'raw/a' },
        { key: 'raw/b' },
        null,
      ].map((raw) => stored({}, { raw }));
      records = await open({ calls: [], deliveries: [], objects: { 'raw/a': [{ id: 'b' }] } });

      expect(inline && (await records.rawOf(inline))).toEqual([{ id: 'a' }]);
      expect(apart && (await records.rawOf(apart))).toEqual([{ id: 'b' }]);
      expect(gone && (await records.rawOf(gone))).toBeUndefined();
      expect(none && (await records.rawOf(none))).toBeUndefined();
    });
  });
}
