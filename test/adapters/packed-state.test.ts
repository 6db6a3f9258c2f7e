import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { packState, unpackState } from '../../lib/adapters/packed-state.ts';
import { initialState, MAX_ENRICH, MAX_OPEN } from '../../lib/polling/poll-state.ts';
import { addMs } from '../../lib/time.ts';
import { connection, NOW } from '../support/calls.ts';

/** Ids like those of most providers, no two alike. */
const idOf = (place: number): string => {
  const hex = createHash('sha256').update(String(place)).digest('hex');
  return [8, 12, 16, 20, 32].map((end, at, ends) => hex.slice(ends[at - 1] ?? 0, end)).join('-');
};
const instant = (place: number) => addMs(NOW, place * 977_777).toISOString();

/** The state of a connection that has been polled for weeks. */
const stateWith = (open: number, awaited: number) => ({
  ...initialState(connection(), NOW),
  version: 12_345,
  begun: true,
  pace: {
    calls: 123.456_789,
    days: 1.987_654,
    lengths: Array.from({ length: 14 }, (_, place) => (place * 7) % 31),
    hours: Array.from({ length: 24 }, (_, place) => (place * 61) % 250),
    requests: 1.234_567,
  },
  open: Array.from({ length: open }, (_, place) => ({ id: idOf(place), since: instant(place) })),
  enrich: Array.from({ length: awaited }, (_, place) => ({
    id: idOf(100 + place),
    dueAt: instant(place),
    tries: 1,
  })),
});

describe('a packed state', () => {
  it('is the same when it is unpacked', () => {
    const state = stateWith(3, 2);

    expect(unpackState(packState(state))).toEqual(state);
  });

  it.each([
    [5, 4, 512],
    [12, 8, 1_024],
    [MAX_OPEN, MAX_ENRICH, 1_536],
  ])('with %i open calls and %i awaited details has less than %i bytes', (open, awaited, bytes) => {
    expect(packState(stateWith(open, awaited)).byteLength).toBeLessThan(bytes);
  });

  it('that is damaged is refused, not started over', () => {
    const packed = packState(stateWith(3, 2));

    expect(() => unpackState(packed.subarray(0, 40))).toThrow();
    expect(() => unpackState(new Uint8Array([9, ...packed.subarray(1)]))).toThrow();
  });
});
