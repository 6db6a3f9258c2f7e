import { describe, expect, it } from 'vitest';
import { dueSweeps } from '../../lib/ranges/due-sweeps.ts';
import { addMs, DAY_MS, MINUTE_MS } from '../../lib/time.ts';
import { NOW } from '../support/calls.ts';

/** What dispatch finds, minute by minute. */
const minutes = (connection: string, days: number) =>
  Array.from({ length: days * 1_440 }, (_, minute) => {
    const from = addMs(NOW, minute * MINUTE_MS);
    return dueSweeps(connection, from, addMs(from, MINUTE_MS));
  }).flat();

describe('sweeps', () => {
  it('begin once a day and once a week, under names that come once and in order', () => {
    const due = minutes('clinic', 28);
    for (const [kind, count] of [
      ['daily', 28],
      ['weekly', 4],
    ] as const) {
      const jobs = due.flatMap(({ message }) => (message.kind === kind ? [message.job] : []));
      expect(jobs).toHaveLength(count);
      expect([...new Set(jobs)].toSorted()).toEqual(jobs);
    }
  });

  it('are the same whoever asks, and however the time is cut', () => {
    expect(dueSweeps('clinic', NOW, addMs(NOW, DAY_MS))).toEqual(minutes('clinic', 1));
  });

  it('of many connections spread over the day', () => {
    const hours = Array.from(
      { length: 2_400 },
      (_, id) => dueSweeps(`c${id}`, NOW, addMs(NOW, DAY_MS))[0]?.at.getUTCHours() ?? -1,
    );
    const perHour = [...Map.groupBy(hours, (hour) => hour).values()].map(({ length }) => length);

    expect(perHour).toHaveLength(24);
    expect(Math.max(...perHour)).toBeLessThan(150);
    expect(Math.min(...perHour)).toBeGreaterThan(50);
  });
});
