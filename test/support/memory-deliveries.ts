import type { Breaker } from '../../lib/delivery/breaker.ts';
import type { BreakerBook } from '../../lib/delivery/breaker-book.ts';
import type { Delivery, DeliveryKey } from '../../lib/delivery/delivery.ts';
import { type DeliveryLists, listOf } from '../../lib/delivery/delivery-lists.ts';
import type { Claim, DeliveryStore } from '../../lib/delivery/delivery-store.ts';
import type { Incident, IncidentKey } from '../../lib/delivery/incident.ts';
import type { IncidentBook } from '../../lib/delivery/incident-book.ts';
import type { PaceBook } from '../../lib/delivery/pace-book.ts';

const idOf = ({ subject, destination, eventId }: DeliveryKey) =>
  JSON.stringify([subject, destination, eventId]);

const isFree = (row: Delivery, now: Date, dueBy: Date) =>
  (row.state === 'waiting' && row.dueAt !== undefined && new Date(row.dueAt) <= dueBy) ||
  (row.state === 'sending' && new Date(row.leaseUntil) <= now);

const SETTLED: readonly string[] = ['delivered', 'skipped'];

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
      const there = rows.get(idOf(row)) ?? row;
      const isNews = row.state === 'delivered' && !['sending', ...SETTLED].includes(there.state);
      if (there.lease !== row.lease && !isNews) return false;
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

/** The reference of incidents, beside the deliveries that belong to them. */
export function memoryIncidents(
  deliveries: ReturnType<typeof memoryDeliveries>,
): IncidentBook & { readonly incidents: Map<string, Incident> } {
  const incidents = new Map<string, Incident>();
  const nameOf = ({ destination, key }: IncidentKey) => JSON.stringify([destination, key]);
  const current = (incident: Incident) => {
    const now = incidents.get(nameOf(incident));
    return now?.opener.id === incident.opener.id ? now : undefined;
  };
  const book: IncidentBook = {
    async read(ref) {
      return incidents.get(nameOf(ref));
    },
    async begin(ref, opener, now, over) {
      const there = incidents.get(nameOf(ref));
      const isFree =
        over === undefined
          ? there === undefined
          : there?.opener.id === over.opener.id &&
            there.toldAt === over.toldAt &&
            there.openedAt === over.openedAt;
      if (!isFree) return there;
      const at = now.toISOString();
      const previous = over?.parent ?? over?.previous;
      const incident: Incident = {
        ...{ ...ref, state: 'opening', opener, openedAt: at, count: 0 },
        ...{ lastAt: opener.occurredAt, toldAt: at, shownAt: at },
        ...(previous && { previous }),
      };
      incidents.set(nameOf(ref), incident);
      return incident;
    },
    async open(incident, parent, now) {
      const there = current(incident);
      if (there?.state !== 'opening') return;
      const at = now.toISOString();
      const opened = { state: 'open' as const, parent, count: 1, toldAt: at, shownAt: at };
      incidents.set(nameOf(incident), { ...there, ...opened });
    },
    async plan(incident, { at, by }) {
      const there = current(incident);
      if (there?.state !== 'open' || there.flushAt !== incident.flushAt) return false;
      incidents.set(nameOf(incident), { ...there, flushAt: at.toISOString(), flushBy: by });
      return true;
    },
    async settle(rows, incident, { told, lastAt, at, shown, ends }) {
      const lost = rows.filter(
        (row) => (deliveries.rows.get(idOf(row)) ?? row).lease !== row.lease,
      );
      if (lost.length === rows.length) return lost;
      for (const row of rows) if (!lost.includes(row)) await deliveries.save(row, at);
      const there = current(incident);
      if (there === undefined) return lost;
      incidents.set(nameOf(incident), {
        ...there,
        ...{ count: there.count + Math.max(0, told - lost.length), lastAt },
        toldAt: at.toISOString(),
        ...(shown && { shownAt: at.toISOString() }),
        ...(ends && { state: 'closed' as const }),
      });
      return lost;
    },
    async close(incident) {
      const there = current(incident);
      if (there) incidents.set(nameOf(incident), { ...there, state: 'closed' });
    },
    async members({ destination, key }, limit) {
      return [...deliveries.rows.values()]
        .filter(
          (row) =>
            row.destination === destination &&
            row.state === 'waiting' &&
            row.incident === key &&
            row.doubt === undefined,
        )
        .sort((a, b) => String(a.dueAt).localeCompare(String(b.dueAt)))
        .slice(0, limit)
        .map(({ subject, eventId }) => ({ subject, destination, eventId }));
    },
  };
  return { ...book, incidents };
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
