import type { DeliverDeps } from './deliver-deps.ts';
import type { Delivery, DeliveryKey } from './delivery.ts';
import type { Claim, ClaimRequest, DeliveryStore } from './delivery-store.ts';

/** What this worker has in its hands without a claim: copies of a message often arrive together. */
const inHand = new WeakMap<DeliveryStore, Map<string, Delivery>>();

const nameOf = ({ subject, destination, eventId }: DeliveryKey): string =>
  JSON.stringify([subject, destination, eventId]);

/** What this worker has in its hands of one subject for one destination. */
export const inHandOf = (store: DeliveryStore, subject: string, destination: string): Delivery[] =>
  [...(inHand.get(store)?.values() ?? [])].filter(
    (row) => row.subject === subject && row.destination === destination,
  );

/** Ends what `takeDelivery` began, however it went. */
export function letGo(
  { key, lease }: Pick<ClaimRequest, 'key' | 'lease'>,
  { store }: Pick<DeliverDeps, 'store'>,
): void {
  const rows = inHand.get(store);
  if (rows?.get(nameOf(key))?.lease === lease) rows.delete(nameOf(key));
}

/**
 * Makes a delivery this worker's own before anything is sent.
 *
 * A claim is a write, and half of what keeping a delivery costs. Where the receiver tells repeats apart
 * itself (a sender without `find` promises that), the first attempt goes without: two workers that make
 * it at once do no harm, the first receipt stands, and one that dies is followed by its message's next
 * receive. Whatever has a row is claimed: it waits, or it is settled.
 */
export async function takeDelivery(
  request: ClaimRequest,
  { store, sender }: Pick<DeliverDeps, 'store' | 'sender'>,
): Promise<Claim> {
  if (sender.find !== undefined) return store.claim(request);
  const { key, type, revision, heldMs, lease, now, leaseUntil } = request;
  const rows = inHand.get(store) ?? new Map<string, Delivery>();
  inHand.set(store, rows);
  const other = rows.get(nameOf(key));
  if (other) return { claimed: false, row: other };
  const row: Delivery = {
    ...key,
    type,
    revision,
    heldMs,
    createdAt: now.toISOString(),
    attempts: 0,
    failures: 0,
    state: 'sending',
    lease,
    claimedAt: now.toISOString(),
    leaseUntil: leaseUntil.toISOString(),
  };
  // Before the read: copies ask at the same time.
  rows.set(nameOf(key), row);
  const isKnown = await store.read(key);
  return isKnown ? store.claim(request) : { claimed: true, before: undefined, row };
}
