import * as z from 'zod';
import type {
  CommonSettings,
  IncidentPart,
  IncidentRules,
  IncidentStanding,
  Receipt,
} from '../destinations/destination.ts';
import { type Event, eventSchema } from '../events/event.ts';
import { HOUR_MS } from '../time.ts';
import { sharedWith } from './shared-with.ts';

const instant = z.iso.datetime();
const receipt = z.record(z.string(), z.string());

/** Events with one cause at one destination, as they are kept: the latest incident of its key. */
export const incidentSchema = z.object({
  destination: z.string(),
  /** What its events have in common, in the destination's own words. */
  key: z.string(),
  state: z.enum([
    /** Its first event is on its way. */
    'opening',
    /** Others are told under its first message. */
    'open',
    'closed',
  ]),
  /** The event that began it. */
  opener: eventSchema,
  openedAt: instant,
  /** Proof of its first message. */
  parent: receipt.optional(),
  /** That of the incident before: who was about to be told in it may be looked for there. */
  previous: receipt.optional(),
  /** How many of its events have been told. */
  count: z.int().nonnegative(),
  /** When the latest of them happened. */
  lastAt: instant,
  /** When it was last spoken of, and when everybody was last shown it. */
  toldAt: instant,
  shownAt: instant,
  /** When those that wait are told next, or were last, and the event whose message does it. */
  flushAt: instant.optional(),
  flushBy: z.string().optional(),
});
export type Incident = z.infer<typeof incidentSchema>;

export type IncidentKey = Pick<Incident, 'destination' | 'key'>;

/** What is known of the incident that a delivery belongs to. */
export interface Place {
  readonly rules: IncidentRules;
  readonly part: IncidentPart;
  readonly ref: IncidentKey;
  /** Undefined: there is none yet. */
  incident: Incident | undefined;
}

/** First messages under which an event of it may have been told. */
export const threadsOf = (incident: Incident | undefined): Receipt[] =>
  [incident?.parent, incident?.previous].filter((parent) => parent !== undefined);

/** Marks the delivery that says that an incident is over. */
const RECOVERY = '#recovered';

export const recoveryOf = (eventId: string): string => `${eventId}${RECOVERY}`;
export const isRecovery = (eventId: string): boolean => eventId.endsWith(RECOVERY);

export const isOpenedBy = ({ opener }: Incident, eventId: string): boolean => opener.id === eventId;

/** Makes one request within the destination's pace; notes what became of it. */
export type Ask = (request: () => Promise<Receipt>) => Promise<Receipt>;

/** Where an incident stands with these events, as a destination may see it. */
export const standingOf = (
  { opener, count, lastAt, state }: Incident,
  events: readonly Event[],
  { omit = [] }: CommonSettings,
  endedAt?: string,
): IncidentStanding => ({
  opener: sharedWith(opener, omit),
  count: count + events.length,
  lastAt: events.reduce((last, { occurredAt }) => (occurredAt > last ? occurredAt : last), lastAt),
  endedAt: endedAt ?? (state === 'closed' ? lastAt : undefined),
});

/** So much longer than its quiet an incident stays; then its end was lost, and what comes is another one. */
const FORGOTTEN_MS = HOUR_MS;

/** So long others wait for the first message; then one of them becomes it. */
const OPENING_MS = HOUR_MS / 2;

/**
 * Whether it is at an end, so that what comes begins another one in its place.
 *
 * @param quietMs what ends it, if silence does
 */
export function isOver(
  { state, openedAt, toldAt, flushAt = toldAt, count }: Incident,
  quietMs: number | undefined,
  now: Date,
): boolean {
  const silentMs = now.getTime() - Math.max(Date.parse(toldAt), Date.parse(flushAt));
  switch (state) {
    case 'opening':
      return now.getTime() - Date.parse(openedAt) > OPENING_MS;
    case 'open':
      // One call by itself is an end without a word, so nothing waits for it to be said.
      return quietMs !== undefined && silentMs > quietMs + (count <= 1 ? 0 : FORGOTTEN_MS);
    case 'closed':
      return true;
  }
}

/** How long it has to be silent to be over; undefined: something else ends it. */
export const quietOf = (
  { rules, part }: Pick<Place, 'rules' | 'part'>,
  settings: CommonSettings,
) => (part.ends === 'when-quiet' ? rules.quietMs(settings) : undefined);
