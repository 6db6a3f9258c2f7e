import type { CommonSettings } from '../destinations/destination.ts';
import type { Event } from '../events/event.ts';
import { addMs, MINUTE_MS, SECOND_MS } from '../time.ts';
import type { Delivery } from './delivery.ts';
import type { Incident, Place } from './incident.ts';

/** Those that come together are told together; nobody waits for longer than this without need. */
const FIRST_FLUSH_MS = 3 * SECOND_MS;

/** The message of whoever is told by another comes so much later than it should have been told. */
export const FLUSH_GRACE_MS = 10 * SECOND_MS;

/** A tenth of an incident's age lies between two flushes: the longer it goes on, the less each call is news. */
const GAP_MS = { least: 5 * SECOND_MS, most: MINUTE_MS };

/** What a member does: come back later, or tell those that wait; with `at`, only once that is planned. */
export type Plan = { readonly waitUntil: Date } | { readonly at: Date | undefined };

interface Asking extends Pick<Place, 'rules' | 'part'> {
  readonly event: Event;
  readonly row: Delivery;
  readonly settings: CommonSettings;
  readonly now: Date;
}

/** When the members of an open incident are told, and whether by this one. */
export function planFlush(incident: Incident, asking: Asking): Plan {
  const { part, event, row, now } = asking;
  const planned = incident.flushAt === undefined ? undefined : new Date(incident.flushAt);
  if (part.ends === 'now') return { at: now };
  if (planned === undefined) return { at: nextFlush(incident, asking) };
  if (incident.flushBy === event.id) {
    return planned > now ? { waitUntil: planned } : { at: undefined };
  }
  const graceEnds = addMs(planned, FLUSH_GRACE_MS);
  const hasWaited = row.joinedAt !== undefined;
  if (planned > now || (hasWaited && graceEnds > now)) return { waitUntil: graceEnds };
  return { at: hasWaited ? now : nextFlush(incident, asking) };
}

function nextFlush(
  { openedAt, flushAt = openedAt }: Incident,
  { rules, settings, now }: Asking,
): Date {
  const age = now.getTime() - Date.parse(openedAt);
  const gap = rules.hasThreads(settings)
    ? Math.min(GAP_MS.most, Math.max(GAP_MS.least, age / 10))
    : // Each is a message that everybody sees.
      GAP_MS.most;
  const soonest = addMs(now, FIRST_FLUSH_MS);
  const spaced = addMs(new Date(flushAt), flushAt === openedAt ? 0 : gap);
  return soonest > spaced ? soonest : spaced;
}
