import * as z from 'zod';
import { advise, MISSING } from './advice.ts';
import { type Finding, formatPath, type Path, valueAt } from './finding.ts';
import { didYouMean, suggest } from './suggest.ts';

type Issue = z.core.$ZodIssue;
type Union = Extract<Issue, { code: 'invalid_union' }>;

export interface Checked<T> {
  /** What the schema made of the value; undefined if there are findings. */
  data: T | undefined;
  findings: Finding[];
}

/**
 * Reads a value with a schema and says what is wrong with it in words for the person who wrote it.
 *
 * @param at where the value is in the file
 */
export function checkShape<T extends z.ZodType>(
  schema: T,
  value: unknown,
  at: Path = [],
): Checked<z.output<T>> {
  const { success, data, error } = schema.safeParse(value, { error: tellKnownKeys });
  if (success) return { data, findings: [] };
  const findings = error.issues
    .flatMap((issue) => explain(issue, value))
    .filter(isNews)
    .map((finding) => ({ ...finding, path: [...at, ...finding.path] }));
  return { data: undefined, findings };
}

/** Zod names the unknown keys of an object but not the known ones: those travel as the message. */
const tellKnownKeys: z.core.$ZodErrorMap = ({ code, inst }) => {
  if (code !== 'unrecognized_keys') return undefined;
  if (inst instanceof z.ZodObject) return Object.keys(inst.shape).join(',');
  const keys = inst instanceof z.ZodRecord ? inst.keyType : undefined;
  return keys instanceof z.ZodEnum ? keys.options.join(',') : undefined;
};

/** That a field is missing is no news where the same field is there, misspelt. */
const isNews = ({ message, path }: Finding, _: number, all: readonly Finding[]): boolean =>
  message !== MISSING ||
  !all.some(
    (other) =>
      other.isUnknownKey &&
      other.fix === didYouMean(String(path.at(-1))) &&
      formatPath(other.path.slice(0, -1)) === formatPath(path.slice(0, -1)),
  );

function explain(issue: Issue, root: unknown): Finding[] {
  const { path } = issue;
  const value = valueAt(root, path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...path, key], issue.message.split(',')));
  }
  if (issue.code === 'invalid_union' && value !== undefined && value !== null) {
    return meantBranch(issue, value).flatMap((inner) =>
      explain({ ...inner, path: [...path, ...inner.path] }, root),
    );
  }
  const name = String(path.findLast((step) => typeof step === 'string') ?? '');
  return [{ path, ...advise(issue, value, name) }];
}

const unknownKey = (path: Path, known: readonly string[]): Finding => ({
  path,
  message: 'is not a known field',
  fix: suggest(String(path.at(-1)), known),
  isUnknownKey: true,
});

/** The issues of the alternative that the writer seems to have meant. */
function meantBranch({ errors }: Union, value: unknown): Issue[] {
  const ofRightType = errors.filter((issues) => !issues.some((issue) => isOtherType(issue, value)));
  const branches = ofRightType.length > 0 ? ofRightType : errors;
  const [first, ...others] = branches[0] ?? [];
  if (first === undefined) return [];
  if (first.code !== 'invalid_value') return [first, ...others];
  // Several words are alternatives of one list: 'baseline' or 'all'.
  const values = branches.flat().flatMap((issue) => ('values' in issue ? issue.values : []));
  return [{ ...first, values }];
}

/** Whether an alternative is out of the question because of the value's type. */
function isOtherType(issue: Issue, value: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_type') return true;
  if (issue.code === 'invalid_value') return typeof value === 'object';
  if (issue.code !== 'invalid_union') return false;
  return issue.errors.every((issues) => issues.some((inner) => isOtherType(inner, value)));
}
