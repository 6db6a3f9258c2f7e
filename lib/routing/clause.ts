import type { Wanted } from '../config/condition.ts';
import type { Path } from '../config/finding.ts';
import { type EventType, eventTypes } from '../events/event.ts';
import { groupOf, holds, namedIn } from './holds.ts';

/** What a condition asks of one field, and where that is written. */
export interface Clause {
  readonly field: string;
  readonly wanted: Wanted;
  readonly path: Path;
}

/** The types of events that clauses leave. */
export function typesIn(clauses: readonly Clause[]): readonly EventType[] {
  const type = clauses.find(({ field }) => field === 'type');
  return eventTypes.filter((each) => !type || holds(type.wanted, [each]));
}

/** The values that a clause names, each with its place; those behind `not`, too. */
export function namedWithPaths({
  wanted,
  path,
}: Pick<Clause, 'wanted' | 'path'>): { value: unknown; path: Path }[] {
  const named = namedIn(wanted);
  if (named) {
    return named.map((value, index) => ({
      value,
      path: Array.isArray(wanted) ? [...path, index] : path,
    }));
  }
  const { not } = groupOf(wanted);
  return not === undefined ? [] : namedWithPaths({ wanted: not, path: [...path, 'not'] });
}
