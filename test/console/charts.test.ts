import { describe, expect, it } from 'vitest';
import { drawCharts, piecesOf } from '../../lib/console/charts.ts';
import { stored } from '../cli/taps.ts';
import { FAILED } from '../support/calls.ts';
import { memoryRecords } from '../support/memory-records.ts';

const TO = new Date('2026-11-20T12:00:00Z');
const HOURS = { connections: ['clinic'], from: new Date('2026-11-19T12:00:00Z'), to: TO };

const begun = (minutesAgo: number, facts: Parameters<typeof stored>[0] = {}, lateMs = 5_000) => {
  const at = TO.getTime() - minutesAgo * 60_000;
  const endedAt = new Date(at + 30_000).toISOString();
  return stored(
    {
      ...{ connection: 'clinic', id: `c${minutesAgo}`, createdAt: new Date(at).toISOString() },
      ...{ endedAt, ...facts },
    },
    { recordedAt: new Date(at + 30_000 + lateMs).toISOString() },
  );
};

describe('the charts', () => {
  it('are of pieces that join, begin at whole hours and are few', () => {
    const from = new Date('2026-11-19T11:47:00Z');
    const pieces = piecesOf({ ...HOURS, from });

    expect(pieces[0]?.from).toEqual(from);
    expect(pieces[1]?.from).toEqual(new Date('2026-11-19T12:00:00Z'));
    expect(pieces.at(-1)?.to).toEqual(TO);
    expect(pieces.slice(1).map((piece) => piece.from)).toEqual(
      pieces.slice(0, -1).map((piece) => piece.to),
    );
    for (const days of [1 / 24, 1, 7, 30, 400]) {
      const range = { ...HOURS, from: new Date(TO.getTime() - days * 86_400_000) };
      expect(piecesOf(range).length).toBeLessThanOrEqual(32);
    }
  });

  it('count calls over time, by how they ended', async () => {
    const calls = [
      begun(10),
      begun(20, FAILED),
      begun(30, { outcome: 'open', status: 'ringing' }),
      begun(70),
    ];
    const { bars } = await drawCharts(memoryRecords({ calls }), HOURS);

    expect(bars).toHaveLength(24);
    expect(bars.at(-1)).toMatchObject({
      ...{ total: 3, outcomes: { completed: 1, failed: 1, open: 1 }, estimated: false },
    });
    expect(bars.at(-2)).toMatchObject({ total: 1 });
    expect(bars[0]).toMatchObject({ total: 0, freshMs: null });
  });

  it('read no more than fifty calls of a bar, count the others, and say so', async () => {
    const calls = Array.from({ length: 200 }, (_, n) =>
      begun(1 + n / 4, n % 4 === 0 ? FAILED : {}),
    ).map((call, n) => ({ ...call, call: { ...call.call, id: `n${n}` } }));
    const records = memoryRecords({ calls });
    let read = 0;
    const counted = {
      ...records,
      async *calls(range: typeof HOURS) {
        for await (const page of records.calls(range)) {
          read += page.length;
          yield page;
        }
      },
    };
    const { bars } = await drawCharts(counted, HOURS);

    expect(read).toBeLessThanOrEqual(60);
    expect(bars.at(-1)).toMatchObject({ total: 200, estimated: true });
    expect(bars.at(-1)?.outcomes.failed).toBeGreaterThan(40);
    expect(bars.at(-1)?.outcomes.failed).toBeLessThan(60);
  });

  it('say how long it took until an end was recorded, without what is silent or changed later', async () => {
    const calls = [
      ...[1, 2, 3, 4].map((n) => begun(n, {}, n * 1_000)),
      { ...begun(5, {}, 900_000), silent: true },
      { ...begun(6, {}, 900_000), revision: 2 },
    ];
    const { bars } = await drawCharts(memoryRecords({ calls }), HOURS);

    expect(bars.at(-1)?.freshMs).toEqual({ p50: 2_000, p90: 4_000 });
  });

  it('tell why calls failed, the most frequent reason first, and how far back that was read', async () => {
    const few = [
      begun(1, { ...FAILED, reason: 'busy' }),
      begun(2, { ...FAILED, reason: 'no_answer' }),
      begun(3, { ...FAILED, reason: 'no_answer' }),
    ];
    const many = Array.from({ length: 600 }, (_, n) => begun(1 + n, FAILED));
    const ofFew = await drawCharts(memoryRecords({ calls: few }), HOURS);
    const ofMany = await drawCharts(memoryRecords({ calls: many }), HOURS);

    expect(ofFew.reasons).toEqual([
      { reason: 'no_answer', count: 2 },
      { reason: 'busy', count: 1 },
    ]);
    expect(ofFew.reasonsBackTo).toBeNull();
    expect(ofMany.reasons).toEqual([{ reason: 'provider.error', count: 500 }]);
    expect(ofMany.reasonsBackTo).toBe(many[499]?.call.createdAt);
  });
});
