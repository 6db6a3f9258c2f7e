import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Route, routeSchema } from '../../lib/config/settings.ts';
import { explainRoutes } from '../../lib/routing/explain.ts';
import { matches } from '../../lib/routing/match.ts';
import { routeEvent } from '../../lib/routing/route.ts';
import { aCondition, anEvent } from './arbitraries.ts';
import { callEvent, deliveryFailing } from './events.ts';

const route = (id: string, when: unknown, to: string[], goesOn = false): Route =>
  routeSchema.parse({ id, when, to, continue: goesOn });

describe('explaining an event', () => {
  it('says of each route whether it matched, or what did not hold, and which route ended it', () => {
    const routes = [
      route('updates', { type: 'call.updated', reason: 'rain' }, ['crm']),
      route('log', {}, ['log'], true),
      route('busy', { reason: 'busy' }, ['ops']),
      route('rest', {}, ['hook']),
      route('quiet', { reason: { not: 'busy' } }, ['hook']),
    ];

    expect(explainRoutes(callEvent(), routes)).toEqual({
      destinations: ['log', 'ops'],
      routes: [
        {
          route: 'updates',
          matched: false,
          because: { field: 'type', wanted: 'call.updated', found: 'call.failed' },
          to: ['crm'],
        },
        { route: 'log', matched: true, to: ['log'] },
        { route: 'busy', matched: true, to: ['ops'] },
        { route: 'rest', matched: true, endedBy: 'busy', to: ['hook'] },
        {
          route: 'quiet',
          matched: false,
          because: { field: 'reason', wanted: { not: 'busy' }, found: 'busy' },
          endedBy: 'busy',
          to: ['hook'],
        },
      ],
    });
  });

  it('names the destination that is left out because the event is about itself', () => {
    const routes = [route('all', {}, ['ops', 'hook'])];

    expect(explainRoutes(deliveryFailing('ops'), routes)).toMatchObject({
      destinations: ['hook'],
      leftOut: 'ops',
    });
    expect(explainRoutes(deliveryFailing('crm'), routes)).not.toHaveProperty('leftOut');
  });
});

const someRoutes = fc
  .array(fc.record({ when: aCondition, goesOn: fc.boolean() }), { maxLength: 5 })
  .map((all) =>
    all.map(({ when, goesOn }, index) => route(`r${index}`, when, [`d${index}`], goesOn)),
  );

describe('any routes and any event', () => {
  it('are explained as they are followed', () => {
    fc.assert(
      fc.property(someRoutes, anEvent, (routes, event) => {
        const { destinations, leftOut, routes: explained } = explainRoutes(event, routes);

        expect(destinations).toEqual(routeEvent(routes, event).destinations);
        expect(explained.map(({ matched }) => matched)).toEqual(
          routes.map(({ when }) => matches(when, event)),
        );
        const named = explained
          .filter(({ matched, endedBy }) => matched && endedBy === undefined)
          .flatMap(({ to }) => to);
        expect(named.filter((to) => to !== leftOut)).toEqual(destinations);
      }),
    );
  });

  it('end at the first match that does not go on', () => {
    fc.assert(
      fc.property(someRoutes, anEvent, (routes, event) => {
        const end = routes.findIndex((each) => matches(each.when, event) && !each.continue);
        const later = explainRoutes(event, routes).routes.filter(
          ({ endedBy }) => endedBy !== undefined,
        );

        const after = end === -1 ? [] : routes.slice(end + 1);
        expect(later.map((each) => each.route)).toEqual(after.map(({ id }) => id));
      }),
    );
  });

  it('lose nothing to a default route at the end', () => {
    fc.assert(
      fc.property(someRoutes, anEvent, (routes, event) => {
        const { destinations } = routeEvent([...routes, route('rest', {}, ['rest'])], event);
        const ended = routes.some((each) => matches(each.when, event) && !each.continue);

        expect(destinations.includes('rest')).toBe(!ended);
      }),
    );
  });

  it('mean the same where a route that does not match is left out', () => {
    fc.assert(
      fc.property(someRoutes, anEvent, (routes, event) => {
        const matching = routes.filter(({ when }) => matches(when, event));

        expect(routeEvent(matching, event).destinations).toEqual(
          routeEvent(routes, event).destinations,
        );
      }),
    );
  });
});
