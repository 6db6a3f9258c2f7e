import * as z from 'zod';
import { transitionsOf } from '../adapters/stream-records.ts';
import type { StoredCall } from '../calls/version.ts';
import { type Event, eventSchema } from '../events/event.ts';
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
  /** What a destination received, in words, where the other side can be asked. */
  readonly wordsOf: WordsOf;
}

/** What a destination was told by an event, as a person reads it there. */
export type WordsOf = (eventId: string, destination: string) => string | undefined;

export const createTally = (wordsOf: WordsOf = () => undefined): Tally => ({
  wordsOf,
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

const keyOf = ({ call }: StoredCall): string => `${call.connection}#${call.id}`;

/** Names a version of a call for as long as nobody writes two in one millisecond. */
export const versionKey = (connection: string, id: string, recordedAt: string): string =>
  `${connection}#${id}@${recordedAt}`;

const who = ({ call }: StoredCall): string => call.agent.name ?? 'an agent';

/** `no_answer`, `provider.error` and `recordingUrl` as people write them. */
const inWords = (word: string): string =>
  word
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_.]/g, ' ')
    .toLowerCase();

function tellOfCall(
  stored: StoredCall,
  before: StoredCall | undefined,
): Omit<Happening, 'at'> | undefined {
  const { call, silent, revision } = stored;
  if (silent) return undefined;
  const to = `${who(stored)}: ${inWords(call.status)}`;
  if (!before) return { kind: 'seen', text: `a call with ${to}` };
  if (revision > 1)
    return {
      kind: 'changed',
      text: `${who(stored)}: now known too: ${stored.changes.map((name) => inWords(name.replace('attributes.', ''))).join(', ')}`,
    };
  return { kind: 'changed', text: to };
}

function tellOfEvent(event: Event): string {
  if ('call' in event) {
    const { agent, reason } = event.call;
    return [event.type, agent.name ?? '', reason ? inWords(reason) : '']
      .filter(Boolean)
      .join(' · ');
  }
  if ('connection' in event)
    return `${event.type} · ${event.connection.id} · ${inWords(event.connection.reason)}`;
  return `${event.type} · ${event.delivery.destination} · ${inWords(event.delivery.reason)}`;
}

/** Adds what just happened. */
export function addToTally(tally: Tally, tap: Tap, now: number): void {
  const happened: Tell = (kind, text) => {
    tally.happenings.push({ at: now, kind, text: asOneLine(text) });
    if (tally.happenings.length > MAX_HAPPENINGS) tally.happenings.shift();
    tally.happened += 1;
  };

  if (tap.kind === 'item') addItem(tally, tap.record, happened);
  if (tap.kind === 'event') {
    const event = eventSchema.safeParse(tap.event.detail).data;
    if (!event) return;
    tally.events.push(event);
    happened('announced', tellOfEvent(event));
  }
  if (tap.kind === 'log') addLine(tally, tap.line, now, happened);
  if (tap.kind === 'invoke' && !tap.ok)
    happened('trouble', `${tap.function}: ${tap.error ?? 'failed'}`);
}

type Tell = (kind: Happening['kind'], text: string) => void;

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
  if (told) happened(told.kind, told.text);
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
    const { destination, eventId, state, reason } = delivery;
    tally.deliveries.set(`${eventId}>${destination}`, { destination, state });
    const words = tally.wordsOf(eventId, destination);
    if (state === 'delivered') happened('told', words ?? destination);
    else if (state === 'waiting')
      happened('waiting', `${destination}: ${inWords(reason ?? 'its turn')}`);
    else
      happened(
        'trouble',
        `${destination}: ${state}, ${inWords(reason ?? 'for an unknown reason')}`,
      );
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
