import type { StoredCall } from '../calls/version.ts';
import type { CallEvent, Event } from '../events/event.ts';

/** One thing that happened, for the live view. */
export interface Happening {
  readonly at: number;
  readonly kind: 'polled' | 'seen' | 'changed' | 'announced' | 'told' | 'waiting' | 'trouble';
  /** The end of the id of the call that it is about: the same on each of its lines. */
  readonly call: string | undefined;
  readonly text: string;
}

/** What destinations look like to the people who read there. */
export interface Reader {
  /** What a person calls a destination. */
  nameOf(destination: string): string;
  /** What a destination was told by an event, where the other side can be asked. */
  wordsOf(eventId: string, destination: string): string | undefined;
}

/** Knows destinations by their ids only. */
export const STRANGER: Reader = { nameOf: (id) => id, wordsOf: () => undefined };

const MAX_TEXT = 200;

/** Line breaks, terminal commands, and marks that turn the rest of a line around. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu;

/** Words of strangers as one short line: an agent's name may hold anything, and 300 KB of it. */
export const asOneLine = (text: string): string => {
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
export const shortId = (id: string): string => asOneLine(id.slice(-SHORT_ID));

/** `no_answer`, `provider.error` and `recordingUrl` as people write them. */
export const inWords = (word: string): string =>
  word
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_.]/g, ' ')
    .toLowerCase();

const listed = (changes: readonly string[]): string =>
  changes.map((name) => inWords(name.replace('attributes.', ''))).join(', ');

/** What matters first: where a line is too long, its end is cut. */
const parts = (...texts: readonly (string | null)[]): string => texts.filter(Boolean).join(' · ');

/** What a new version of a call tells; undefined where nothing is to be said of it. */
export function tellOfCall(
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

/** What an announcement tells. */
export function tellOfEvent(event: Event, { nameOf }: Reader): string {
  const { type } = event;
  if ('call' in event) return parts(type, whyOf(event), event.call.agent.name);
  if ('connection' in event) {
    return parts(type, event.connection.id, inWords(event.connection.reason));
  }
  return parts(type, nameOf(event.delivery.destination), inWords(event.delivery.reason));
}
