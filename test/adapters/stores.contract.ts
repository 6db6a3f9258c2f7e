import { describe, expect, it } from 'vitest';
import type { CallStore } from '../../lib/calls/call-store.ts';
import { forgottenVersion } from '../../lib/calls/forgotten.ts';
import { nextVersion, type StoredCall } from '../../lib/calls/version.ts';
import { driftNotice } from '../../lib/events/notice.ts';
import { initialState } from '../../lib/polling/poll-state.ts';
import type { PollStateStore } from '../../lib/polling/ports.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import type { RangeJobStore } from '../../lib/ranges/ports.ts';
import { newBackfill } from '../../lib/ranges/range-job.ts';
import { connection, FAILED, look, NOW, OPEN, policy } from '../support/calls.ts';

const versionOf = (seen: ReturnType<typeof look>, before?: StoredCall): StoredCall => {
  const next = nextVersion(before, seen, policy());
  if (!next) throw new Error('There is nothing new in that');
  return next;
};

/** What any store of calls must do. */
export function callStoreContract(name: string, open: () => Promise<CallStore>): void {
  describe(`a store of calls: ${name}`, () => {
    it('gives back what was written, byte for byte', async () => {
      const store = await open();
      const seen = look(0, {
        summary: 'مرحبا 🤖',
        contactNumber: '+966551234567',
        durationSeconds: 0.5,
        attributes: { big: 1e20, tiny: 1e-300, list: [null, ''], deep: deep(60) },
      });
      const stored = { ...versionOf(seen), raw: { inline: '[{"summary":"مرحبا 🤖"}]' } };

      expect(await store.write(stored)).toBe(true);
      const read = (await store.get('clinic', ['call-1'])).get('call-1');
      expect(read).toEqual(stored);
    });

    it('writes a first version once', async () => {
      const store = await open();

      expect(await store.write(versionOf(look(0)))).toBe(true);
      expect(await store.write(versionOf(look(1, OPEN)))).toBe(false);
    });

    it('writes a version on top of the one it was made from, and on no other', async () => {
      const store = await open();
      const first = versionOf(look(0, OPEN));
      const second = versionOf(look(1), first);
      await store.write(first);

      expect(await store.write({ ...second, version: 3 })).toBe(false);
      expect(await store.write(second)).toBe(true);
      expect(await store.write(second)).toBe(false);
    });

    it('lets one of many writers at once through', async () => {
      const store = await open();
      const written = await Promise.all(
        Array.from({ length: 10 }, (_, second) => store.write(versionOf(look(second)))),
      );

      expect(written.filter(Boolean)).toHaveLength(1);
    });

    it('finds many calls, some of them, or none; also one that is asked for twice', async () => {
      const store = await open();
      const ids = Array.from({ length: 230 }, (_, id) => `call-${id}`);
      await Promise.all(ids.map((id) => store.write(versionOf(look(0, { id })))));

      expect((await store.get('clinic', [...ids, 'unknown', 'call-0'])).size).toBe(230);
      expect((await store.get('clinic', [])).size).toBe(0);
    });

    it('keeps connections apart', async () => {
      const store = await open();
      await store.write(versionOf(look(0, { connection: 'other' })));

      expect((await store.get('clinic', ['call-1'])).size).toBe(0);
      expect(await store.write(versionOf(look(0)))).toBe(true);
    });

    it('keeps that a call was forgotten, and nothing of it, and writes no version after it', async () => {
      const store = await open();
      const first = versionOf(look(0, { ...FAILED, contactNumber: '+966551234567' }));
      await store.write(first);
      const forgotten = forgottenVersion(first.call, first, NOW);

      expect(await store.write(forgotten)).toBe(true);
      expect((await store.get('clinic', ['call-1'])).get('call-1')).toEqual(forgotten);
      expect(await store.write(versionOf(look(9)))).toBe(false);
      expect(await store.write({ ...first, version: 2 })).toBe(false);
    });

    it('takes a notice once', async () => {
      const store = await open();
      const drift = driftNotice(
        { id: 'clinic', provider: 'hamsa' },
        { field: 'a', rule: 'b' },
        NOW,
      );

      expect(await store.notify(drift)).toBe(true);
      expect(await store.notify({ ...drift, recordedAt: new Date().toISOString() })).toBe(false);
    });
  });
}

/** What any store of poll states must do. */
export function pollStateContract(name: string, open: () => Promise<PollStateStore>): void {
  describe(`a store of poll states: ${name}`, () => {
    const state = { ...initialState(connection(), NOW), version: 1 };

    it('knows nothing of a connection at first', async () => {
      const store = await open();

      expect(await store.load('clinic')).toEqual({ state: undefined, recents: '' });
    });

    it('gives back what was saved last', async () => {
      const store = await open();
      const open_ = [{ id: 'a', since: NOW.toISOString() }];
      await store.save('clinic', state, '');
      await store.save('clinic', { ...state, version: 2, open: open_ }, 'abcdefgh12345678');

      expect(await store.load('clinic', { fresh: true })).toEqual({
        state: { ...state, version: 2, open: open_ },
        recents: 'abcdefgh12345678',
      });
      expect((await store.load('other')).state).toBeUndefined();
    });

    it('saves a state on top of the one it was made from, and on no other', async () => {
      const store = await open();

      expect(await store.save('clinic', { ...state, version: 2 }, '')).toBe(false);
      expect(await store.save('clinic', state, '')).toBe(true);
      expect(await store.save('clinic', state, '')).toBe(false);
      expect(await store.save('clinic', { ...state, version: 3 }, '')).toBe(false);
      expect(await store.save('clinic', { ...state, version: 2 }, '')).toBe(true);
    });

    it.each([0, 1, 42, 43, 250])('gives back %i fingerprints', async (count) => {
      const store = await open();
      const prints = Array.from({ length: count }, (_, at) => `id-${at}`.padEnd(8, '_'))
        .map((id) => `${id}print-01`)
        .join('');
      await store.save('clinic', state, 'abcdefgh12345678'.repeat(100));
      await store.save('clinic', { ...state, version: 2 }, prints);

      expect(await store.load('clinic')).toEqual({
        state: { ...state, version: 2 },
        recents: prints,
      });
    });

    it('saves fingerprints with their state only', async () => {
      const store = await open();
      await store.save('clinic', state, 'a'.repeat(16));

      expect(await store.save('clinic', state, 'b'.repeat(16))).toBe(false);
      expect((await store.load('clinic')).recents).toBe('a'.repeat(16));
    });
  });
}

/** What any store of sweeps and backfills must do. */
export function rangeJobContract(name: string, open: () => Promise<RangeJobStore>): void {
  describe(`a store of sweeps and backfills: ${name}`, () => {
    const order = { from: new Date(0), to: NOW, announce: 'none', dryRun: false } as const;
    const job = { ...newBackfill(order, undefined, hamsa.list, NOW), version: 1 };

    it('gives back what was saved last, of one connection and one kind', async () => {
      const store = await open();
      const later = { ...job, version: 2, counts: { ...job.counts, listed: 7 }, lookBackMs: 0.5 };
      expect(await store.load('clinic', 'backfill')).toBeUndefined();
      await store.save('clinic', job);
      await store.save('clinic', later);

      expect(await store.load('clinic', 'backfill')).toEqual(later);
      expect(await store.load('clinic', 'daily')).toBeUndefined();
      expect(await store.load('other', 'backfill')).toBeUndefined();
    });

    it('saves a job on top of the one it was made from, and on no other', async () => {
      const store = await open();

      expect(await store.save('clinic', { ...job, version: 2 })).toBe(false);
      expect(await store.save('clinic', job)).toBe(true);
      expect(await store.save('clinic', job)).toBe(false);
      expect(await store.save('clinic', { ...job, kind: 'weekly' })).toBe(true);
      expect(await store.save('clinic', { ...job, version: 2, state: 'canceled' })).toBe(true);
    });
  });
}

function deep(levels: number): Record<string, never> | { in: ReturnType<typeof deep> } {
  return levels === 0 ? {} : { in: deep(levels - 1) };
}
