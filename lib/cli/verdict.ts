import type { Route } from '../config/settings.ts';
import type { CallEvent, Event } from '../events/event.ts';
import { routeEvent } from '../routing/route.ts';

/** A call as the simulated provider knows it to have been. */
export interface TrueCall {
  readonly id: string;
  /** When it ended; null: it has not. Milliseconds since the epoch. */
  readonly endedAt: number | null;
  /** It stands in the provider's list for everybody who asks. */
  readonly listed: boolean;
  /** Its record was not of the documented shape. */
  readonly malformed: boolean;
}

/** What a destination really received: an event, or one record of a call whatever it was told of it. */
export type Received =
  | { readonly destination: string; readonly eventId: string }
  /** `<connection>#<id>` */
  | { readonly destination: string; readonly call: string };

/** What must not be there twice. */
const nameOf = (received: Received): string =>
  'eventId' in received
    ? `${received.destination} ${received.eventId}`
    : `${received.destination} ${received.call}`;

export interface Truth {
  readonly connection: string;
  readonly calls: readonly TrueCall[];
  /** Calls that ended before are not to be announced. */
  readonly baselineAt: string;
}

export interface Verdict {
  /** Calls of which some destination that the routes name was not told. */
  readonly lost: number;
  /** Messages that said again what had been said, and outcomes announced under two ids. */
  readonly duplicates: number;
  /** Ids of the lost calls, to look at. */
  readonly lostCalls: readonly string[];
}

const isOutcome = (event: Event): event is CallEvent =>
  event.type === 'call.completed' || event.type === 'call.failed';

const repeats = (keys: readonly string[]): number => keys.length - new Set(keys).size;

/**
 * Compares what the providers know to be true with what the destinations received. What Callwire says
 * of itself counts for nothing here.
 */
export function judge(
  truths: readonly Truth[],
  events: readonly Event[],
  routes: readonly Route[],
  received: readonly Received[],
): Verdict {
  const names = received.map(nameOf);
  const told = new Set(names);
  const outcomes = events.filter(isOutcome);
  const announced = new Map(
    outcomes.map((event) => [`${event.call.connection}#${event.call.id}`, event]),
  );

  const lostCalls = truths.flatMap(({ connection, calls, baselineAt }) =>
    calls
      .filter(
        ({ endedAt, listed, malformed }) =>
          endedAt !== null && endedAt >= Date.parse(baselineAt) && listed && !malformed,
      )
      .map(({ id }) => `${connection}#${id}`)
      .filter((key) => {
        const event = announced.get(key);
        if (!event) return true;
        return routeEvent(routes, event).destinations.some(
          (to) => !told.has(`${to} ${event.id}`) && !told.has(`${to} ${key}`),
        );
      }),
  );

  const ids = new Map(
    outcomes.map(({ id, type, call }) => [id, `${type} ${call.connection}#${call.id}`]),
  );
  const twice = repeats([...ids.values()]);
  return { lost: lostCalls.length, duplicates: repeats(names) + twice, lostCalls };
}
