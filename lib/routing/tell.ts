import type { Route } from '../config/settings.ts';
import type { Event } from '../events/event.ts';
import type { Log } from '../log.ts';
import { routeEvent } from './route.ts';

export interface TellDeps {
  routes(): Promise<readonly Route[]>;
  /** The kind of a configured destination; undefined when there is none of that id. */
  kindOf(destination: string): Promise<string | undefined>;
  /** Puts a delivery into its kind's queue. */
  send(kind: string, message: { event: Event; destination: string }): Promise<void>;
  readonly log: Log;
}

/**
 * Sends an event on to everybody its routes name. Doing so twice is harmless: a delivery is known by
 * its event and its destination.
 */
export async function tell(event: Event, deps: TellDeps): Promise<string[]> {
  const { destinations } = routeEvent(await deps.routes(), event);
  for (const destination of destinations) {
    const kind = await deps.kindOf(destination);
    if (kind === undefined) {
      // The file's reader refuses such a route, so the destination was removed since.
      deps.log('error', 'a route names a destination that is not there', { destination });
      continue;
    }
    await deps.send(kind, { event, destination });
  }
  return destinations;
}
