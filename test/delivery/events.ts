import type { Call } from '../../lib/calls/call.ts';
import type { CallEvent, ConnectionEvent, DeliveryEvent } from '../../lib/events/event.ts';

const envelope = {
  schemaVersion: 1 as const,
  revision: 1,
  occurredAt: '2026-11-20T09:59:00.000Z',
  recordedAt: '2026-11-20T10:00:00.000Z',
  replay: false,
  corrects: null,
  changes: [],
};

export const call = (over: Partial<Call> = {}): Call => ({
  connection: 'clinic-riyadh',
  provider: 'hamsa',
  id: 'call-1',
  outcome: 'completed',
  status: 'completed',
  reason: null,
  providerStatus: 'COMPLETED',
  direction: 'inbound',
  channel: 'phone',
  agent: { id: 'agent-1', name: 'Support Agent' },
  from: '+966501234567',
  to: '+966112223333',
  contactNumber: '+966501234567',
  agentNumber: '+966112223333',
  contactId: null,
  createdAt: '2026-11-20T09:58:00.000Z',
  startedAt: '2026-11-20T09:58:10.000Z',
  answeredAt: null,
  endedAt: '2026-11-20T09:58:45.000Z',
  durationSeconds: 35,
  summary: 'The caller asked for a later appointment.',
  recordingUrl: 'https://media.example.com/r/1.mp3',
  transcriptUrl: null,
  url: 'https://app.example.com/calls/call-1',
  attributes: { title: 'Appointment' },
  ...over,
});

export const callEvent = (over: Partial<CallEvent> = {}, facts: Partial<Call> = {}): CallEvent => ({
  ...envelope,
  id: 'evt-1',
  type: 'call.completed',
  call: call(facts),
  ...over,
});

export const failedCall = (facts: Partial<Call> = {}): CallEvent =>
  callEvent(
    { type: 'call.failed' },
    {
      outcome: 'failed',
      status: 'no_answer',
      reason: 'no_answer',
      durationSeconds: null,
      ...facts,
    },
  );

export const connectionEvent = (
  over: Partial<ConnectionEvent> = {},
  facts: Partial<ConnectionEvent['connection']> = {},
): ConnectionEvent => ({
  ...envelope,
  id: 'evt-2',
  type: 'connection.failing',
  connection: {
    id: 'clinic-riyadh',
    provider: 'hamsa',
    reason: 'key_refused',
    since: '2026-11-20T08:57:00.000Z',
    ...facts,
  },
  ...over,
});

export const deliveryEvent = (over: Partial<DeliveryEvent> = {}): DeliveryEvent => ({
  ...envelope,
  id: 'evt-3',
  type: 'delivery.failing',
  delivery: { destination: 'ops', reason: 'channel_not_found', since: '2026-11-20T09:00:00.000Z' },
  ...over,
});
