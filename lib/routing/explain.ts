import type { Route } from '../config/settings.ts';
import type { Event } from '../events/event.ts';
import { type Mismatch, mismatch } from './match.ts';
import { routeEvent } from './route.ts';

/** What one route made of an event. */
export interface RouteExplanation {
  /** The route's id. */
  readonly route: string;
  /** Whether the event is what the route asks for, also where it was not tried. */
  readonly matched: boolean;
  /** The first condition that does not hold. */
  readonly because?: Mismatch;
  /** The route before it that matched and ended the search. */
  readonly endedBy?: string;
  /** Destinations that it names. */
  readonly to: readonly string[];
}

export interface Explanation {
  /** Who is told, in order. */
  readonly destinations: readonly string[];
  /** A destination that is named and not told, because the event is about itself. */
  readonly leftOut?: string;
  /** Every route, in order. */
  readonly routes: readonly RouteExplanation[];
}

/** Says of every route why an event took it or not, and who is told in the end. */
export function explainRoutes(event: Event, routes: readonly Route[]): Explanation {
  const { trail, ...routing } = routeEvent(routes, event);
  const ended = trail.length < routes.length ? trail.at(-1)?.route : undefined;

  const explained = routes.map(({ id, when, to }, index): RouteExplanation => {
    const tried = trail[index];
    const because = tried ? tried.because : mismatch(when, event);
    return {
      route: id,
      matched: because === undefined,
      ...(because && { because }),
      ...(!tried && ended !== undefined && { endedBy: ended }),
      to,
    };
  });

  return { ...routing, routes: explained };
}
