import { describe, expect, it } from 'vitest';
import { isPlace, type PartOfCalls, partOfCalls } from '../../lib/records/part-of-calls.ts';
import type { CallFilter } from '../../lib/records/select-calls.ts';
import { stored } from '../cli/taps.ts';
import { FAILED } from '../support/calls.ts';
import { memoryRecords } from '../support/memory-records.ts';

const FROM = new Date('2026-11-20T00:00:00Z');
const TO = new Date('2026-11-21T00:00:00Z');

const at = (minute: number): string => new Date(FROM.getTime() + minute * 60_000).toISOString();

const aCall = (id: string, minute: number, facts: Parameters<typeof stored>[0] = {}) =>
  stored({ connection: 'clinic', id, createdAt: at(minute), ...facts });

const filter = (over: Partial<CallFilter> = {}): CallFilter => ({
  ...{ connections: ['clinic'], from: FROM, to: TO },
  ...over,
});

const part = { limit: 2 };

/** All parts of a list, one after the other. */
async function partsOf(calls: Parameters<typeof stored>[0][], over: Partial<CallFilter> = {}) {
  const records = memoryRecords({ calls: calls.map((facts) => stored(facts)) });
  const parts: PartOfCalls[] = [];
  let after: string | undefined;
  do {
    const read = await partOfCalls(records, filter(over), { ...part, after });
    parts.push(read);
    after = read.next ?? undefined;
  } while (after !== undefined);
  return parts;
}

const idsOf = (parts: readonly PartOfCalls[]): string[][] =>
  parts.map(({ calls }) => calls.map(({ call }) => call.id));

const facts = (id: string, minute: number, more: Parameters<typeof stored>[0] = {}) => ({
  ...{ connection: 'clinic', id, createdAt: at(minute) },
  ...more,
});

describe('a list of calls in parts', () => {
  it('comes in parts, each call once, the newest first', async () => {
    const calls = ['a', 'b', 'c', 'd', 'e'].map((id, minute) => facts(id, minute));

    expect(idsOf(await partsOf(calls))).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
  });

  it('tells calls of one instant apart', async () => {
    const calls = ['a', 'b', 'c', 'd', 'e'].map((id) => facts(id, 5));
    const ids = idsOf(await partsOf(calls)).flat();

    expect(ids.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('says that it is at its end with the last part, also where that is full', async () => {
    const parts = await partsOf([facts('a', 1), facts('b', 2)]);

    expect(parts).toHaveLength(1);
    expect(parts[0]?.next).toBeNull();
  });

  it('shows failed calls, also for one reason', async () => {
    const calls = [
      facts('fine', 1),
      facts('broken', 2, FAILED),
      facts('busy', 3, { ...FAILED, reason: 'busy' }),
    ];

    expect(idsOf(await partsOf(calls, { outcome: 'failed' }))).toEqual([['busy', 'broken']]);
    expect(idsOf(await partsOf(calls, { reason: 'busy' }))).toEqual([['busy']]);
    expect(idsOf(await partsOf(calls, { outcome: 'completed' }))).toEqual([['fine']]);
  });

  it('shows the calls of a number in that time, in parts', async () => {
    const number = '+966551234567';
    const calls = [
      facts('before', -1, { contactNumber: number }),
      facts('a', 1, { contactNumber: number }),
      facts('b', 2, { contactNumber: number }),
      facts('c', 3, { contactNumber: number }),
      facts('other', 4),
    ];

    expect(idsOf(await partsOf(calls, { numbers: [number] }))).toEqual([['c', 'b'], ['a']]);
  });

  it('stops looking after a thousand calls, says so, and goes on from there', async () => {
    const calls = Array.from({ length: 1_200 }, (_, minute) => aCall(`c${minute}`, minute));
    calls[3] = aCall('open', 3, { outcome: 'open', status: 'ringing' });
    const records = memoryRecords({ calls });
    const first = await partOfCalls(records, filter({ outcome: 'open' }), part);
    const after = first.next ?? '';
    const second = await partOfCalls(records, filter({ outcome: 'open' }), { ...part, after });

    expect(first).toMatchObject({ calls: [], looked: 1_000, lookedBackTo: at(200) });
    expect(second).toMatchObject({ calls: [{ call: { id: 'open' } }], next: null, looked: 200 });
  });

  it('reads no further than it shows', async () => {
    const records = memoryRecords({
      calls: Array.from({ length: 50 }, (_, minute) => aCall(`c${minute}`, minute)),
    });
    let pages = 0;
    const counted = {
      ...records,
      async *calls(range: CallFilter) {
        for await (const page of records.calls(range)) {
          pages += 1;
          yield page;
        }
      },
    };
    await partOfCalls(counted, filter(), part);

    expect(pages).toBe(2);
  });

  it('takes only a place for a place', () => {
    expect(isPlace(`${at(1)} clinic/a b#c`)).toBe(true);
    for (const text of ['', 'x', `${at(1)}`, '2026-99-99T00:00:00Z clinic/a']) {
      expect(isPlace(text)).toBe(false);
    }
  });
});
