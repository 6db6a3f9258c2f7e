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

/** Reasons that have a `since` of their own, which may be that of another: what is told of each is its own. */
const APART = new Set(['silent', 'lagging', 'drifted']);

/** `since` is when the transition happened: one notice per transition. */
export function connectionNotice(
  type: 'connection.failing' | 'connection.recovered',
  connection: { id: string; provider: string; reason: string; since: string },
  now: Date,
): ConnectionEvent {
  const recordedAt = now.toISOString();
  const { reason } = connection;
  return {
    id: stableId(connection.id, type, connection.since, ...(APART.has(reason) ? [reason] : [])),
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

/**
 * Told once per connection, field and rule: drift is news only the first time, until it has ended.
 *
 * @param ended how many times all could be read again
 */
export function driftNotice(
  connection: { id: string; provider: string },
  { field, rule, ended = 0 }: { field: string; rule: string; ended?: number },
  now: Date,
): ConnectionEvent {
  const at = now.toISOString();
  return {
    id: stableId(connection.id, 'provider.drifted', field, rule, ...(ended > 0 ? [ended] : [])),
    type: 'provider.drifted',
    ...fresh(at),
    occurredAt: at,
    connection: { ...connection, reason: 'drifted', since: at, field, rule },
  };
}

export const isNotice = (event: Event): event is NoticeEvent => !('call' in event);
