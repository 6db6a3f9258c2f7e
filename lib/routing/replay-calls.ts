import type { StoredCall } from '../calls/version.ts';
import { eachLimited } from '../each-limited.ts';
import { allAnnouncements } from '../events/announcements.ts';
import type { CallEvent, Event } from '../events/event.ts';
import type { EventBus } from '../events/event-bus.ts';
import { type TellDeps, tell } from './tell.ts';

/** Calls whose events are sent at once. */
const AT_ONCE = 10;

export interface ReplayDeps extends Pick<TellDeps, 'routing' | 'now'> {
  /** Puts a delivery into its kind's queue. */
  readonly send: TellDeps['send'];
  readonly bus: EventBus;
}

export interface Replayed {
  readonly events: number;
  /** Events that the bus did not take. */
  readonly refused: number;
  /** Deliveries that were asked for by name; 0 where the bus was told. */
  readonly deliveries: number;
}

/** What stored calls have announced and still hold, marked as told again. */
const replaysOf = (stored: StoredCall): CallEvent[] =>
  allAnnouncements(stored).map((event) => ({ ...event, replay: true }));

/**
 * Announces stored calls again as a replay: what a replay means is each destination's own (see
 * lib/delivery/replay.ts). To everybody by the bus; or straight to the queues of some destinations, of
 * which each is told what its routes lead there. Done twice, it is delivered once.
 *
 * @param only ids of destinations; undefined: everybody who reads the bus
 */
export async function replayCalls(
  calls: readonly StoredCall[],
  only: ReadonlySet<string> | undefined,
  deps: ReplayDeps,
): Promise<Replayed> {
  if (only === undefined) {
    const events = calls.flatMap(replaysOf);
    const refused = events.length === 0 ? new Set() : await deps.bus.put(events);
    return { events: events.length, refused: refused.size, deliveries: 0 };
  }
  const sum = { events: 0, refused: 0, deliveries: 0 };
  await eachRecipient(calls, deps, async (kind, message) => {
    if (!only.has(message.destination)) return;
    await deps.send(kind, message);
    sum.deliveries += 1;
  });
  return { ...sum, events: calls.flatMap(replaysOf).length };
}

/** What a replay would bring one destination. */
export interface ReplayForecast {
  readonly kind: string;
  /** Events by type. */
  readonly events: Record<string, number>;
  /** Of these, those that it was asked to be told before: they stay as they are. */
  known: number;
}

/**
 * Adds to a forecast, by destination, who would be told what of these calls.
 *
 * @param isKnown whether there is a delivery of this event to this destination
 */
export async function forecastReplay(
  calls: readonly StoredCall[],
  only: ReadonlySet<string> | undefined,
  forecast: Map<string, ReplayForecast>,
  {
    isKnown,
    ...deps
  }: Pick<ReplayDeps, 'routing' | 'now'> & {
    isKnown(event: Event, destination: string): Promise<boolean>;
  },
): Promise<void> {
  await eachRecipient(calls, deps, async (kind, { event, destination }) => {
    if (only && !only.has(destination)) return;
    const known = await isKnown(event, destination);
    const entry = forecast.get(destination) ?? { kind, events: {}, known: 0 };
    entry.events[event.type] = (entry.events[event.type] ?? 0) + 1;
    if (known) entry.known += 1;
    forecast.set(destination, entry);
  });
}

/** Calls back with each delivery that the routes make of the replays of some calls, in order for each call. */
const eachRecipient = (
  calls: readonly StoredCall[],
  { routing, now }: Pick<ReplayDeps, 'routing' | 'now'>,
  send: TellDeps['send'],
): Promise<void> =>
  eachLimited(calls, AT_ONCE, async (stored) => {
    for (const event of replaysOf(stored)) await tell(event, { routing, now, send, log: () => {} });
  });
