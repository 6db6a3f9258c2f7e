import type { Breaker } from '../../lib/delivery/breaker.ts';
import type { BreakerBook } from '../../lib/delivery/breaker-book.ts';
import type { Delivery, DeliveryKey } from '../../lib/delivery/delivery.ts';
import { type DeliveryLists, listOf } from '../../lib/delivery/delivery-lists.ts';
import type { Claim, DeliveryStore } from '../../lib/delivery/delivery-store.ts';
import type { PaceBook } from '../../lib/delivery/pace-book.ts';

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
    async claim({ key, type, revision, heldMs, lease, now, leaseUntil, dueBy }): Promise<Claim> {
      const before = rows.get(idOf(key));
      if (before !== undefined && !isFree(before, now, dueBy)) {
        return { claimed: false, row: before };
      }
      const {
        dueAt: _due,
        openSince = now.toISOString(),
        ...kept
      } = before ?? {
        ...{ ...key, type, revision, heldMs, createdAt: now.toISOString() },
        ...{ attempts: 0, failures: 0, dueAt: undefined, openSince: undefined },
      };
      const row: Delivery = {
        ...kept,
        state: 'sending',
        lease,
        claimedAt: now.toISOString(),
        leaseUntil: leaseUntil.toISOString(),
      };
      rows.set(idOf(key), { ...row, openSince });
      return { claimed: true, row, before };
    },
    async save(row) {
      if ((rows.get(idOf(row)) ?? row).lease !== row.lease) return false;
      rows.set(idOf(row), row);
      return true;
    },
    async read(key) {
      return rows.get(idOf(key));
    },
    async ofSubject(subject, destination) {
      return [...rows.values()].filter(
        (row) => row.subject === subject && row.destination === destination,
      );
    },
  };
}

/** The reference of lists, over the rows of a store. */
export function memoryDeliveryLists(rows: Map<string, Delivery>): DeliveryLists {
  const dueOf = ({ dueAt = '' }: Delivery) => dueAt;
  return {
    read: async (destination, list, { limit, dueBefore }) =>
      [...rows.values()]
        .filter((row) => row.destination === destination && listOf(row) === list)
        .filter((row) => dueBefore === undefined || dueOf(row) < dueBefore.toISOString())
        .sort(
          (a, b) =>
            dueOf(a).localeCompare(dueOf(b)) || (a.event?.revision ?? 0) - (b.event?.revision ?? 0),
        )
        .slice(0, limit),
    replace: async (row, next) => {
      const { state, lease, dueAt } = rows.get(idOf(row)) ?? {};
      if (state !== row.state || lease !== row.lease || dueAt !== row.dueAt) return false;
      rows.set(idOf(row), next);
      return true;
    },
  };
}

/** The reference of breakers. */
export function memoryBreakers(): BreakerBook {
  const breakers = new Map<string, Breaker>();
  return {
    read: async (destination) => breakers.get(destination),
    save: async (next) => {
      if ((breakers.get(next.destination)?.version ?? 0) !== next.version - 1) return false;
      breakers.set(next.destination, next);
      return true;
    },
  };
}

/** The reference of pacing. */
export function memoryPaceBook(): PaceBook {
  const free = new Map<string, number>();
  const next = new Map<string, number>();
  const held = new Map<string, number>();
  const latest = (book: Map<string, number>, key: string, at: number) =>
    book.set(key, Math.max(book.get(key) ?? 0, at));
  return {
    async pass({ key, everyMs, now, withinMs, hasTurn }) {
      const passAt = Math.max(now.getTime(), free.get(key) ?? 0);
      const othersWait = !hasTurn && (next.get(key) ?? 0) > passAt;
      if (othersWait || passAt > now.getTime() + withinMs) return { notBefore: new Date(passAt) };
      free.set(key, passAt + everyMs);
      if (!hasTurn) next.set(key, passAt + everyMs);
      return { passAt: new Date(passAt) };
    },
    async lineUp(key, everyMs, from) {
      const turn = Math.max(from.getTime(), next.get(key) ?? 0);
      next.set(key, turn + everyMs);
      return new Date(turn);
    },
    async hold(key, until) {
      latest(free, key, until.getTime());
      latest(held, key, until.getTime());
    },
    async heldUntil(key) {
      const until = held.get(key);
      return until === undefined ? undefined : new Date(until);
    },
  };
}
