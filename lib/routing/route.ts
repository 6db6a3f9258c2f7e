import type { Route } from '../config/settings.ts';
import type { Event } from '../events/event.ts';
import { type Mismatch, mismatch } from './match.ts';

/** What became of one route that was tried. */
export interface RouteStep {
  /** The route's id. */
  route: string;
  matched: boolean;
  /** Why it did not match. */
  because?: Mismatch;
}

export interface Routing {
  /** Ids of the destinations to tell, each once, in the order in which the routes name them. */
  destinations: string[];
  /** Every route that was tried, in order; it ends with the first match that does not `continue`. */
  trail: RouteStep[];
  /** A destination that a route names and that is not told, because the event is about itself. */
  leftOut?: string;
}

/**
 * Decides who is told of an event. Routes are tried in order and the first match ends the search,
 * unless it says `continue`. An event about a destination never goes to that destination.
 */
export function routeEvent(routes: readonly Route[], event: Event): Routing {
  const destinations = new Set<string>();
  const trail: RouteStep[] = [];

  for (const route of routes) {
    const because = mismatch(route.when, event);
    if (because !== undefined) {
      trail.push({ route: route.id, matched: false, because });
      continue;
    }
    trail.push({ route: route.id, matched: true });
    for (const destination of route.to) destinations.add(destination);
    if (!route.continue) break;
  }

  const ill = 'delivery' in event ? event.delivery.destination : undefined;
  const isLeftOut = ill !== undefined && destinations.delete(ill);
  return { destinations: [...destinations], trail, ...(isLeftOut && { leftOut: ill }) };
}
