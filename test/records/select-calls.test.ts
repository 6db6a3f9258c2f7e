import { describe, expect, it } from 'vitest';
import { type CallFilter, firstCalls, selectCalls } from '../../lib/records/select-calls.ts';
import { stored } from '../cli/taps.ts';
import { FAILED, OPEN } from '../support/calls.ts';
import { memoryRecords } from '../support/memory-records.ts';

const at = (hour: number) => `2026-11-20T${String(hour).padStart(2, '0')}:00:00.000Z`;
const aCall = (id: string, hour: number, facts: Parameters<typeof stored>[0] = {}) =>
  stored({ connection: 'clinic', id, createdAt: at(hour), contactNumber: '+9661', ...facts });

const records = memoryRecords({
  calls: [
    aCall('a', 8),
    aCall('b', 9, FAILED),
    aCall('c', 10, { ...FAILED, reason: 'no_answer', contactNumber: '+9662' }),
    aCall('d', 11, OPEN),
    aCall('e', 12, { connection: 'lab', contactNumber: '+9662' }),
    aCall('f', 20),
  ],
});
const filter = (over: Partial<CallFilter> = {}): CallFilter => ({
  ...{ connections: ['clinic', 'lab'], from: new Date(at(8)), to: new Date(at(13)) },
  ...over,
});
const idsOf = async (over: Partial<CallFilter>) =>
  (await Array.fromAsync(selectCalls(records, filter(over)))).map(({ call }) => call.id);

describe('calls that somebody asks for', () => {
  it.each<[string, Partial<CallFilter>, string[]]>([
    ['all of a time', {}, ['e', 'd', 'c', 'b', 'a']],
    ['those of a connection', { connections: ['lab'] }, ['e']],
    ['those of an outcome', { outcome: 'completed' }, ['e', 'a']],
    ['those that failed', { outcome: 'failed' }, ['c', 'b']],
    ['those that failed for a reason', { reason: 'no_answer' }, ['c']],
    ['none, of a reason that an outcome has not', { outcome: 'open', reason: 'no_answer' }, []],
    ['those of a number', { numbers: ['+9662'] }, ['e', 'c']],
    [
      'those of a number however it is read',
      { numbers: ['+9661', '+9662'] },
      ['e', 'd', 'c', 'b', 'a'],
    ],
    ['those of a number that failed', { numbers: ['+9661'], outcome: 'failed' }, ['b']],
    ['those of a number at a connection', { numbers: ['+9662'], connections: ['lab'] }, ['e']],
  ])('are %s, the newest first', async (_what, over, ids) => {
    expect(await idsOf(over)).toEqual(ids);
  });

  it('are no more than are wanted, and it is said whether there are others', async () => {
    expect(await firstCalls(records, filter(), 2)).toMatchObject({
      calls: { length: 2 },
      more: true,
    });
    expect(await firstCalls(records, filter(), 5)).toMatchObject({
      calls: { length: 5 },
      more: false,
    });
  });
});
