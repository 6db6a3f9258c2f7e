import type { StoredCall } from '../calls/version.ts';
import { allAnnouncements } from '../events/announcements.ts';
import type { CallEvent } from '../events/event.ts';
import { pathsOf } from '../routing/lookup.ts';
import { matches } from '../routing/match.ts';
import { type Routing, recipientsOf } from '../routing/tell.ts';
import { addMs, MINUTE_MS } from '../time.ts';

/** Who is told of what, and since when the routes say so; null: nobody knows of another time. */
export interface DatedRouting extends Routing {
  readonly routesSince: string | null;
}

/** What somebody was to be told. */
export interface Owed {
  readonly event: CallEvent;
  readonly destinations: readonly string[];
}

/**
 * A word that nobody has been told for so long is missing; until then it may be on its way. Also, what was
 * recorded so long before a silence or new routes may have been told by them.
 */
export const GRACE_MS = 15 * MINUTE_MS;

/** Routes are remembered for half a minute where events are told. */
const ROUTES_FOLLOWED_MS = MINUTE_MS;

/** Whether a condition asks for something that the last change of a call may have made otherwise. */
const asksForChanged = (field: string, changes: readonly string[]): boolean =>
  pathsOf(field).some((path) =>
    changes.some((name) => path === `call.${name}` || path.startsWith(`call.${name}.`)),
  );

/** Whether the event, as it can be made of the stored version, goes where it went when it was announced. */
function isAsAnnounced(event: CallEvent, stored: StoredCall, { routes }: Routing): boolean {
  if (event.revision === stored.revision) return true;
  return (
    event.revision === stored.revision - 1 &&
    !routes.some(({ when }) =>
      Object.keys(when).some((field) => asksForChanged(field, stored.changes)),
    )
  );
}

/** Between which two instants an event was told, if all went well. */
function toldBetween(event: CallEvent, stored: StoredCall): readonly [from: string, to: string] {
  const isLast = event.revision === stored.revision;
  const from = isLast ? stored.recordedAt : stored.firstSeenAt;
  return [from, addMs(new Date(stored.recordedAt), GRACE_MS).toISOString()];
}

/**
 * What is owed to whom of a stored call, as far as it can be told from that: by the routes of today, but to
 * those whom somebody may have silenced then.
 *
 * @returns undefined where nobody can say: the routes are newer, or ask for what has changed since
 */
export function owedOf(stored: StoredCall, routing: DatedRouting): readonly Owed[] | undefined {
  // That a call had been open for too long is old news once it has changed again.
  const events = allAnnouncements(stored).filter(
    ({ type }) => type !== 'call.stale' || stored.staleAt === stored.recordedAt,
  );
  const { routesSince, silences } = routing;
  const owed: Owed[] = [];
  for (const event of events) {
    const [from, to] = toldBetween(event, stored);
    const isOlder =
      routesSince !== null && from < addMs(new Date(routesSince), ROUTES_FOLLOWED_MS).toISOString();
    if (isOlder || !isAsAnnounced(event, stored, routing)) return undefined;
    const isSilenced = (destination: string): boolean =>
      silences.some(
        (silence) =>
          silence.createdAt <= to &&
          silence.until > from &&
          silence.to.includes(destination) &&
          matches(silence.when, event),
      );
    const destinations = recipientsOf(event, routing)
      .filter(({ destination, kind }) => kind !== undefined && !isSilenced(destination))
      .map(({ destination }) => destination);
    if (destinations.length > 0) owed.push({ event, destinations });
  }
  return owed;
}
