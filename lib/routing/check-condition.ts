import { wantedSchema } from '../config/condition.ts';
import type { Finding, Path } from '../config/finding.ts';
import { didYouMean, suggest } from '../config/suggest.ts';
import { checkTogether } from './check-together.ts';
import { checkWanted } from './check-wanted.ts';
import type { Clause } from './clause.ts';
import { fieldNamed, fieldNames } from './fields.ts';
import { checkReasons, type Reasons } from './reasons.ts';

/** What was found in the conditions of a file: `errors` refuse it. */
export interface Findings {
  errors: Finding[];
  warnings: Finding[];
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
  const values = clauses.flatMap(checkWanted);

  const errors = [...unknown, ...values];
  return {
    errors: errors.length > 0 ? errors : checkTogether(clauses, at),
    warnings: checkReasons(clauses, reasons),
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
