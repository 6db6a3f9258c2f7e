import * as z from 'zod';
import { callSchema } from '../calls/call.ts';

/** `source` of everything Callwire puts on the bus. */
export const EVENT_SOURCE = 'callwire';

export const callEventTypeSchema = z.enum([
  'call.completed',
  'call.failed',
  'call.updated',
  'call.stale',
]);
export const connectionEventTypeSchema = z.enum([
  'connection.failing',
  'connection.recovered',
  'provider.drifted',
]);
export const deliveryEventTypeSchema = z.enum(['delivery.failing', 'delivery.recovered']);

export const eventTypes = [
  ...callEventTypeSchema.options,
  ...connectionEventTypeSchema.options,
  ...deliveryEventTypeSchema.options,
] as const;
export type EventType = (typeof eventTypes)[number];

const envelope = {
  /** The same for ever: over retries, replays, redeploys and however the fact was learned. */
  id: z.string().min(1),
  schemaVersion: z.literal(1),
  /** 1 at the first final write of a call, one more for each material change; 0 for what is not about a final call. */
  revision: z.int().nonnegative(),
  /** When it happened at the provider, as far as the provider says. */
  occurredAt: z.iso.datetime(),
  /** When it was committed here. */
  recordedAt: z.iso.datetime(),
  replay: z.boolean(),
  /** The id of the announcement that this one corrects. */
  corrects: z.string().nullable(),
  /** Names of the fields that this revision changed. */
  changes: z.array(z.string()),
  /** True when something was cut to keep the event under 20 KB. */
  truncated: z.boolean().optional(),
};

/** What a call's event tells of the call; fields that may not leave are null (`share`). */
export const callEventSchema = z.object({
  ...envelope,
  type: callEventTypeSchema,
  call: callSchema,
});
export type CallEvent = z.infer<typeof callEventSchema>;

export const connectionEventSchema = z.object({
  ...envelope,
  type: connectionEventTypeSchema,
  connection: z.object({
    id: z.string(),
    provider: z.string(),
    /** `key_refused`, `rate_limited`, `unreachable`, `shape_changed`, `provider_error`; for drift, what drifted. */
    reason: z.string(),
    since: z.iso.datetime(),
    /** For `provider.drifted`: the field, and the rule it broke or the word nobody had met. */
    field: z.string().optional(),
    rule: z.string().optional(),
  }),
});
export type ConnectionEvent = z.infer<typeof connectionEventSchema>;

export const deliveryEventSchema = z.object({
  ...envelope,
  type: deliveryEventTypeSchema,
  delivery: z.object({ destination: z.string(), reason: z.string(), since: z.iso.datetime() }),
});
export type DeliveryEvent = z.infer<typeof deliveryEventSchema>;

/** The public contract: `detail` of every event on the bus. Everything else about events is generated from it. */
export const eventSchema = z.discriminatedUnion('type', [
  callEventSchema,
  connectionEventSchema,
  deliveryEventSchema,
]);
export type Event = z.infer<typeof eventSchema>;
