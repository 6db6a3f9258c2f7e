import { beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import type { DeliveryStore } from '../../lib/delivery/delivery-store.ts';
import { addMs } from '../../lib/time.ts';
import { connectionEvent, deliveryEvent, failedCall } from './events.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');
const key = { subject: 'clinic#call-1', destination: 'ops', eventId: 'evt-1' };

/** What every store of deliveries does. `fresh` gives an empty one. */
export function deliveryStoreContract(name: string, fresh: () => Promise<DeliveryStore>): void {
  describe(`${name}: deliveries`, () => {
    let store: DeliveryStore;
    beforeEach(async () => {
      store = await fresh();
    });

    const claim = (lease: string, now = NOW, subject = key.subject) =>
      store.claim({
        key: { ...key, subject },
        type: 'call.failed',
        revision: 1,
        heldMs: 7,
        lease,
        now,
        leaseUntil: addMs(now, 60_000),
        dueBy: addMs(now, 2_000),
      });

    async function claimed(lease: string, now = NOW): Promise<Delivery> {
      const result = await claim(lease, now);
      if (!result.claimed) throw new Error(`It was ${result.row.state}`);
      return result.row;
    }

    it('starts a delivery that nobody has asked for yet', async () => {
      const result = await claim('a');

      expect(result).toEqual({
        claimed: true,
        before: undefined,
        row: {
          ...key,
          type: 'call.failed',
          revision: 1,
          state: 'sending',
          createdAt: NOW.toISOString(),
          attempts: 0,
          failures: 0,
          heldMs: 7,
          lease: 'a',
          claimedAt: NOW.toISOString(),
          leaseUntil: addMs(NOW, 60_000).toISOString(),
        },
      });
      expect(await store.read(key)).toEqual({ ...result.row, openSince: NOW.toISOString() });
    });

    it('tells since when its workers may have sent it, however many have died', async () => {
      await claimed('a');
      await claimed('b', addMs(NOW, 60_000));
      const third = await claim('c', addMs(NOW, 120_000));

      expect(third).toMatchObject({ claimed: true, before: { openSince: NOW.toISOString() } });
      await store.save({ ...third.row, state: 'waiting', dueAt: NOW.toISOString() }, NOW);
      const fourth = await claim('d', addMs(NOW, 130_000));
      expect(fourth).toMatchObject({ claimed: true, before: { state: 'waiting' } });
      expect(fourth).not.toHaveProperty('before.openSince');
      expect(await store.read(key)).toMatchObject({
        openSince: addMs(NOW, 130_000).toISOString(),
      });
    });

    it('gives a delivery to one of many workers that ask at once', async () => {
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, index) => claim(`worker-${index}`)),
      );

      expect(results.filter((result) => result.claimed)).toHaveLength(1);
    });

    it('keeps a delivery from others while its lease lives, and hands it over afterwards', async () => {
      await claimed('a');

      expect(await claim('b', addMs(NOW, 59_999))).toMatchObject({
        claimed: false,
        row: { lease: 'a' },
      });
      expect(await claim('b', addMs(NOW, 60_000))).toMatchObject({
        claimed: true,
        before: { lease: 'a', state: 'sending' },
        row: { lease: 'b' },
      });
    });

    it('keeps a waiting delivery until it is due, and everything known of it after that', async () => {
      const row = await claimed('a');
      const waiting: Delivery = {
        ...row,
        state: 'waiting',
        dueAt: addMs(NOW, 30_000).toISOString(),
        slotAt: addMs(NOW, 30_000).toISOString(),
        attempts: 2,
        failures: 1,
        heldMs: 1234,
        lastReason: 'unreachable',
        doubt: { since: NOW.toISOString(), failureStated: true },
      };
      expect(await store.save(waiting, NOW)).toBe(true);

      expect(await claim('b', addMs(NOW, 27_999))).toEqual({ claimed: false, row: waiting });
      const later = await claim('b', addMs(NOW, 28_000));

      expect(later).toMatchObject({ claimed: true, before: waiting });
      expect(later.row).toMatchObject({
        state: 'sending',
        slotAt: waiting.slotAt,
        attempts: 2,
        heldMs: 1234,
        doubt: waiting.doubt,
        createdAt: NOW.toISOString(),
      });
      expect(later.row.dueAt).toBeUndefined();
    });

    it.each(['delivered', 'parked', 'failed', 'uncertain'] as const)(
      'never gives a %s delivery again',
      async (state) => {
        const row = await claimed('a');
        await store.save({ ...row, state, dueAt: NOW.toISOString() }, NOW);

        const result = await claim('b', addMs(NOW, 86_400_000));

        expect(result).toMatchObject({ claimed: false, row: { state } });
      },
    );

    it('refuses the receipt of a worker that was taken over', async () => {
      const old = await claimed('a');
      await claimed('b', addMs(NOW, 60_000));

      expect(await store.save({ ...old, state: 'delivered' }, NOW)).toBe(false);
      expect(await store.read(key)).toMatchObject({ state: 'sending', lease: 'b' });
    });

    it('takes the receipt of a delivery that nobody claimed, and the first one only', async () => {
      const row: Delivery = {
        ...(await claimed('elsewhere')),
        subject: 'clinic#call-9',
        lease: 'a',
        state: 'delivered',
      };

      expect(await store.save(row, NOW)).toBe(true);
      expect(await store.save({ ...row, lease: 'b' }, NOW)).toBe(false);
      expect(await store.read({ ...key, subject: 'clinic#call-9' })).toEqual(row);
    });

    it.each(['waiting', 'parked', 'failed', 'uncertain'] as const)(
      'takes the late receipt of one that is %s: what has arrived is not told again',
      async (state) => {
        const old = await claimed('a');
        const other = await claimed('b', addMs(NOW, 60_000));
        await store.save({ ...other, state, dueAt: NOW.toISOString() }, NOW);
        const receipt: Delivery = { ...old, state: 'delivered', receipt: { ts: '1.5' } };

        expect(await store.save({ ...old, state: 'waiting' }, NOW)).toBe(false);
        expect(await store.save(receipt, NOW)).toBe(true);
        expect(await store.read(key)).toEqual(receipt);
      },
    );

    it('keeps a receipt and who was told instead', async () => {
      const row = await claimed('a');
      const done: Delivery = {
        ...row,
        state: 'parked',
        receipt: { channel: 'C1', ts: '1.2' },
        fallback: { destination: 'hook', problem: 'not configured' },
        dueAt: undefined,
      };
      await store.save(done, NOW);

      expect(await store.read(key)).toEqual(done);
    });

    it.each([failedCall(), connectionEvent(), deliveryEvent()])(
      'keeps an event while it is not delivered: $type',
      async (event) => {
        const row = await claimed('a');
        await store.save({ ...row, state: 'waiting', dueAt: NOW.toISOString(), event }, NOW);
        const again = await claimed('b');
        expect(again).toMatchObject({ event });

        await store.save({ ...again, state: 'delivered', event: undefined }, NOW);
        expect(await store.read(key)).not.toHaveProperty('event', expect.anything());
      },
    );

    it('tells all there is about one subject for one destination', async () => {
      const row = await claimed('a');
      const others: Partial<Delivery>[] = [
        { eventId: 'evt-2', state: 'delivered' },
        { eventId: 'evt-3', destination: 'ops-hook' },
        { eventId: 'evt-4', subject: 'clinic#call-10' },
      ];
      for (const other of others) await store.save({ ...row, ...other }, NOW);

      const found = await store.ofSubject('clinic#call-1', 'ops');
      expect(found.map(({ eventId }) => eventId).toSorted()).toEqual(['evt-1', 'evt-2']);
    });

    it('keeps the deliveries of one event to different subjects apart', async () => {
      await claimed('a');

      expect(await claim('b', NOW, 'clinic#call-2')).toMatchObject({ claimed: true });
      expect(await store.read({ ...key, subject: 'clinic#call-3' })).toBeUndefined();
    });
  });
}
