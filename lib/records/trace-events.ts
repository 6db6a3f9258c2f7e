import type { StoredCall } from '../calls/version.ts';
import type { DestinationSettings, Route } from '../config/settings.ts';
import type { Delivery, DeliveryState } from '../delivery/delivery.ts';
import { allAnnouncements } from '../events/announcements.ts';
import type { CallEvent, Event } from '../events/event.ts';
import { explainRoutes, type RouteExplanation } from '../routing/explain.ts';
import { type Silence, silenceFor } from '../routing/silence.ts';
import { addMs, MINUTE_MS } from '../time.ts';
import type { Missing } from './trace.ts';

/** Who is told of what, as it is configured now. */
export interface Ways {
  readonly destinations: readonly DestinationSettings[];
  readonly routes: readonly Route[];
  /** Also those that are over. */
  readonly silences: readonly Silence[];
}

/** What is kept of a delivery, but for what it tells and whose worker has it. */
type Kept = Pick<
  Delivery,
  | 'createdAt'
  | 'attempts'
  | 'heldMs'
  | 'dueAt'
  | 'lastReason'
  | 'log'
  | 'parkedBy'
  | 'fix'
  | 'sentAt'
  | 'deliveredAt'
  | 'receipt'
  | 'incident'
  | 'fallback'
>;

/** One event on its way to one destination. */
export interface TracedDelivery {
  readonly destination: string;
  /** Null: there is no such destination any more. */
  readonly kind: string | null;
  /** `absent`: it should be told, and was never asked to. `silenced`: somebody decided that it is not. */
  readonly state: DeliveryState | 'absent' | 'silenced';
  /** Why it is told: a route of today, another destination that failed, or neither (routes of then, or by name). */
  readonly because: 'route' | 'fallback' | 'other';
  readonly silence: Pick<Silence, 'id' | 'author' | 'comment'> | null;
  readonly kept: Kept | null;
}

/** One announcement, and who was told. */
export interface TracedEvent {
  readonly id: string;
  readonly type: Event['type'];
  /** Null: its deliveries do not say. */
  readonly revision: number | null;
  readonly corrects: string | null;
  /** When it was committed; null where a later version has taken the place of the one that said so. */
  readonly recordedAt: string | null;
  /** What each route of today makes of it; null: what it said is not kept. */
  readonly routes: readonly RouteExplanation[] | null;
  readonly deliveries: readonly TracedDelivery[];
}

/** So long after an event was committed it may have been routed, without anything being wrong. */
const ROUTING_MS = 5 * MINUTE_MS;

/** When an event can have been routed. */
interface Span {
  readonly from: string;
  readonly to: string;
}

/** What was announced of a call, the earliest first: what it still holds, and what deliveries tell of besides. */
export function traceEvents(
  stored: StoredCall,
  deliveries: readonly Delivery[],
  ways: Ways,
): TracedEvent[] {
  const held = allAnnouncements(stored);
  const ids = new Set(held.map(({ id }) => id));
  const others = Map.groupBy(
    deliveries.filter(({ eventId }) => !ids.has(eventId)),
    ({ eventId }) => eventId,
  );
  const events = [
    ...held.map((event) => {
      const rows = deliveries.filter(({ eventId }) => eventId === event.id);
      return heldEvent(event, stored, rows, ways);
    }),
    ...[...others.values()].flatMap((rows) => formerEvent(rows, ways)),
  ];
  return events.sort((a, b) => (a.revision ?? 0) - (b.revision ?? 0));
}

function heldEvent(
  event: CallEvent,
  stored: StoredCall,
  rows: readonly Delivery[],
  ways: Ways,
): TracedEvent {
  const { id, type, corrects } = event;
  // The call may have become final since it was stale.
  const revision = type === 'call.stale' ? 0 : event.revision;
  const recordedAt = type === 'call.stale' ? stored.staleAt : recordedAtOf(event, stored);
  const span = {
    from: recordedAt ?? stored.firstSeenAt,
    to: addMs(new Date(recordedAt ?? stored.recordedAt), ROUTING_MS).toISOString(),
  };
  const { routes, destinations } = explainRoutes(event, ways.routes);
  const told = rows.map((row) => tracedRow(row, rows, destinations, ways));
  const untold = destinations
    .filter((destination) => rows.every((row) => row.destination !== destination))
    .map((destination) => untoldOf(event, destination, span, ways));
  return { id, type, revision, corrects, recordedAt, routes, deliveries: [...told, ...untold] };
}

const recordedAtOf = ({ revision }: CallEvent, stored: StoredCall): string | null =>
  revision === stored.revision ? stored.recordedAt : null;

/** An announcement that later versions have overtaken, as its deliveries know it. */
function formerEvent(rows: readonly Delivery[], ways: Ways): TracedEvent[] {
  const [first] = rows;
  if (!first) return [];
  const { eventId: id, type, revision = null } = first;
  const { event } = rows.find((row) => row.event !== undefined) ?? {};
  const explained = event && explainRoutes(event, ways.routes);
  return [
    {
      ...{ id, type, revision },
      corrects: event?.corrects ?? null,
      recordedAt: event?.recordedAt ?? null,
      routes: explained?.routes ?? null,
      deliveries: rows.map((row) => tracedRow(row, rows, explained?.destinations ?? [], ways)),
    },
  ];
}

const kindOf = (id: string, { destinations }: Ways): string | null =>
  destinations.find((each) => each.id === id)?.kind ?? null;

function tracedRow(
  row: Delivery,
  rows: readonly Delivery[],
  expected: readonly string[],
  ways: Ways,
): TracedDelivery {
  const { destination, state } = row;
  const isFallback = rows.some(({ fallback }) => fallback?.destination === destination);
  return {
    destination,
    kind: kindOf(destination, ways),
    state,
    because: expected.includes(destination) ? 'route' : isFallback ? 'fallback' : 'other',
    silence: null,
    kept: keptOf(row),
  };
}

const keptOf = ({
  createdAt,
  attempts,
  heldMs,
  dueAt,
  lastReason,
  log,
  ...row
}: Delivery): Kept => ({
  ...{ createdAt, attempts, heldMs, dueAt, lastReason, log },
  ...{ parkedBy: row.parkedBy, fix: row.fix, sentAt: row.sentAt, deliveredAt: row.deliveredAt },
  ...{ receipt: row.receipt, incident: row.incident, fallback: row.fallback },
});

function untoldOf(event: Event, destination: string, span: Span, ways: Ways): TracedDelivery {
  const silence = silenceIn(span, event, destination, ways.silences);
  return {
    destination,
    kind: kindOf(destination, ways),
    state: silence ? 'silenced' : 'absent',
    because: 'route',
    silence: silence ? { id: silence.id, author: silence.author, comment: silence.comment } : null,
    kept: null,
  };
}

/** The silence that kept it from being told, if it was routed in this span of time. */
const silenceIn = (
  { from, to }: Span,
  event: Event,
  destination: string,
  silences: readonly Silence[],
): Silence | undefined =>
  silenceFor(
    event,
    destination,
    silences.filter(({ createdAt }) => createdAt <= to),
    new Date(from),
  );

const isDone = ({ state }: TracedDelivery): boolean =>
  state === 'delivered' || state === 'skipped' || state === 'silenced';

/** Who should have been told of an event, and was not. */
export function missingTellings({ id, recordedAt, deliveries }: TracedEvent): Missing[] {
  const open = deliveries.filter((delivery) => !isDone(delivery));
  if (open.length > 0 && deliveries.every(({ state }) => state === 'absent')) {
    return [{ what: 'telling', event: id, since: recordedAt }];
  }
  return open.map(({ destination, state, kept }) => ({
    what: 'receipt',
    event: id,
    destination,
    reason: kept?.lastReason ?? (state === 'absent' ? null : state),
    since: kept?.createdAt ?? recordedAt,
  }));
}
