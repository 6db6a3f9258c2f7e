import type { Event } from './event.ts';

/** Where events are announced. */
export interface EventBus {
  /**
   * Puts events, each with its own answer: those that the bus refused or did not get are returned by
   * their ids, and only those are to be put again.
   *
   * @throws when a request fails before any event was taken, with its reason: then all may be put
   *   again, and whoever put them can say why.
   */
  put(events: readonly Event[]): Promise<ReadonlySet<string>>;
}
