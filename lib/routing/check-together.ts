import type { Finding, Path } from '../config/finding.ts';
import { type Clause, typesIn } from './clause.ts';
import { holds } from './holds.ts';
import { type Situation, situations, situationsOf, valuesIn } from './situations.ts';

const FIX = 'Remove a condition, or ask for other types of events.';

/** Whether no event meets the clauses of a condition together. */
export function checkTogether(clauses: readonly Clause[], at: Path): Finding[] {
  const condition = Object.fromEntries(clauses.map(({ field, wanted }) => [field, wanted]));
  if (situationsOf(condition).length > 0) return [];

  const types = typesIn(clauses);
  const left = situations.filter(({ type }) => types.includes(type));
  // One clause alone may be to blame: then the place is its own.
  const culprit = clauses.find((clause) => left.every((situation) => isOut(clause, situation)));
  if (!culprit) {
    const message = 'is met by no event: its conditions exclude each other';
    return [{ path: at, message, fix: FIX }];
  }
  const { field, path } = culprit;
  if (types.length === 0) return [{ path, message: 'excludes every type of event', fix: FIX }];
  const found = new Set(left.flatMap((situation) => valuesIn(situation, field) ?? []));
  const what = found.size > 0 ? `only ${[...found].join(', ')}` : 'nothing';
  const message = `is met by no event: there is ${what} here in ${types.join(', ')}`;
  return [{ path, message, fix: FIX }];
}

function isOut({ field, wanted }: Clause, situation: Situation): boolean {
  const values = valuesIn(situation, field);
  return values !== undefined && !holds(wanted, values);
}
