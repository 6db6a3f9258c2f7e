import * as z from 'zod';
import { transitionsOf } from '../adapters/stream-records.ts';
import type { StoredCall } from '../calls/version.ts';
import { type CallEvent, type Event, eventSchema } from '../events/event.ts';
import type { StreamRecord } from '../local/services.ts';
import type { Tap } from '../local/system.ts';

const pollLineSchema = z.object({
  message: z.literal('polled'),
  connection: z.string(),
  provider: z.string(),
  ok: z.boolean(),
  requests: z.number(),
  detailRequests: z.number(),
  reason: z.string().optional(),
});

const deliveryLineSchema = z.object({
  destination: z.string(),
  eventId: z.string(),
  state: z.enum(['waiting', 'delivered', 'parked', 'failed', 'uncertain']),
  reason: z.string().nullish(),
});
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

/** One thing that happened, for the live view. */
export interface Happening {
  readonly at: number;
  readonly kind: 'seen' | 'changed' | 'announced' | 'told' | 'waiting' | 'trouble';
  /** The end of the id of the call that it is about: the same on each of its lines. */
  readonly call: string | undefined;
  readonly text: string;
}

/** Everything that was seen of a running system, added up. */
export interface Tally {
  polls: number;
  requests: number;
  detailRequests: number;
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

/** What destinations look like to the people who read there. */
export interface Reader {
  /** What a person calls a destination. */
  nameOf(destination: string): string;
  /** What a destination was told by an event, where the other side can be asked. */
  wordsOf(eventId: string, destination: string): string | undefined;
}

/** Knows destinations by their ids only. */
const STRANGER: Reader = { nameOf: (id) => id, wordsOf: () => undefined };

export const createTally = (reader: Reader = STRANGER): Tally => ({
  reader,
  polls: 0,
  requests: 0,
  detailRequests: 0,
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

const MAX_TEXT = 200;

/** Line breaks, terminal commands, and marks that turn the rest of a line around. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu;

/** Words of strangers as one short line: an agent's name may hold anything, and 300 KB of it. */
const asOneLine = (text: string): string => {
  const line = text
    .slice(0, 2 * MAX_TEXT)
    .replace(UNPRINTABLE, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const short = line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line;
  return short.toWellFormed();
};

const SHORT_ID = 6;

/** The end, since some providers' ids all begin alike. */
const shortId = (id: string): string => asOneLine(id.slice(-SHORT_ID));

const keyOf = ({ call }: StoredCall): string => `${call.connection}#${call.id}`;

/** Names a version of a call for as long as nobody writes two in one millisecond. */
export const versionKey = (connection: string, id: string, recordedAt: string): string =>
  `${connection}#${id}@${recordedAt}`;

/** `no_answer`, `provider.error` and `recordingUrl` as people write them. */
const inWords = (word: string): string =>
  word
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_.]/g, ' ')
    .toLowerCase();

const listed = (changes: readonly string[]): string =>
  changes.map((name) => inWords(name.replace('attributes.', ''))).join(', ');

/** What matters first: where a line is too long, its end is cut. */
const parts = (...texts: readonly (string | null)[]): string => texts.filter(Boolean).join(' · ');

function tellOfCall(
  { call, silent, revision, changes }: StoredCall,
  before: StoredCall | undefined,
): Pick<Happening, 'kind' | 'text'> | undefined {
  if (silent) return undefined;
  const status = inWords(call.status);
  if (!before) {
    return { kind: 'seen', text: parts(`${status} at ${call.connection}`, call.agent.name) };
  }
  const isMore = revision > 1;
  const text = isMore ? `now known too: ${listed(changes)}` : parts(status, call.agent.name);
  return { kind: 'changed', text };
}

/** Why an outcome is the one it is, where its name does not say so: a transferred call counts as completed. */
function whyOf({ type, call, changes }: CallEvent): string | null {
  switch (type) {
    case 'call.updated':
      return listed(changes);
    case 'call.completed':
      return call.status === 'completed' ? null : inWords(call.status);
    case 'call.failed':
    case 'call.stale':
      return call.reason && inWords(call.reason);
  }
}

function tellOfEvent(event: Event, { nameOf }: Reader): string {
  const { type } = event;
  if ('call' in event) return parts(type, whyOf(event), event.call.agent.name);
  if ('connection' in event) {
    return parts(type, event.connection.id, inWords(event.connection.reason));
  }
  return parts(type, nameOf(event.delivery.destination), inWords(event.delivery.reason));
}

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
    if (!event) return;
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
    tally.connections.set(poll.connection, {
      provider: poll.provider,
      polls: (before?.polls ?? 0) + 1,
      lastPollAt: now,
      trouble,
    });
    return;
  }
  const delivery = deliveryLineSchema.safeParse(line).data;
  if (delivery) {
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
