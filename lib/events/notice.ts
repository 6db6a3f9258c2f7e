import { stableId } from '../hash.ts';
import type { ConnectionEvent, DeliveryEvent, Event } from './event.ts';

/**
 * An announcement that is not about a call: an item of its own in the Calls table, published by the
 * same stream. Writing it twice is one announcement, because its id is made of the fact it tells.
 */
export type NoticeEvent = ConnectionEvent | DeliveryEvent;

const fresh = (recordedAt: string) => ({
  schemaVersion: 1 as const,
  revision: 0,
  recordedAt,
  replay: false,
  corrects: null,
  changes: [],
});

/** `since` is when the transition happened: one notice per transition. */
export function connectionNotice(
  type: 'connection.failing' | 'connection.recovered',
  connection: { id: string; provider: string; reason: string; since: string },
  now: Date,
): ConnectionEvent {
  const recordedAt = now.toISOString();
  return {
    id: stableId(connection.id, type, connection.since),
    type,
    ...fresh(recordedAt),
    occurredAt: type === 'connection.failing' ? connection.since : recordedAt,
    connection,
  };
}

/** `since` is when the destination began to fail, in both: a pair of notices for each time it does. */
export function deliveryNotice(
  type: DeliveryEvent['type'],
  delivery: DeliveryEvent['delivery'],
  now: Date,
): DeliveryEvent {
  const recordedAt = now.toISOString();
  return {
    id: stableId(delivery.destination, type, delivery.since),
    type,
    ...fresh(recordedAt),
    occurredAt: type === 'delivery.failing' ? delivery.since : recordedAt,
    delivery,
  };
}

/** Told once per connection, field and rule, for ever: drift is news only the first time. */
export function driftNotice(
  connection: { id: string; provider: string },
  { field, rule }: { field: string; rule: string },
  now: Date,
): ConnectionEvent {
  const at = now.toISOString();
  return {
    id: stableId(connection.id, 'provider.drifted', field, rule),
    type: 'provider.drifted',
    ...fresh(at),
    occurredAt: at,
    connection: { ...connection, reason: 'drifted', since: at, field, rule },
  };
}

export const isNotice = (event: Event): event is NoticeEvent => !('call' in event);
