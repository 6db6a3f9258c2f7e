import { beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import type { DeliveryStore } from '../../lib/delivery/delivery-store.ts';
import type { Incident } from '../../lib/delivery/incident.ts';
import type { IncidentBook, IncidentChange } from '../../lib/delivery/incident-book.ts';
import { addMs } from '../../lib/time.ts';
import { failedCall } from './events.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');
const REF = { destination: 'ops', key: '#voice-ops#call#clinic#no_answer' };
const opener = { ...failedCall(), id: 'evt-1' };
const PARENT = { channel: 'C1', ts: '1.2' };

/** What every book of incidents does. `fresh` gives an empty one, and the deliveries beside it. */
export function incidentBookContract(
  name: string,
  fresh: () => Promise<{ book: IncidentBook; store: DeliveryStore }>,
): void {
  describe(`${name}: incidents`, () => {
    let book: IncidentBook;
    let store: DeliveryStore;
    beforeEach(async () => {
      ({ book, store } = await fresh());
    });

    async function claimed(eventId: string, lease = 'worker'): Promise<Delivery> {
      const { row } = await store.claim({
        ...{ key: { subject: `clinic#${eventId}`, destination: 'ops', eventId } },
        ...{ type: 'call.failed', revision: 1, heldMs: 0, lease, now: NOW },
        ...{ leaseUntil: addMs(NOW, 60_000), dueBy: new Date('9999-12-31') },
      });
      return row;
    }
    const delivered = (row: Delivery): Delivery => ({
      ...row,
      state: 'delivered',
      receipt: PARENT,
    });
    const change = (over: Partial<IncidentChange> = {}): IncidentChange => ({
      ...{ told: 1, lastAt: opener.occurredAt, at: NOW, shown: false, ends: false },
      ...over,
    });
    async function begun(): Promise<Incident> {
      const incident = await book.begin(REF, opener, NOW, undefined);
      if (incident === undefined) throw new Error('It did not begin');
      return incident;
    }
    async function opened(): Promise<Incident> {
      await book.open(await begun(), PARENT, NOW);
      const incident = await book.read(REF);
      if (incident === undefined) throw new Error('It is gone');
      return incident;
    }

    it('begin once, whoever else begins them', async () => {
      const first = await begun();
      const second = await book.begin(REF, { ...opener, id: 'evt-2' }, NOW, undefined);

      expect(first).toMatchObject({
        state: 'opening',
        opener,
        count: 0,
        openedAt: NOW.toISOString(),
      });
      expect(second).toEqual(first);
      expect(await book.read(REF)).toEqual(first);
      expect(await book.read({ ...REF, key: 'another' })).toBeUndefined();
    });

    it('open once with the receipt of their first message', async () => {
      const incident = await opened();
      expect(incident).toMatchObject({ state: 'open', parent: PARENT, count: 1 });

      await book.open(incident, { channel: 'C2', ts: '9.9' }, addMs(NOW, 1_000));
      expect(await book.read(REF)).toEqual(incident);
    });

    it('count each delivery once, and leave out those that others have taken over', async () => {
      const incident = await opened();
      const ours = delivered(await claimed('evt-2'));
      const theirs = { ...delivered(await claimed('evt-3', 'another')), lease: 'worker' };
      const at = addMs(NOW, 5_000);

      expect(await book.settle([ours, theirs], incident, change({ told: 2, at }))).toEqual([
        theirs,
      ]);

      expect(await book.read(REF)).toMatchObject({ count: 2, toldAt: at.toISOString() });
      const key = { subject: 'clinic#evt-3', destination: 'ops', eventId: 'evt-3' };
      expect(await store.read(key)).toMatchObject({ state: 'sending', lease: 'another' });
    });

    it('write nothing where all was taken over', async () => {
      const incident = await opened();
      const theirs = { ...delivered(await claimed('evt-3', 'another')), lease: 'worker' };

      expect(await book.settle([theirs], incident, change({ ends: true }))).toEqual([theirs]);
      expect(await book.read(REF)).toEqual(incident);
    });

    it('let deliveries be settled whose incident has made way for another', async () => {
      const incident = await opened();
      await book.close(incident);
      const closed = await book.read(REF);
      await book.begin(REF, { ...opener, id: 'evt-9' }, NOW, closed);

      expect(await book.settle([delivered(await claimed('evt-2'))], incident, change())).toEqual(
        [],
      );
      expect(await book.read(REF)).toMatchObject({ opener: { id: 'evt-9' }, count: 0 });
    });

    it('remember the first message of the one before', async () => {
      await book.close(await opened());
      const closed = await book.read(REF);
      expect(closed).toMatchObject({ state: 'closed' });

      const next = await book.begin(REF, { ...opener, id: 'evt-9' }, NOW, closed);
      expect(next).toMatchObject({ state: 'opening', previous: PARENT });
      const late = await book.begin(REF, { ...opener, id: 'evt-10' }, NOW, closed);
      expect(late).toMatchObject({ opener: { id: 'evt-9' } });
    });

    it('plan their next flush once, and only while they are open', async () => {
      const opening = await begun();
      const flush = { at: addMs(NOW, 3_000), by: 'evt-2' };
      expect(await book.plan(opening, flush)).toBe(false);

      const incident = await opened();
      expect(await book.plan(incident, flush)).toBe(true);
      expect(await book.plan(incident, { ...flush, by: 'evt-3' })).toBe(false);
      const planned = await book.read(REF);
      expect(planned).toMatchObject({ flushAt: flush.at.toISOString(), flushBy: 'evt-2' });

      await book.close(incident);
      expect(planned && (await book.plan(planned, flush))).toBe(false);
    });

    it('know who waits in them, the first due first, and nobody in doubt', async () => {
      const waiting = async (eventId: string, dueMs: number, over: Partial<Delivery> = {}) => {
        const dueAt = addMs(NOW, dueMs).toISOString();
        const row = { ...(await claimed(eventId)), ...{ incident: REF.key, dueAt, event: opener } };
        await store.save({ ...row, state: 'waiting', ...over }, NOW);
      };
      await waiting('evt-late', 9_000);
      await waiting('evt-soon', 1_000);
      await waiting('evt-other', 1_000, { incident: 'another' });
      await waiting('evt-doubt', 1_000, {
        doubt: { since: NOW.toISOString(), failureStated: false },
      });
      await waiting('evt-told', 1_000, { state: 'delivered' });

      const key = (eventId: string) => ({
        subject: `clinic#${eventId}`,
        destination: 'ops',
        eventId,
      });
      expect(await book.members(REF, 9)).toEqual([key('evt-soon'), key('evt-late')]);
      expect(await book.members(REF, 1)).toEqual([key('evt-soon')]);
      await claimed('evt-soon');
      expect(await book.members(REF, 9)).toEqual([key('evt-late')]);
    });
  });
}
