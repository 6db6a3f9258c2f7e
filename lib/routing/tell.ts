import type { Cached } from '../cached.ts';
import { CANARY_DESTINATION, isCanary } from '../canary/canary.ts';
import type { Route } from '../config/settings.ts';
import type { Event } from '../events/event.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../time.ts';
import { routeEvent } from './route.ts';
import { type Silence, silenceFor } from './silence.ts';

/** Who is told of what, as it was configured at one moment. */
export interface Routing {
  readonly routes: readonly Route[];
  /** The kind of every configured destination, by its id. */
  readonly kinds: ReadonlyMap<string, string>;
  readonly silences: readonly Silence[];
  /** The fallback of every destination that has one, by its id. */
  readonly fallbacks: ReadonlyMap<string, string>;
}

export interface TellDeps {
  readonly routing: Cached<Routing>;
  /** Puts a delivery into its kind's queue. */
  send(kind: string, message: { event: Event; destination: string }): Promise<void>;
  readonly now: Clock;
  readonly log: Log;
}

interface Recipient {
  readonly destination: string;
  /** Undefined: there is no such destination. */
  readonly kind: string | undefined;
}

/** The null destination is in no route. */
const OF_CANARIES: readonly Recipient[] = [
  { destination: CANARY_DESTINATION, kind: CANARY_DESTINATION },
];

/** The destinations that an event goes to, in order. */
export function recipientsOf(
  event: Event,
  { routes, kinds, fallbacks }: Routing,
): readonly Recipient[] {
  if (isCanary(event)) return OF_CANARIES;
  const ill = 'delivery' in event ? event.delivery.destination : undefined;
  return routeEvent(routes, event)
    .destinations.filter((destination) => !fallsBackTo(destination, ill, fallbacks))
    .map((destination) => ({ destination, kind: kinds.get(destination) }));
}

/** Whether what one destination cannot be told would end at another, about which it is. */
function fallsBackTo(
  destination: string,
  ill: string | undefined,
  fallbacks: ReadonlyMap<string, string>,
): boolean {
  const passed = new Set<string>();
  let at: string | undefined = destination;
  while (ill !== undefined && at !== undefined && !passed.has(at)) {
    if (at === ill) return true;
    passed.add(at);
    at = fallbacks.get(at);
  }
  return false;
}

/**
 * Sends an event on to everybody its routes name, but to those whom somebody silenced. Doing so twice
 * is harmless: a delivery is known by its event and its destination.
 *
 * @returns the destinations that are told
 * @throws Error when a route names a destination that is not configured, after all others were told
 */
export async function tell(event: Event, { routing, send, now, log }: TellDeps): Promise<string[]> {
  let current = await routing();
  let recipients = recipientsOf(event, current);
  if (recipients.some(({ kind }) => kind === undefined)) {
    current = await routing({ fresh: true });
    recipients = recipientsOf(event, current);
  }
  const told: string[] = [];
  const unknown: string[] = [];
  for (const { destination, kind } of recipients) {
    const silence = silenceFor(event, destination, current.silences, now());
    if (silence) {
      log('info', 'silenced', { destination, eventId: event.id, silence: silence.id });
    } else if (kind === undefined) {
      unknown.push(destination);
    } else {
      await send(kind, { event, destination });
      told.push(destination);
    }
  }
  // The file's reader refuses such a route: it was read while it was being replaced. The queue asks
  // again, and after the last time the event stands in the dead letters instead of being forgotten.
  if (unknown.length > 0) {
    throw new Error(`Routes name destinations that are not configured: ${unknown.join(', ')}`);
  }
  return told;
}
