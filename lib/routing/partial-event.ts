import * as z from 'zod';
import {
  type Call,
  type CallStatus,
  callSchema,
  callStatusSchema,
  conclude,
} from '../calls/call.ts';
import { type Checked, checkShape } from '../config/check-shape.ts';
import type { Path } from '../config/finding.ts';
import {
  callEventSchema,
  connectionEventSchema,
  deliveryEventSchema,
  type Event,
  type EventType,
  eventTypes,
} from '../events/event.ts';

const typedSchema = z.looseObject({ type: z.enum(eventTypes) });

// Strict: a misspelt field would be no part of the event, and a test of it would test something else.
const partialCallEventSchema = z.strictObject({
  ...callEventSchema.partial().shape,
  type: callEventSchema.shape.type,
  call: z
    .strictObject({
      ...callSchema.partial().shape,
      agent: z.strictObject(callSchema.shape.agent.partial().shape).optional(),
    })
    .default({}),
});
const partialConnectionEventSchema = z.strictObject({
  ...connectionEventSchema.partial().shape,
  type: connectionEventSchema.shape.type,
  connection: z.strictObject(connectionEventSchema.shape.connection.partial().shape).default({}),
});
const partialDeliveryEventSchema = z.strictObject({
  ...deliveryEventSchema.partial().shape,
  type: deliveryEventSchema.shape.type,
  delivery: z.strictObject(deliveryEventSchema.shape.delivery.partial().shape).default({}),
});

const partialSchemas = [
  partialCallEventSchema,
  partialConnectionEventSchema,
  partialDeliveryEventSchema,
] as const;

/** As much of an event as somebody cares to write; its type at least. */
export type PartialEvent = z.infer<(typeof partialSchemas)[number]>;

/** Reads what somebody wrote of an event. */
export function checkEvent(written: unknown, at: Path): Checked<PartialEvent> {
  const { data, findings } = checkShape(typedSchema, written, at);
  const schema = partialSchemas.find(({ shape }) => shape.type.safeParse(data?.type).success);
  return schema ? checkShape(schema, written, at) : { data: undefined, findings };
}

const AT = '2026-01-31T09:00:00.000Z';

/** What nobody said: a name that no route asks for. */
const SAMPLE = 'sample';

const envelope = {
  id: SAMPLE,
  schemaVersion: 1 as const,
  occurredAt: AT,
  recordedAt: AT,
  replay: false,
  corrects: null,
  changes: [],
};

/**
 * A whole event, with what is not written taken from a sample of its type. The sample has what its type
 * implies and else nothing, so that a route which asks for more does not match by chance. Status, outcome
 * and reason follow from each other.
 *
 * @param providerOf the provider of a connection; undefined for one that is not known
 */
export function completeEvent(
  partial: PartialEvent,
  providerOf: (connection: string) => string | undefined,
): Event {
  if ('call' in partial) {
    const call = completeCall(partial.type, partial.call);
    const revision = partial.type === 'call.updated' ? 2 : Number(call.outcome !== 'open');
    const provider = partial.call.provider ?? providerOf(call.connection) ?? SAMPLE;
    return { ...envelope, revision, ...partial, call: { ...call, provider } };
  }
  if ('connection' in partial) {
    const { id = SAMPLE, ...told } = partial.connection;
    const reason = partial.type === 'provider.drifted' ? 'drifted' : 'unreachable';
    const provider = providerOf(id) ?? SAMPLE;
    return {
      ...envelope,
      revision: 0,
      ...partial,
      connection: { id, provider, reason, since: AT, ...told },
    };
  }
  const delivery = { destination: SAMPLE, reason: 'unreachable', since: AT, ...partial.delivery };
  return { ...envelope, revision: 0, ...partial, delivery };
}

const STATUSES: Partial<Record<EventType | Call['outcome'], CallStatus>> = {
  'call.completed': 'completed',
  'call.failed': 'failed',
  'call.updated': 'completed',
  'call.stale': 'in_progress',
  open: 'in_progress',
  completed: 'completed',
  failed: 'failed',
};

type PartialCall = z.infer<typeof partialCallEventSchema>['call'];

function completeCall(type: EventType, told: PartialCall): Call {
  const status = told.status ?? statusOf(type, told);
  const reason = told.reason ?? null;
  const isOver = type !== 'call.stale' || conclude({ status, reason }, null).outcome !== 'open';
  const endedAt = isOver ? AT : null;
  return {
    connection: SAMPLE,
    provider: SAMPLE,
    id: SAMPLE,
    ...conclude({ status, reason }, told.endedAt ?? endedAt),
    providerStatus: null,
    direction: null,
    channel: null,
    from: null,
    to: null,
    contactNumber: null,
    agentNumber: null,
    contactId: null,
    createdAt: AT,
    startedAt: null,
    answeredAt: null,
    endedAt,
    durationSeconds: null,
    summary: null,
    recordingUrl: null,
    transcriptUrl: null,
    url: null,
    attributes: {},
    ...told,
    agent: { id: null, name: null, ...told.agent },
  };
}

/** The status that goes with a reason, else with an outcome, else with the type. */
function statusOf(type: EventType, { reason, outcome }: PartialCall): CallStatus {
  const named = callStatusSchema.safeParse(reason);
  if (named.success) return named.data;
  return (reason ? 'failed' : STATUSES[outcome ?? type]) ?? 'unknown';
}
