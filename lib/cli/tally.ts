import * as z from 'zod';
import { transitionsOf } from '../adapters/stream-records.ts';
import type { StoredCall } from '../calls/version.ts';
import { CANARY_DESTINATION, isCanary, isCanaryCall } from '../canary/canary.ts';
import { type Event, eventSchema } from '../events/event.ts';
import type { StreamRecord } from '../local/services.ts';
import type { Tap } from '../local/system.ts';
import {
  asOneLine,
  type Happening,
  inWords,
  type Reader,
  STRANGER,
  shortId,
  tellOfCall,
  tellOfEvent,
} from './telling.ts';

const pollLineSchema = z.object({
  message: z.literal('polled'),
  connection: z.string(),
  provider: z.string(),
  ok: z.boolean(),
  requests: z.number(),
  detailRequests: z.number(),
  rows: z.number(),
  silent: z.number(),
  open: z.number(),
  reason: z.string().optional(),
});

const sweepLineSchema = z.object({
  message: z.literal('swept'),
  connection: z.string(),
  listed: z.number(),
  missedFinal: z.number(),
  missedChange: z.number(),
});

const webhookLineSchema = z.object({
  message: z.literal('webhook'),
  connection: z.string(),
  outcome: z.enum(['carried', 'hinted', 'unattributed', 'ignored', 'forged']),
});

const deliveryLineSchema = z.object({
  destination: z.string(),
  eventId: z.string(),
  state: z.enum(['waiting', 'delivered', 'parked', 'failed', 'uncertain']),
  reason: z.string().nullish(),
});
type PollLine = z.infer<typeof pollLineSchema>;
type DeliveryLine = z.infer<typeof deliveryLineSchema>;

const troubleLineSchema = z.object({
  level: z.literal('error'),
  message: z.string(),
  connection: z.string().optional(),
  reason: z.string().optional(),
});

/** What is known of one connection from watching. */
export interface WatchedConnection {
  /** Undefined: no poll of it has ended well enough to say. */
  readonly provider: string | undefined;
  polls: number;
  lastPollAt: number;
  /** Why the last poll failed; undefined while all is well. */
  trouble: string | undefined;
}

/** What sweeps have read, and how much of it hot polling had missed. */
export interface SweepTally {
  sweeps: number;
  listed: number;
  missedFinal: number;
  missedChange: number;
}

/** Webhooks that came to a connection's address, and what became of them. */
export interface WebhookTally {
  received: number;
  forged: number;
  /** They carried their call, which was recorded from them. */
  carried: number;
  /** They had their connection polled. */
  hints: number;
  /** Nobody could make them out; they are kept. */
  unattributed: number;
}

/** Everything that was seen of a running system, added up. */
export interface Tally {
  polls: number;
  requests: number;
  detailRequests: number;
  readonly swept: SweepTally;
  readonly webhooks: WebhookTally;
  readonly connections: Map<string, WatchedConnection>;
  /** Latest version of each call, by key. */
  readonly calls: Map<string, StoredCall>;
  /** Calls by each status word of their provider that they have shown. */
  readonly providerStatuses: Map<string, Set<string>>;
  /** When the answer was received that made a version; by call and `recordedAt`. */
  readonly receivedAt: Map<string, string>;
  readonly events: Event[];
  /** The last known state of each delivery, by event and destination. */
  readonly deliveries: Map<string, { destination: string; state: string }>;
  /** The latest of them, and how many there have been. */
  readonly happenings: Happening[];
  happened: number;
  readonly reader: Reader;
}

export const createTally = (reader: Reader = STRANGER): Tally => ({
  reader,
  polls: 0,
  requests: 0,
  detailRequests: 0,
  webhooks: { received: 0, forged: 0, carried: 0, hints: 0, unattributed: 0 },
  swept: { sweeps: 0, listed: 0, missedFinal: 0, missedChange: 0 },
  connections: new Map(),
  calls: new Map(),
  providerStatuses: new Map(),
  receivedAt: new Map(),
  events: [],
  deliveries: new Map(),
  happenings: [],
  happened: 0,
});

/** More of what happened is on no screen; a run that goes on for weeks must not remember all of it. */
const MAX_HAPPENINGS = 1_000;

const keyOf = ({ call }: StoredCall): string => `${call.connection}#${call.id}`;

/** Names a version of a call for as long as nobody writes two in one millisecond. */
export const versionKey = (connection: string, id: string, recordedAt: string): string =>
  `${connection}#${id}@${recordedAt}`;

/** Adds what just happened. */
export function addToTally(tally: Tally, tap: Tap, now: number): void {
  const happened: Tell = (kind, text, callId) => {
    const call = callId === undefined ? undefined : shortId(callId);
    tally.happenings.push({ at: now, kind, call, text: asOneLine(text) });
    if (tally.happenings.length > MAX_HAPPENINGS) tally.happenings.shift();
    tally.happened += 1;
  };

  if (tap.kind === 'item') addItem(tally, tap.record, happened);
  if (tap.kind === 'event') {
    const event = eventSchema.safeParse(tap.event.detail).data;
    if (!event || isCanary(event)) return;
    tally.events.push(event);
    happened('announced', tellOfEvent(event, tally.reader), callIdOf(event));
  }
  if (tap.kind === 'log') addLine(tally, tap.line, now, happened);
  if (tap.kind === 'invoke' && !tap.ok)
    happened('trouble', `${tap.function}: ${tap.error ?? 'failed'}`);
}

type Tell = (kind: Happening['kind'], text: string, callId?: string) => void;

const callIdOf = (event: Event | undefined): string | undefined =>
  event && 'call' in event ? event.call.id : undefined;

function addItem(tally: Tally, record: StreamRecord, happened: Tell): void {
  const [transition] = transitionsOf([record]);
  if (!transition || record.eventName === 'REMOVE') return;
  const change = transition.read();
  if ('notice' in change) return;
  const stored = change.after;
  if (isCanaryCall(stored.call)) return;
  const { connection, id, providerStatus } = stored.call;
  const before = tally.calls.get(keyOf(stored));
  tally.calls.set(keyOf(stored), { ...stored, raw: null });
  tally.receivedAt.set(versionKey(connection, id, stored.recordedAt), stored.receivedAt);
  if (providerStatus) {
    const calls = tally.providerStatuses.get(providerStatus) ?? new Set();
    tally.providerStatuses.set(providerStatus, calls.add(keyOf(stored)));
  }
  const told = tellOfCall(stored, before);
  if (told) happened(told.kind, told.text, id);
}

const tellOfPoll = ({ connection, provider, rows, silent, open }: PollLine): string =>
  [
    `${connection} answers (${provider}): ${rows} calls listed`,
    silent > 0 && `${silent} were over before and are only kept`,
    `${open} going on`,
  ]
    .filter(Boolean)
    .join(', ');

const NEVER_POLLED = { provider: undefined, polls: 0 } as const;

function addLine(tally: Tally, line: unknown, now: number, happened: Tell): void {
  const poll = pollLineSchema.safeParse(line).data;
  if (poll) {
    tally.polls += 1;
    tally.requests += poll.requests;
    tally.detailRequests += poll.detailRequests;
    const before = tally.connections.get(poll.connection);
    const trouble = poll.ok ? undefined : (poll.reason ?? 'failed');
    if (trouble && before?.trouble !== trouble) {
      happened('trouble', `${poll.connection}: ${inWords(trouble)}; it will be tried again`);
    }
    // Who waits for a call that ends must be able to tell that somebody looks.
    const answers = poll.ok && (!before?.polls || before.trouble !== undefined);
    if (answers) happened('polled', tellOfPoll(poll));
    tally.connections.set(poll.connection, {
      provider: poll.provider,
      polls: (before?.polls ?? 0) + 1,
      lastPollAt: now,
      trouble,
    });
    return;
  }
  const sweep = sweepLineSchema.safeParse(line).data;
  if (sweep) {
    const { swept } = tally;
    swept.sweeps += 1;
    swept.listed += sweep.listed;
    swept.missedFinal += sweep.missedFinal;
    swept.missedChange += sweep.missedChange;
    const missed = sweep.missedFinal + sweep.missedChange;
    if (missed > 0) {
      happened('seen', `${sweep.connection}: a sweep found ${missed} of what polls had missed`);
    }
    return;
  }
  const webhook = webhookLineSchema.safeParse(line).data;
  if (webhook) {
    addWebhook(tally, webhook, happened);
    return;
  }
  const delivery = deliveryLineSchema.safeParse(line).data;
  if (delivery) {
    if (delivery.destination === CANARY_DESTINATION) return;
    addDelivery(tally, delivery, happened);
    return;
  }
  const trouble = troubleLineSchema.safeParse(line).data;
  if (!trouble) return;
  const { message, connection, reason } = trouble;
  happened('trouble', [connection, message, reason].filter(Boolean).join(': '));
  if (connection !== undefined) {
    const before = tally.connections.get(connection) ?? NEVER_POLLED;
    tally.connections.set(connection, { ...before, lastPollAt: now, trouble: message });
  }
}

function addWebhook(
  { webhooks }: Tally,
  { connection, outcome }: z.infer<typeof webhookLineSchema>,
  happened: Tell,
): void {
  webhooks.received += 1;
  if (outcome === 'ignored') return;
  webhooks[outcome === 'hinted' ? 'hints' : outcome] += 1;
  if (outcome === 'forged') happened('trouble', `${connection}: a webhook that nobody signed`);
  if (outcome === 'unattributed') {
    happened('trouble', `${connection}: a webhook that nobody can make out; it is kept`);
  }
}

function addDelivery(
  { deliveries, events, reader }: Tally,
  { destination, eventId, state, reason }: DeliveryLine,
  happened: Tell,
): void {
  deliveries.set(`${eventId}>${destination}`, { destination, state });
  const name = reader.nameOf(destination);
  const callId = callIdOf(events.findLast(({ id }) => id === eventId));
  if (state === 'delivered') {
    const words = reader.wordsOf(eventId, destination);
    happened('told', words === undefined ? name : `${name}: ${words}`, callId);
  } else if (state === 'waiting') {
    happened('waiting', `${name}: ${inWords(reason ?? 'its turn')}`, callId);
  } else {
    const why = inWords(reason ?? 'for an unknown reason');
    happened('trouble', `${name}: ${state}, ${why}`, callId);
  }
}
