import { beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import {
  type DeliveryList,
  type DeliveryLists,
  listOf,
} from '../../lib/delivery/delivery-lists.ts';
import type { DeliveryStore } from '../../lib/delivery/delivery-store.ts';
import type { IncidentBook } from '../../lib/delivery/incident-book.ts';
import { addMs, SECOND_MS } from '../../lib/time.ts';
import { callEvent } from './events.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');
const at = (seconds: number) => addMs(NOW, seconds * SECOND_MS).toISOString();
const EVERYTHING = { limit: Number.POSITIVE_INFINITY };

const row = (eventId: string, over: Partial<Delivery> = {}): Delivery => ({
  ...{ subject: `clinic#${eventId}`, destination: 'ops', eventId, type: 'call.failed' },
  ...{ state: 'parked', createdAt: at(0), dueAt: at(0), attempts: 0, failures: 0, heldMs: 0 },
  ...{ lease: 'a', claimedAt: at(0), leaseUntil: at(60) },
  ...over,
});

/** What every reader of lists does. `fresh` gives an empty one, and a store to fill it. */
export function deliveryListsContract(
  name: string,
  fresh: () => Promise<{ store: DeliveryStore; lists: DeliveryLists; incidents: IncidentBook }>,
): void {
  describe(`${name}: lists of deliveries`, () => {
    let store: DeliveryStore;
    let lists: DeliveryLists;
    let incidents: IncidentBook;
    beforeEach(async () => {
      ({ store, lists, incidents } = await fresh());
    });

    const keep = async (...rows: readonly Delivery[]) => {
      for (const each of rows) await store.save(each, NOW);
    };
    const idsIn = async (list: DeliveryList, options = EVERYTHING) =>
      (await lists.read('ops', list, options)).map(({ eventId }) => eventId);

    it('keep apart what a person, a message and a breaker will bring on', async () => {
      const states = ['waiting', 'parked', 'failed', 'uncertain', 'delivered', 'sending'] as const;
      await keep(
        ...states.map((state) => row(state, { state })),
        row('held', { parkedBy: 'breaker' }),
        row('elsewhere', { destination: 'crm' }),
      );

      for (const list of ['waiting', 'parked', 'failed', 'uncertain'] as const) {
        expect(await idsIn(list), list).toEqual([list]);
      }
      expect(await idsIn('breaker')).toEqual(['held']);
      expect(await lists.read('crm', 'parked', EVERYTHING)).toHaveLength(1);
    });

    it('tell of rows whole, those first that are due first, and of one call the earlier word', async () => {
      const parkedBy = 'breaker';
      const later = row('later', { parkedBy, dueAt: at(9) });
      const second = row('a', { parkedBy, dueAt: at(5), event: callEvent({ revision: 2 }) });
      const first = row('b', { parkedBy, dueAt: at(5), event: callEvent({ revision: 1 }) });
      await keep(later, second, first);

      expect(await lists.read('ops', 'breaker', EVERYTHING)).toEqual([first, second, later]);
    });

    it('tell of as many as are wanted, and of those that are due before an instant', async () => {
      await keep(...[1, 2, 3, 4].map((index) => row(`evt-${index}`, { dueAt: at(index) })));

      expect(await idsIn('parked', { limit: 2 })).toEqual(['evt-1', 'evt-2']);
      const early = { ...EVERYTHING, dueBefore: addMs(NOW, 3_000) };
      expect(await idsIn('parked', early)).toEqual(['evt-1', 'evt-2']);
    });

    it('of what waits hold whoever waits to be told in an incident, ended or not', async () => {
      for (const key of ['a', 'b']) {
        const ref = { destination: 'ops', key };
        const incident = await incidents.begin(ref, callEvent(), NOW, undefined);
        if (incident && key === 'b') await incidents.close(incident);
        await keep(row(`in ${key}`, { state: 'waiting', incident: key, dueAt: at(1) }));
      }
      await keep(row('late', { state: 'waiting', incident: 'b', dueAt: at(7) }));

      const early = { ...EVERYTHING, dueBefore: addMs(NOW, 3_000) };
      expect((await idsIn('waiting', early)).toSorted()).toEqual(['in a', 'in b']);
      expect(await idsIn('waiting', { limit: 1 })).toHaveLength(1);
    });

    it('are left by what becomes something else', async () => {
      const held = row('held', { parkedBy: 'breaker', event: callEvent() });
      await keep(held);
      const { parkedBy: _by, ...rest } = held;
      const next: Delivery = { ...rest, state: 'waiting', dueAt: at(30) };

      expect(await lists.replace(held, next, NOW)).toBe(true);

      expect(await idsIn('breaker')).toEqual([]);
      expect(await lists.read('ops', 'waiting', EVERYTHING)).toEqual([next]);
      expect(listOf(next)).toBe('waiting');
    });

    it('replace no row that somebody has touched since it was read', async () => {
      const held = row('held');
      await keep(held);
      expect(await lists.replace({ ...held, dueAt: at(7) }, held, NOW)).toBe(false);
      expect(await lists.replace({ ...held, lease: 'b' }, held, NOW)).toBe(false);
      expect(await lists.replace({ ...held, state: 'failed' }, held, NOW)).toBe(false);
      expect(await lists.replace(row('none'), row('none'), NOW)).toBe(false);
      expect(await store.read(held)).toEqual(held);
    });
  });
}
