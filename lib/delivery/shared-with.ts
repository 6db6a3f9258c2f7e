import { isShared, type Withholdable, withhold } from '../calls/withhold.ts';
import type { Event } from '../events/event.ts';

/** The event as a destination may see it: without what its settings omit, not even by name. */
export function sharedWith(event: Event, omit: readonly Withholdable[]): Event {
  if (!('call' in event) || omit.length === 0) return event;
  return {
    ...event,
    changes: event.changes.filter((path) => isShared(path, omit)),
    call: withhold(event.call, omit),
  };
}
