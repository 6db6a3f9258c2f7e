import { closest } from '../config/closest.ts';
import { type Wanted, wantedSchema } from '../config/condition.ts';
import { type Finding, type Path, shown } from '../config/finding.ts';
import { didYouMean, suggest } from '../config/suggest.ts';
import { eventTypes } from '../events/event.ts';
import { checkWanted, namedWithPaths } from './check-wanted.ts';
import { fieldNamed, fieldNames, pathsIn } from './fields.ts';
import { holds } from './holds.ts';
import type { Reasons } from './reasons.ts';
import { situations, situationsOf, valuesIn } from './situations.ts';

/** What was found in the conditions of a file: `errors` refuse it. */
export interface Findings {
  errors: Finding[];
  warnings: Finding[];
}

/** What a condition asks of one field, and where that is written. */
interface Clause {
  readonly field: string;
  readonly wanted: Wanted;
  readonly path: Path;
}

/**
 * Checks a condition as it is written: that its fields are fields of events, and that it can be met.
 * What has no readable shape is passed over: the schema tells of it.
 */
export function checkCondition(written: unknown, at: Path, reasons: Reasons): Findings {
  const names = namesIn(written, at);
  const unknown = names.flatMap(({ field, path }) => checkName(field, path));
  const clauses = names.flatMap(({ field, path, value }): Clause[] => {
    const { data } = wantedSchema.safeParse(value);
    return data === undefined ? [] : [{ field, wanted: data, path }];
  });
  const values = clauses.flatMap(({ field, wanted, path }) => checkWanted(field, wanted, path));

  const errors = [...unknown, ...values];
  return {
    errors: errors.length > 0 ? errors : checkTogether(clauses, at),
    warnings: clauses.flatMap((clause) => checkReasons(clause, clauses, reasons)),
  };
}

interface Named {
  readonly field: string;
  readonly path: Path;
  readonly value: unknown;
}

/** The fields of a condition; a group of attributes is taken apart. */
function namesIn(written: unknown, at: Path): Named[] {
  if (!isRecord(written)) return [];
  return Object.entries(written).flatMap(([name, value]): Named[] => {
    const path = [...at, name];
    if (name !== 'attributes') return [{ field: name, path, value }];
    return Object.entries(isRecord(value) ? value : {}).map(([attribute, inner]) => ({
      field: `attributes.${attribute}`,
      path: [...path, attribute],
      value: inner,
    }));
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkName(field: string, path: Path): Finding[] {
  if (fieldNamed(field)) return [];
  const below = fieldNames.filter((name) => name.startsWith(`${field}.`));
  if (below.length > 0) {
    const message = 'is a group of fields';
    return [{ path, message, fix: `Ask for one of: ${below.join(', ')}.`, isUnknownKey: true }];
  }
  const same = fieldNames.find((name) => name.endsWith(`.${field}`));
  const fix = same ? didYouMean(same) : suggest(field, fieldNames);
  return [{ path, message: 'is no field of an event', fix, isUnknownKey: true }];
}

/** Clauses that no event meets, alone or together. */
function checkTogether(clauses: readonly Clause[], at: Path): Finding[] {
  const condition = Object.fromEntries(clauses.map(({ field, wanted }) => [field, wanted]));
  if (situationsOf(condition).length > 0) return [];

  const types = condition.type ?? { exists: true };
  const asked = situations.filter(({ type }) => holds(types, [type]));
  const culprit = clauses.find(({ field, wanted }) =>
    asked.every((situation) => {
      const values = valuesIn(situation, field);
      return values !== undefined && !holds(wanted, values);
    }),
  );
  const fix = 'Remove a condition, or ask for other types of events.';
  if (!culprit)
    return [{ path: at, message: 'is met by no event: its conditions exclude each other', fix }];

  const found = [
    ...new Set(asked.flatMap((situation) => valuesIn(situation, culprit.field) ?? [])),
  ];
  const what = found.length > 0 ? `only ${found.join(', ')}` : 'nothing';
  const names = [...new Set(asked.map(({ type }) => type))].join(', ');
  const message =
    asked.length > 0
      ? `is met by no event: there is ${what} here in ${names}`
      : 'excludes every type of event';
  return [{ path: culprit.path, message, fix }];
}

/** Reasons that nobody gives, as far as one can know. */
function checkReasons(clause: Clause, clauses: readonly Clause[], reasons: Reasons): Finding[] {
  const type = clauses.find(({ field }) => field === 'type')?.wanted ?? { exists: true };
  const types = eventTypes.filter((each) => holds(type, [each]));
  const paths = [...new Set(types.flatMap((each) => pathsIn(each, clause.field)))];
  if (paths.length === 0 || !paths.every((path) => path.endsWith('.reason'))) return [];

  const known = paths.flatMap((path) => reasons[path] ?? []);
  // A delivery's reason may be any word of its vendor's: there, only what looks misspelt is told.
  const isOpen = paths.some((path) => !reasons[path]);
  return namedWithPaths(clause.wanted, clause.path).flatMap(({ value, path }): Finding[] => {
    if (typeof value !== 'string' || known.includes(value)) return [];
    if (isOpen && closest(value, known) === undefined) return [];
    const message = `${shown(value)} is a reason that nothing here gives`;
    return [{ path, message, fix: suggest(value, known) }];
  });
}
