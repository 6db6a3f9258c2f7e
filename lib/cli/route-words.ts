import type { Wanted } from '../config/condition.ts';
import { shown } from '../config/finding.ts';
import type { Explanation, RouteExplanation } from '../routing/explain.ts';
import { groupOf, namedIn } from '../routing/holds.ts';
import type { Mismatch } from '../routing/match.ts';

const listed = (values: readonly unknown[]): string =>
  `${values.length > 1 ? 'one of ' : ''}${values.map(shown).join(', ')}`;

const OPERATORS: Readonly<Record<string, string>> = {
  gt: 'more than',
  gte: 'at least',
  atLeast: 'at least',
  lt: 'less than',
  lessThan: 'less than',
  lte: 'at most',
};

/** What a condition asks of a field, as people say it. */
export function wantedInWords(wanted: Wanted): string {
  const named = namedIn(wanted);
  if (named) return listed(named);
  const { not, exists, prefix, ...limits } = groupOf(wanted);
  return [
    ...(exists === undefined ? [] : [exists ? 'any value' : 'no value']),
    ...(prefix === undefined ? [] : [`a start with ${listed([prefix].flat())}`]),
    ...Object.entries(limits).map(([operator, limit]) => `${OPERATORS[operator]} ${limit}`),
    ...(not === undefined ? [] : [`anything but ${wantedInWords(not)}`]),
  ].join(' and ');
}

function mismatchInWords({ field, wanted, found }: Mismatch): string {
  const what = Array.isArray(found) ? found.map(shown).join(', ') : shown(found);
  return `${field} is ${found === undefined ? 'not there' : what}, and it asks for ${wantedInWords(wanted)}`;
}

/** Who is told. */
export const toldInWords = (destinations: readonly string[]): string =>
  destinations.length > 0 ? destinations.join(', ') : 'nobody';

function routeInWords({ matched, because, endedBy, to }: RouteExplanation): string {
  const verdict = because ? mismatchInWords(because) : 'the event is what it asks for';
  if (endedBy !== undefined) return `not tried, since ${endedBy} ended it; ${verdict}`;
  return matched ? `matched: tells ${toldInWords(to)}` : `did not match: ${verdict}`;
}

/** Why an event goes where it goes: a line for each route. */
export function explanationLines({ routes, leftOut }: Explanation): string[] {
  const width = Math.max(...routes.map(({ route }) => route.length), 0);
  return [
    ...routes.map((each) => `${each.route.padEnd(width)}  ${routeInWords(each)}`),
    ...(routes.length === 0 ? ['There are no routes.'] : []),
    ...(leftOut === undefined ? [] : [`${leftOut} is left out: the event is about itself.`]),
  ];
}
