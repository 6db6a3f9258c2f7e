import type { StoredCall } from '../calls/version.ts';
import type { Log } from '../log.ts';
import { allAnnouncements, announcements } from './announcements.ts';
import { type Event, eventSchema } from './event.ts';
import type { EventBus } from './event-bus.ts';
import { freshnessLag } from './freshness.ts';
import type { NoticeEvent } from './notice.ts';

/** One committed change of the Calls table, as its stream tells it. */
export interface Transition {
  /** Names the change to the stream, so that it can be asked for again. */
  readonly position: string;
  /** @throws when the record is not one of ours. */
  read(): Change;
}

export type Change =
  | { readonly before: StoredCall | undefined; readonly after: StoredCall }
  | { readonly notice: NoticeEvent };

const eventsOf = (change: Change): Event[] =>
  'notice' in change ? [change.notice] : announcements(change.before, change.after);

/**
 * Announces committed changes, in order. Publishing a change again announces the same ids again.
 *
 * @returns the position of the first change that was not wholly announced: from there on the stream
 *   has to deliver again. Undefined: all were.
 */
export async function publishTransitions(
  transitions: readonly Transition[],
  { bus, log }: { bus: EventBus; log: Log },
): Promise<string | undefined> {
  const pending: { position: string; event: Event; lag: readonly number[] }[] = [];
  let unreadable: string | undefined;
  for (const { position, read } of transitions) {
    try {
      const change = read();
      const events = eventsOf(change).map((event) => eventSchema.parse(event));
      const lag = freshnessLag(change);
      pending.push(...events.map((event) => ({ position, event, lag })));
    } catch (error) {
      // What comes before it goes out; the stream then isolates it and hands it to the failure queue.
      log('error', 'a stream record cannot be read', { error: String(error) });
      unreadable = position;
      break;
    }
  }
  const refused = await bus.put(pending.map(({ event }) => event));
  // One line a batch: each event's id is in its call's item, and is logged where it is delivered.
  const published = pending.filter(({ event }) => !refused.has(event.id));
  if (published.length > 0) {
    const FreshnessLag = published.flatMap(({ lag }) => lag);
    log('info', 'published', { events: published.length }, { FreshnessLag });
  }
  const first = pending.find(({ event }) => refused.has(event.id));
  return first?.position ?? unreadable;
}

/** Announces again everything that stored calls have announced so far. Consumers know the ids. */
export async function republish(
  items: readonly ({ readonly call: StoredCall } | { readonly notice: NoticeEvent })[],
  { bus }: { bus: EventBus },
): Promise<{ events: number; refused: number }> {
  const events = items.flatMap((item): Event[] =>
    'call' in item ? allAnnouncements(item.call) : [item.notice],
  );
  const refused = await bus.put(events);
  return { events: events.length, refused: refused.size };
}
