import type { Call } from '../../lib/calls/call.ts';
import type { CallEvent, ConnectionEvent, DeliveryEvent } from '../../lib/events/event.ts';

const AT = '2026-01-31T09:00:00.000Z';

const envelope: Omit<CallEvent, 'type' | 'call'> = {
  id: 'event-1',
  schemaVersion: 1,
  revision: 1,
  occurredAt: AT,
  recordedAt: AT,
  replay: false,
  corrects: null,
  changes: [],
};

const CALL: Call = {
  connection: 'clinic',
  provider: 'hamsa',
  id: 'call-1',
  outcome: 'failed',
  status: 'busy',
  reason: 'busy',
  providerStatus: 'BUSY',
  direction: 'inbound',
  channel: 'phone',
  agent: { id: 'agent-7', name: 'Reception Ömer' },
  from: null,
  to: null,
  contactNumber: null,
  agentNumber: null,
  contactId: null,
  createdAt: AT,
  startedAt: null,
  answeredAt: null,
  endedAt: AT,
  durationSeconds: 30,
  summary: null,
  recordingUrl: null,
  transcriptUrl: null,
  url: null,
  attributes: { category: 'sales', score: 5, booked: true, tags: ['a'], note: null },
};

/** A failed call, unless told otherwise. */
export const callEvent = (
  call: Partial<Call> = {},
  type: CallEvent['type'] = 'call.failed',
): CallEvent => ({ ...envelope, type, call: { ...CALL, ...call } });

export const connectionFailing: ConnectionEvent = {
  ...envelope,
  type: 'connection.failing',
  connection: { id: 'clinic', provider: 'hamsa', reason: 'key_refused', since: AT },
};

export const deliveryFailing = (destination: string): DeliveryEvent => ({
  ...envelope,
  type: 'delivery.failing',
  delivery: { destination, reason: 'channel_not_found', since: AT },
});
