import type { Delivery } from './delivery.ts';
import { isOpenedBy, isRecovery } from './incident.ts';
import type { Work } from './work.ts';

const latest = (a: string, b: string): string => (a > b ? a : b);

/** So often whoever begins an incident may fail. Then the next one tries: a breaker counts different deliveries. */
const OPENER_FAILURES = 2;

/**
 * Saves a delivery, and what it means for its incident. The receipt of the first message opens it, before
 * that delivery is settled: who dies in between is followed by a worker that finds the message and does
 * both. If it cannot be sent, or not soon, the incident ends: nobody may wait for what never comes.
 *
 * @returns false when another worker has taken the delivery over
 */
export async function keepDelivery(
  { deps, place, message }: Work,
  row: Delivery,
): Promise<boolean> {
  const { store, incidents } = deps;
  const { incident } = place ?? {};
  const now = deps.now();
  if (place === undefined || incident === undefined) return store.save(row, now);
  if (isOpenedBy(incident, row.eventId)) {
    const goesOn = row.state === 'waiting' && row.failures < OPENER_FAILURES;
    if (row.state !== 'delivered' && !goesOn) await incidents.close(incident);
    else if (row.receipt) await incidents.open(incident, row.receipt, now);
    return store.save(row, now);
  }
  if (row.state !== 'delivered' || incident.state !== 'open') return store.save(row, now);

  // Told by a worker that died, and found.
  const ends = place.part.ends === 'now' || isRecovery(row.eventId);
  const lost = await incidents.settle([row], incident, {
    told: isRecovery(row.eventId) ? 0 : 1,
    lastAt: latest(incident.lastAt, message.event.occurredAt),
    at: now,
    shown: ends,
    ends,
  });
  return lost.length === 0;
}
