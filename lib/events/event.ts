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

const instant = z.iso.datetime();

// What a field is stands in `describe`, because those who consume the events read it in the artifacts
// of lib/contract, which are generated from here.
const envelope = {
  id: z
    .string()
    .min(1)
    .describe(
      'The same for ever: over retries, replays, redeploys and however the fact was learned. Who has seen an id may drop it.',
    ),
  schemaVersion: z
    .literal(1)
    .describe('Another number: something that would break a consumer of this one.'),
  revision: z
    .int()
    .nonnegative()
    .describe(
      '1 at the first final write of a call, one more for each material change; 0 for what is not about a final call. Of two events of a call, the higher one is newer.',
    ),
  occurredAt: instant.describe('When it happened at the provider, as far as the provider says.'),
  recordedAt: instant.describe('When it was committed by Callwire.'),
  replay: z.boolean().describe('True when it is told again on request.'),
  corrects: z.string().nullable().describe('The id of the announcement that this one corrects.'),
  changes: z.array(z.string()).describe('Names of the fields that this revision changed.'),
  truncated: z
    .boolean()
    .optional()
    .describe('True when something was cut to keep the event under 20 KB.'),
};

export const callEventSchema = z
  .object({
    ...envelope,
    type: callEventTypeSchema.describe(
      'completed: a conversation took place and ended. failed: it did not. updated: a final call changed. stale: it has been open for too long.',
    ),
    call: callSchema.describe(
      'The call as it is now. What may not leave, or nobody knows, is null.',
    ),
  })
  .meta({ id: 'CallEvent', description: 'What became of a call.' });
export type CallEvent = z.infer<typeof callEventSchema>;

export const connectionEventSchema = z
  .object({
    ...envelope,
    type: connectionEventTypeSchema.describe(
      'failing: its calls are not seen any more, or none came for longer than expected. recovered: that is over. provider.drifted: its records differ from what its pages describe.',
    ),
    connection: z
      .object({
        id: z.string(),
        provider: z.string(),
        reason: z
          .string()
          .describe(
            'key_refused, rate_limited, unreachable, shape_changed, provider_error and the like; silent, lagging; for drift, and when it is over, drifted.',
          ),
        since: instant,
        field: z.string().optional().describe('For provider.drifted: what drifted.'),
        rule: z
          .string()
          .optional()
          .describe('For provider.drifted: the rule it broke, or the word nobody had met.'),
      })
      .describe('An account at a provider.'),
  })
  .meta({ id: 'ConnectionEvent', description: 'How it goes with an account at a provider.' });
export type ConnectionEvent = z.infer<typeof connectionEventSchema>;

export const deliveryEventSchema = z
  .object({
    ...envelope,
    type: deliveryEventTypeSchema.describe(
      'failing: nothing arrives at a destination any more; what is meant for it is kept. recovered: it does again.',
    ),
    delivery: z
      .object({ destination: z.string(), reason: z.string(), since: instant })
      .describe('A destination, and what is wrong with it.'),
  })
  .meta({ id: 'DeliveryEvent', description: 'How it goes with a destination.' });
export type DeliveryEvent = z.infer<typeof deliveryEventSchema>;

/** The public contract: `detail` of every event on the bus. Everything else about events is generated from it. */
export const eventSchema = z
  .discriminatedUnion('type', [callEventSchema, connectionEventSchema, deliveryEventSchema])
  .meta({ id: 'Event', description: 'detail of every event that Callwire puts on its bus.' });
export type Event = z.infer<typeof eventSchema>;
