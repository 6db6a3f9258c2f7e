import type { Call } from '../calls/call.ts';
import type {
  CallEvent,
  ConnectionEvent,
  DeliveryEvent,
  Event,
  EventType,
} from '../events/event.ts';

const ENVELOPE = {
  schemaVersion: 1 as const,
  revision: 1,
  occurredAt: '2026-01-31T09:02:35.000Z',
  recordedAt: '2026-01-31T09:03:04.512Z',
  replay: false,
  corrects: null,
  changes: [],
};

const COMPLETED: Call = {
  connection: 'clinic-riyadh',
  provider: 'hamsa',
  id: '0f7c6f0e-8a3b-4b8e-9c55-3d1d6d1f2a10',
  outcome: 'completed',
  status: 'completed',
  reason: null,
  providerStatus: 'COMPLETED',
  direction: null,
  channel: 'TELEPHONE',
  agent: { id: 'b3a6c2de-6a0d-4d4f-8f0e-2f5f4f6f7a8b', name: 'Reception' },
  from: null,
  to: null,
  contactNumber: '+966501234567',
  agentNumber: '+966112345678',
  contactId: null,
  createdAt: '2026-01-31T09:02:00.000Z',
  startedAt: null,
  answeredAt: null,
  endedAt: null,
  durationSeconds: 35,
  summary: null,
  recordingUrl: 'https://media.example.com/0f7c6f0e.mp3',
  transcriptUrl: null,
  url: 'https://agents.example.com/calls/0f7c6f0e-8a3b-4b8e-9c55-3d1d6d1f2a10',
  attributes: { title: 'Appointment' },
};

const FAILED: Call = {
  ...COMPLETED,
  id: '5b1d2f7a-53a8-4c1a-8d6e-9b0c1d2e3f40',
  outcome: 'failed',
  status: 'no_answer',
  reason: 'no_answer',
  providerStatus: 'NO_ANSWER',
  durationSeconds: 0,
  recordingUrl: null,
};

const TRIAGED: Call = {
  ...COMPLETED,
  connection: 'surgery-leeds',
  provider: 'solum',
  id: 'call_2f9d8c7b6a',
  providerStatus: 'follow_up_needed',
  contactNumber: null,
  agentNumber: null,
  startedAt: '2026-01-31T09:02:00.000Z',
  endedAt: '2026-01-31T09:02:35.000Z',
  recordingUrl: null,
  attributes: { workflowStatus: 'follow_up_needed', category: 'scheduling' },
};

const OPEN: Call = {
  ...COMPLETED,
  id: '9c0d1e2f-3a4b-4c5d-8e6f-7a8b9c0d1e2f',
  outcome: 'open',
  status: 'in_progress',
  providerStatus: 'IN_PROGRESS',
  durationSeconds: null,
  recordingUrl: null,
};

const call = (id: string, type: CallEvent['type'], told: Call, more = {}): CallEvent => ({
  id,
  type,
  ...ENVELOPE,
  call: told,
  ...more,
});

const connection = (
  id: string,
  type: ConnectionEvent['type'],
  reason: string,
  more = {},
): ConnectionEvent => ({
  id,
  type,
  ...ENVELOPE,
  revision: 0,
  connection: {
    id: 'clinic-riyadh',
    provider: 'hamsa',
    reason,
    since: '2026-01-31T09:02:35.000Z',
    ...more,
  },
});

const delivery = (id: string, type: DeliveryEvent['type']): DeliveryEvent => ({
  id,
  type,
  ...ENVELOPE,
  revision: 0,
  delivery: { destination: 'ops', reason: 'token_revoked', since: '2026-01-31T09:02:35.000Z' },
});

/** One event of each type, made up, as it arrives in `detail`. */
export const sampleEvents: Readonly<Record<EventType, Event>> = {
  'call.completed': call('q1sN3J8wV0c5xT7yLb2ZdA', 'call.completed', COMPLETED),
  'call.failed': call('Zk4pR9uWmE2hYt6vQx1BnC', 'call.failed', FAILED),
  'call.updated': call('Hd7gKs3mPq9wTz5rVc1XyE', 'call.updated', TRIAGED, {
    revision: 2,
    changes: ['attributes.workflowStatus'],
  }),
  'call.stale': call('Bf6jLn2oRs8vUx4yAe0CgI', 'call.stale', OPEN, { revision: 0 }),
  'connection.failing': connection('Mt5wPz9qSv3xUb7yDf1GhJ', 'connection.failing', 'key_refused'),
  'connection.recovered': connection(
    'Nv6xQa0rTw4yVc8zEg2HiK',
    'connection.recovered',
    'key_refused',
  ),
  'provider.drifted': connection('Ow7yRb1sUx5zWd9aFh3IjL', 'provider.drifted', 'drifted', {
    field: 'status',
    rule: 'unknown word "PARKED"',
  }),
  'delivery.failing': delivery('Px8zSc2tVy6aXe0bGi4JkM', 'delivery.failing'),
  'delivery.recovered': delivery('Qy9aTd3uWz7bYf1cHj5KlN', 'delivery.recovered'),
};
