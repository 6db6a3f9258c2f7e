import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Route } from '../../lib/config/settings.ts';
import { matches } from '../../lib/routing/match.ts';
import { routeEvent } from '../../lib/routing/route.ts';
import { callEvent, connectionFailing, deliveryFailing } from './events.ts';

const route = (id: string, to: string[], rest: Partial<Route> = {}): Route => ({
  id,
  to,
  when: {},
  continue: false,
  ...rest,
});
const failed = callEvent();

describe('routing an event', () => {
  it('stops at the first match', () => {
    const routes = [route('first', ['ops']), route('second', ['crm'])];

    expect(routeEvent(routes, failed)).toEqual({
      destinations: ['ops'],
      trail: [{ route: 'first', matched: true }],
    });
  });

  it('goes on after a match that says `continue`, and names a destination once', () => {
    const routes = [
      route('first', ['ops', 'crm'], { continue: true }),
      route('second', ['crm', 'hook']),
    ];

    expect(routeEvent(routes, failed).destinations).toEqual(['ops', 'crm', 'hook']);
  });

  it('passes over what does not match and says why', () => {
    const routes = [
      route('completed', ['crm'], { when: { type: 'call.completed' } }),
      route('rest', ['ops']),
    ];

    expect(routeEvent(routes, failed)).toEqual({
      destinations: ['ops'],
      trail: [
        {
          route: 'completed',
          matched: false,
          because: { field: 'type', wanted: 'call.completed', found: 'call.failed' },
        },
        { route: 'rest', matched: true },
      ],
    });
  });

  it('can be told to tell nobody', () => {
    const routes = [route('mute', [], { when: { reason: 'busy' } }), route('rest', ['ops'])];

    expect(routeEvent(routes, failed).destinations).toEqual([]);
  });

  it('tells nobody when there are no routes', () => {
    expect(routeEvent([], failed)).toEqual({ destinations: [], trail: [] });
  });

  it('never tells a destination of its own failure', () => {
    const routes = [route('all', ['ops', 'hook'])];

    expect(routeEvent(routes, deliveryFailing('ops')).destinations).toEqual(['hook']);
    expect(routeEvent(routes, connectionFailing).destinations).toEqual(['ops', 'hook']);
  });
});

const anyRoute = fc.record({
  id: fc.constantFrom('r1', 'r2', 'r3'),
  to: fc.array(fc.constantFrom('ops', 'crm', 'hook'), { maxLength: 3 }),
  when: fc.constantFrom<Route['when']>(
    {},
    { type: 'call.failed' },
    { type: ['delivery.failing', 'connection.failing'] },
    { reason: { not: 'busy' } },
  ),
  continue: fc.boolean(),
});
const anEvent = fc.constantFrom(
  failed,
  callEvent({ reason: null }, 'call.completed'),
  connectionFailing,
  deliveryFailing('ops'),
);

describe('any list of routes', () => {
  it('tells a destination exactly if a reached route that matches names it', () => {
    fc.assert(
      fc.property(fc.array(anyRoute), anEvent, (routes, event) => {
        const end = routes.findIndex((each) => matches(each.when, event) && !each.continue);
        const reached = end === -1 ? routes : routes.slice(0, end + 1);
        const named = reached.filter((each) => matches(each.when, event)).flatMap(({ to }) => to);
        const ill = 'delivery' in event ? event.delivery.destination : undefined;

        const { destinations, trail } = routeEvent(routes, event);

        expect(destinations).toEqual([...new Set(named)].filter((name) => name !== ill));
        expect(trail.map((step) => step.route)).toEqual(reached.map(({ id }) => id));
      }),
    );
  });
});
