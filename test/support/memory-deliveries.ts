import type { Delivery, DeliveryKey } from '../../lib/delivery/delivery.ts';
import type { Claim, DeliveryStore, PaceBook } from '../../lib/delivery/delivery-store.ts';

const idOf = ({ subject, destination, eventId }: DeliveryKey) =>
  JSON.stringify([subject, destination, eventId]);

const isFree = (row: Delivery, now: Date, dueBy: Date) =>
  (row.state === 'waiting' && row.dueAt !== undefined && new Date(row.dueAt) <= dueBy) ||
  (row.state === 'sending' && new Date(row.leaseUntil) <= now);

/** The reference: what any store of deliveries must do, without the storing. */
export function memoryDeliveries(): DeliveryStore & { readonly rows: Map<string, Delivery> } {
  const rows = new Map<string, Delivery>();
  return {
    rows,
    async claim({ key, type, heldMs, lease, now, leaseUntil, dueBy }): Promise<Claim> {
      const before = rows.get(idOf(key));
      if (before !== undefined && !isFree(before, now, dueBy)) {
        return { claimed: false, row: before };
      }
      const { dueAt: _due, ...kept } = before ?? {
        ...{ ...key, type, heldMs, createdAt: now.toISOString() },
        ...{ attempts: 0, failures: 0, dueAt: undefined },
      };
      const row: Delivery = {
        ...kept,
        state: 'sending',
        lease,
        claimedAt: now.toISOString(),
        leaseUntil: leaseUntil.toISOString(),
      };
      rows.set(idOf(key), row);
      return { claimed: true, row, before };
    },
    async save(row) {
      if (rows.get(idOf(row))?.lease !== row.lease) return false;
      rows.set(idOf(row), row);
      return true;
    },
    async read(key) {
      return rows.get(idOf(key));
    },
  };
}

/** The reference of turn-taking. */
export function memoryPaceBook(): PaceBook {
  const next = new Map<string, number>();
  const held = new Map<string, number>();
  const latest = (book: Map<string, number>, key: string, at: number) =>
    book.set(key, Math.max(book.get(key) ?? 0, at));
  return {
    async reserve(key, everyMs, now) {
      const slot = Math.max(now.getTime(), next.get(key) ?? 0);
      next.set(key, slot + everyMs);
      return new Date(slot);
    },
    async hold(key, until) {
      latest(held, key, until.getTime());
      latest(next, key, until.getTime());
    },
    async heldUntil(key) {
      const until = held.get(key);
      return until === undefined ? undefined : new Date(until);
    },
  };
}
