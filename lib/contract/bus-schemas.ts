import * as z from 'zod';
import {
  callEventSchema,
  connectionEventSchema,
  deliveryEventSchema,
  EVENT_SOURCE,
} from '../events/event.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

/** What EventBridge puts around a detail: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const onTheBus = (detail: z.ZodObject<{ type: z.ZodEnum }>) =>
  z.object({
    version: z.string(),
    id: z.string().describe('Of EventBridge. Drop what you have seen by detail.id.'),
    'detail-type': detail.shape.type,
    source: z.literal(EVENT_SOURCE),
    account: z.string(),
    time: z.string(),
    region: z.string(),
    resources: z.array(z.string()),
    detail,
  });

const DETAILS = {
  CallEvent: callEventSchema,
  ConnectionEvent: connectionEventSchema,
  DeliveryEvent: deliveryEventSchema,
};

/** Events as they arrive at a rule's target, for the schema registry, by name. */
export const busSchemas = (): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    Object.entries(DETAILS).map(([name, detail]) => [
      name,
      jsonSchemaOf(onTheBus(detail), { target: 'draft-04' }),
    ]),
  );
