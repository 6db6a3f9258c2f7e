import * as z from 'zod';
import type { CallKey } from '../calls/call.ts';
import { CANARY_DESTINATION } from '../canary/canary.ts';
import { type Event, eventSchema, eventTypes } from '../events/event.ts';
import { DAY_MS } from '../time.ts';
import { attemptSchema } from './attempt-log.ts';

/** What a destination kind's queue carries. Everything that changes between attempts is in the delivery's row. */
export const deliveryMessageSchema = z.object({
  event: eventSchema,
  /** A destination's id. */
  destination: z.string().min(1),
  /** Deliberate waiting before the message got here, such as grouping. */
  heldMs: z.number().nonnegative().default(0),
});
export type DeliveryMessage = z.infer<typeof deliveryMessageSchema>;

/** Identity: one event goes to one destination once, however often it is asked for. */
export interface DeliveryKey {
  /** What the event is about: all deliveries about one call stand together. */
  readonly subject: string;
  readonly destination: string;
  readonly eventId: string;
}

export const deliveryStateSchema = z.enum([
  /** A worker has it, until `leaseUntil`. */
  'sending',
  /** A delayed message will bring it back at `dueAt`. */
  'waiting',
  'delivered',
  /** It is not told here: a replay that would alert people again, or the end of what somebody has ended. */
  'skipped',
  /** It cannot succeed before a person changes something, which `fix` names, or its destination recovers. */
  'parked',
  /** It was tried for as long as the schedule goes on. */
  'failed',
  /** It may have arrived, and the destination does not say: a person has to look. */
  'uncertain',
]);
export type DeliveryState = z.infer<typeof deliveryStateSchema>;

const instant = z.iso.datetime();

/** One delivery, as it is kept. */
export const deliverySchema = z.object({
  subject: z.string(),
  destination: z.string(),
  eventId: z.string(),
  type: z.enum(eventTypes),
  /** Of its event: what is told of one call has an order. */
  revision: z.int().nonnegative().optional(),
  state: deliveryStateSchema,
  createdAt: instant,
  /** Requests that were made, whatever became of them. */
  attempts: z.int().nonnegative(),
  /** Attempts that used up a step of the retry schedule; being told to wait does not. */
  failures: z.int().nonnegative(),
  /** Deliberate waits, added up: pacing, and what the destination asked for. */
  heldMs: z.number().nonnegative(),
  dueAt: instant.optional(),
  /** Its turn in the line of a paced destination. */
  slotAt: instant.optional(),
  /** The worker that has it, or had it last. */
  lease: z.string(),
  claimedAt: instant,
  leaseUntil: instant,
  /** Claimed first, since its row was saved last: any of its workers since then may have sent it. */
  openSince: instant.optional(),
  /** It may have arrived without anybody here having heard so. */
  doubt: z
    .object({
      since: instant,
      /** The destination did answer, with an error of its own: it most likely did nothing. */
      failureStated: z.boolean(),
    })
    .optional(),
  lastReason: z.string().optional(),
  /** What became of the attempts that did not deliver, newest last. */
  log: z.array(attemptSchema).optional(),
  /** Parked by its destination's breaker, which releases it too; a delivery without is a person's. */
  parkedBy: z.literal('breaker').optional(),
  /** What a person can do about it, in one sentence. */
  fix: z.string().optional(),
  /** When the last request was sent. */
  sentAt: instant.optional(),
  deliveredAt: instant.optional(),
  receipt: z.record(z.string(), z.string()).optional(),
  /** What is to be told, while no message carries it: so that it can be sent again, or by another's worker. */
  event: eventSchema.optional(),
  /** The incident that it waits to be told in, or was told in, and since when it has waited. */
  incident: z.string().optional(),
  joinedAt: instant.optional(),
  /** Who was told instead, or why nobody could be. */
  fallback: z.object({ destination: z.string(), problem: z.string().optional() }).optional(),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** What all deliveries about a call stand under. */
export const subjectOfCall = ({ connection, id }: CallKey): string => `${connection}#${id}`;

export function subjectOf(event: Event): string {
  if ('call' in event) return subjectOfCall(event.call);
  if ('connection' in event) return `connection#${event.connection.id}`;
  return `delivery#${event.delivery.destination}`;
}

export const keyOf = ({ event, destination }: DeliveryMessage): DeliveryKey => ({
  subject: subjectOf(event),
  destination,
  eventId: event.id,
});

// A receipt must not expire before its call, which is kept for 13 months.
const CALL_RECEIPT_MS = 400 * DAY_MS;
const NOTICE_RECEIPT_MS = 30 * DAY_MS;
const CANARY_RECEIPT_MS = 2 * DAY_MS;

function keptMs({ type, destination }: Pick<Delivery, 'type' | 'destination'>): number {
  if (destination === CANARY_DESTINATION) return CANARY_RECEIPT_MS;
  return type.startsWith('call.') ? CALL_RECEIPT_MS : NOTICE_RECEIPT_MS;
}

/** When a row that is written now may be forgotten, in epoch seconds. */
export function expiryOf(row: Pick<Delivery, 'type' | 'destination'>, now: Date): number {
  const ms = keptMs(row);
  return Math.floor((now.getTime() + ms) / 1000);
}
