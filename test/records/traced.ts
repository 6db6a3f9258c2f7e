import type { StoredCall } from '../../lib/calls/version.ts';
import { destinationBaseSchema, routeSchema } from '../../lib/config/settings.ts';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import { allAnnouncements } from '../../lib/events/announcements.ts';
import type { CallEvent } from '../../lib/events/event.ts';
import type { TraceSource } from '../../lib/records/trace.ts';
import type { Ways } from '../../lib/records/trace-events.ts';

export const ROUTES = routeSchema.array().parse([
  { id: 'failures', when: { type: 'call.failed' }, to: ['ops'], continue: true },
  { id: 'systems', when: { type: ['call.completed', 'call.failed', 'call.updated'] }, to: ['crm'] },
]);

export const WAYS: Ways = {
  routes: ROUTES,
  destinations: destinationBaseSchema.array().parse([
    { id: 'ops', kind: 'slack' },
    { id: 'crm', kind: 'hubspot' },
  ]),
  silences: [],
};

/** The outcome that a stored call has announced. @throws when it has none */
export function outcomeOf(stored: StoredCall): CallEvent {
  const event = allAnnouncements(stored).find(({ type }) => type !== 'call.stale');
  if (!event) throw new Error('Nothing is announced of this call');
  return event;
}

/** A delivery of an event to a destination, arrived unless said otherwise. */
export const rowOf = (
  { id, type, revision, call }: CallEvent,
  destination: string,
  over: Partial<Delivery> = {},
): Delivery => ({
  ...{ subject: `${call.connection}#${call.id}`, destination, eventId: id, type, revision },
  ...{ state: 'delivered', createdAt: '2026-11-20T10:00:01.000Z', attempts: 1, failures: 0 },
  ...{ heldMs: 0, lease: 'l', claimedAt: '2026-11-20T10:00:01.000Z' },
  ...{ leaseUntil: '2026-11-20T10:00:31.000Z', deliveredAt: '2026-11-20T10:00:02.000Z' },
  receipt: destination === 'ops' ? { channel: 'C1', ts: '17.001' } : { call: '901' },
  ...over,
});

/** Everything that is kept about a call. */
export const sourceOf = (
  stored: StoredCall | undefined,
  over: Partial<TraceSource> = {},
): TraceSource => ({
  ...{ connection: 'clinic-riyadh', id: 'call-1', isConfigured: true, state: undefined, stored },
  nextPollAt: null,
  ...{ deliveries: [], quarantined: [], unattributed: [], ways: WAYS },
  ...over,
});
