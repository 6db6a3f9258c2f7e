import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundOpen,
  initialState,
  MAX_OPEN,
  mergeStates,
  migrate,
  type PollState,
} from '../../lib/polling/poll-state.ts';
import { decodeRecents } from '../../lib/polling/recents.ts';
import { connection, NOW } from '../support/calls.ts';

const instant = (second: number) => new Date(NOW.getTime() + second * 1000).toISOString();
const remembered = (id: number) => ({ id: `c${id}`, since: instant(id) });

const state = (facts: Partial<PollState> = {}): PollState => ({
  ...initialState(connection(), NOW),
  version: 1,
  ...facts,
});

const anyState = fc
  .record({
    calls: fc.uniqueArray(fc.nat(60), { maxLength: 40 }),
    watermark: fc.nat(100),
    backoff: fc.option(fc.nat(100), { nil: null }),
  })
  .map(({ calls, watermark, backoff }) => ({
    calls,
    state: state({
      ...boundOpen(calls.map(remembered)),
      watermark: instant(watermark),
      backoffUntil: backoff === null ? null : instant(backoff),
    }),
  }));

describe('a merged state', () => {
  it('remembers each open call of both, by its id or by where the rest begins, but for what was settled', () => {
    fc.assert(
      fc.property(anyState, anyState, fc.array(fc.nat(60)), (stored, mine, settled) => {
        const isSettled = new Set(settled.map((id) => `c${id}`));
        const open = mine.calls.filter((id) => !isSettled.has(`c${id}`));
        const mineState = { ...mine.state, ...boundOpen(open.map(remembered)) };
        const merged = mergeStates(stored.state, mineState, isSettled);

        for (const id of [...stored.calls, ...open]) {
          if (isSettled.has(`c${id}`)) continue;
          const { since } = remembered(id);
          const isKept = merged.open.some((entry) => entry.id === `c${id}`);
          expect(isKept || (merged.openFrom !== null && merged.openFrom <= since)).toBe(true);
        }
        expect(merged.open.length).toBeLessThanOrEqual(MAX_OPEN);
      }),
    );
  });

  it('never moves watermark or back-off backwards', () => {
    fc.assert(
      fc.property(anyState, anyState, ({ state: stored }, { state: mine }) => {
        const merged = mergeStates(stored, mine, new Set());

        for (const { watermark, backoffUntil } of [stored, mine]) {
          expect(merged.watermark >= watermark).toBe(true);
          expect((merged.backoffUntil ?? '') >= (backoffUntil ?? '')).toBe(true);
        }
      }),
    );
  });

  it('keeps a failure that people were told of until its end is told', () => {
    const failure = { count: 3, reason: 'unreachable', since: instant(0), announced: true };

    expect(mergeStates(state({ failure }), state(), new Set()).failure).toEqual(failure);
    expect(
      mergeStates(state({ failure: { ...failure, announced: false } }), state(), new Set()).failure,
    ).toBeNull();
  });
});

describe('a stored state', () => {
  it('is read again as it was', () => {
    expect(migrate(JSON.parse(JSON.stringify(state())))).toEqual(state());
  });

  it('of before one page was measured reaches as far as it did', () => {
    const busy = { deepAt: instant(0), readUntil: instant(1) };

    expect(migrate({ ...state(), busy }).busy).toEqual({ ...busy, pageMs: 300_000 });
  });

  it('that never was one is refused, not started over', () => {
    expect(() => migrate({ v: 99 })).toThrow();
    expect(() => migrate(undefined)).toThrow();
  });

  it('stays under 4 KB with every place in it taken', () => {
    const id = 'e01b0877-1849-49f5-b4c2-d789fe603ec8';
    const full = state({
      open: Array.from({ length: MAX_OPEN }, () => ({ id, since: instant(0) })),
      enrich: Array.from({ length: MAX_OPEN }, () => ({ id, dueAt: instant(0), tries: 1 })),
    });

    expect(JSON.stringify(full).length).toBeLessThan(4_096);
  });
});

describe('recent rows', () => {
  const ALL = { forgetUnseen: false };

  it('are recognised again, and changed ones are not', () => {
    const recents = decodeRecents('');
    recents.set('a', 'print-01');
    const again = decodeRecents(recents.encode(ALL));

    expect(again.has('a', 'print-01')).toBe(true);
    expect(again.has('a', 'print-02')).toBe(false);
    expect(again.changed).toBe(false);
  });

  it('are kept as a walk meets them first, and stay within one read unit', () => {
    const recents = decodeRecents('');
    for (let row = 0; row < 1_000; row += 1) recents.set(`c${row}`, 'print-01');
    const encoded = recents.encode(ALL);
    const again = decodeRecents(encoded);

    expect(encoded.length).toBeLessThanOrEqual(4_096 - 64);
    expect(again.has('c0', 'print-01')).toBe(true);
    expect(again.has('c999', 'print-01')).toBe(false);
  });

  it('make room for what a later poll meets', () => {
    const recents = decodeRecents('');
    for (let row = 0; row < 250; row += 1) recents.set(`c${row}`, 'print-01');
    const later = decodeRecents(recents.encode(ALL));
    later.set('new', 'print-02');
    const again = decodeRecents(later.encode(ALL));

    expect(again.has('new', 'print-02')).toBe(true);
    expect(again.has('c0', 'print-01')).toBe(true);
    expect(again.has('c249', 'print-01')).toBe(false);
  });

  it('are forgotten, where that is asked for, when nobody has looked at them', () => {
    const recents = decodeRecents('');
    for (const id of ['gone', 'same', 'changed']) recents.set(id, 'print-01');
    const later = decodeRecents(recents.encode(ALL));
    later.has('same', 'print-01');
    later.has('changed', 'print-02');
    later.set('new', 'print-01');
    const again = decodeRecents(later.encode({ forgetUnseen: true }));

    expect(again.has('gone', 'print-01')).toBe(false);
    expect(['same', 'changed', 'new'].map((id) => again.has(id, 'print-01'))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('survive an encoding that was cut off', () => {
    expect(decodeRecents('0123456789').has('a', 'b')).toBe(false);
  });
});
