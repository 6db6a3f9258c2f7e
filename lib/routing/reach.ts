import type { Condition, Wanted } from '../config/condition.ts';
import type { Finding } from '../config/finding.ts';
import type { Route } from '../config/settings.ts';
import { canonicalJson } from '../hash.ts';
import { fieldNamed } from './fields.ts';
import { holds, namedIn } from './holds.ts';
import { type Situation, situationsOf, valuesIn } from './situations.ts';

/**
 * Routes that no event can reach. A route is only called so when that is sure: what several routes
 * together leave nothing of is not noticed.
 *
 * @param routes in order; undefined for those that are not readable
 */
export function findUnreachable(routes: readonly (Route | undefined)[]): Finding[] {
  const last = routes.findIndex((route) => route && isDefault(route));
  const [ending, after] = [routes[last], routes.slice(last + 1)];
  const findings = routes.flatMap((route, index): Finding[] => {
    if (!route || (ending && index > last)) return [];
    const taker = routes.slice(0, index).find((before) => before && takesAllOf(before, route));
    if (!taker) return [];
    const message = `is never reached: "${taker.id}" before it takes every event that it asks for`;
    const fix = `Move it before "${taker.id}", or add continue: true there.`;
    return [{ path: ['routes', index], message, fix }];
  });
  if (!ending || after.length === 0) return findings;

  const next = after.find((route) => route !== undefined);
  const message = `takes every event, so that no route after it is reached${next ? `, such as "${next.id}"` : ''}`;
  const fix = 'Move it to the end, or give it a when, or continue: true.';
  return [...findings, { path: ['routes', last], message, fix }];
}

/** A route that takes what is left. */
const isDefault = (route: Route): boolean =>
  !route.continue && Object.keys(route.when).length === 0;

function takesAllOf(before: Route, route: Route): boolean {
  if (before.continue) return false;
  const all = situationsOf(route.when);
  // A route that never matches anything is told of as such.
  return all.length > 0 && all.every((situation) => isMet(before.when, route.when, situation));
}

/** Whether an event that meets `narrow` in a situation is sure to meet `wide`. */
const isMet = (wide: Condition, narrow: Condition, situation: Situation): boolean =>
  Object.entries(wide).every(([field, wanted]) => {
    const values = valuesIn(situation, field);
    if (values) return holds(wanted, values);
    const asked = narrow[field];
    return asked !== undefined && implies(field, asked, wanted);
  });

/** Whether what `narrow` asks of a field is sure to be what `wide` asks of it. */
function implies(field: string, narrow: Wanted, wide: Wanted): boolean {
  if (canonicalJson(narrow) === canonicalJson(wide)) return true;
  const named = namedIn(narrow);
  // Where there can be several values, others may stand beside the one that is named.
  const isSure = namedIn(wide) !== undefined || fieldNamed(field)?.isList === false;
  return isSure && named?.every((value) => holds(wide, [value])) === true;
}
