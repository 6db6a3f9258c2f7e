import { MATERIAL_FIELDS } from '../calls/version.ts';
import { type Advice, type Finding, type Path, shown } from '../config/finding.ts';
import { suggest } from '../config/suggest.ts';
import { type Clause, namedWithPaths } from './clause.ts';
import { type Field, fieldNamed } from './fields.ts';
import { groupOf, limitsOf, namedIn } from './holds.ts';

type Group = ReturnType<typeof groupOf>;

/** Checks what a condition asks of one field against the values that the field can have. */
export function checkWanted(clause: Clause): Finding[] {
  const { field: name, wanted, path } = clause;
  const field = fieldNamed(name);
  if (!field) return [];
  const values = namedWithPaths(clause).flatMap(({ value, path: at }): Finding[] => {
    const advice = adviceOn(value, name, field);
    return advice ? [{ path: at, ...advice }] : [];
  });
  return namedIn(wanted) ? values : [...values, ...checkGroup(groupOf(wanted), field, path)];
}

/** What is wrong with a value that is named; undefined if the field can have it. */
function adviceOn(value: unknown, name: string, { kind, values }: Field): Advice | undefined {
  if (kind === 'text' && typeof value !== 'string') {
    return { message: 'is not text', fix: 'Put it in double quotes.' };
  }
  if (kind === 'number' && typeof value !== 'number') {
    const fix = 'Write digits without quotes, or compare: { gte: 30, lt: 600 }.';
    return { message: `${shown(value)} is not a number`, fix };
  }
  if (kind === 'boolean' && typeof value !== 'boolean') {
    return { message: `${shown(value)} is neither true nor false`, fix: 'Write true or false.' };
  }
  const known = name === 'changes' ? changesLike(String(value)) : values;
  if (!known || known.includes(String(value))) return undefined;
  return { message: `${shown(value)} is not a possible value`, fix: suggest(value, known) };
}

/** Names of what can change; any attribute can. */
const changesLike = (name: string): readonly string[] =>
  name.startsWith('attributes.') ? [name] : [...MATERIAL_FIELDS, 'attributes.…'];

/** Operators that are for other kinds of values, or that nothing can meet. */
function checkGroup(group: Group, field: Field, path: Path): Finding[] {
  const { not, exists, prefix, ...limits } = group;
  const inner = not === undefined || namedIn(not) ? undefined : groupOf(not);
  const findings = inner ? checkGroup(inner, field, [...path, 'not']) : [];
  const refuse = (at: Path, message: string, fix: string) =>
    void findings.push({ path: at, message, fix });

  if (Object.keys(group).length === 0) {
    refuse(
      path,
      'asks for nothing',
      'Write a value, a list, or an operator: { not: … }, { gte: 30 }.',
    );
  }
  const [limit] = Object.keys(limits);
  if (limit !== undefined && (field.kind === 'text' || field.kind === 'boolean')) {
    refuse([...path, limit], 'compares numbers, and this is none', 'Write a value or a list.');
  } else if (hasNoRoom(limits)) {
    refuse(path, 'leaves room for no number', 'Make the upper limit greater than the lower.');
  }
  if (prefix !== undefined && (field.kind === 'number' || field.kind === 'boolean')) {
    refuse([...path, 'prefix'], 'compares text, and this is none', 'Write a value or a list.');
  }
  const known = field.values ?? [];
  for (const start of field.values && prefix !== undefined ? [prefix].flat() : []) {
    if (known.some((value) => value.startsWith(start))) continue;
    refuse([...path, 'prefix'], `${shown(start)} starts no possible value`, suggest(start, known));
  }
  if (exists === false && Object.keys(group).length > 1) {
    const fix = 'Leave exists: false out, or all else.';
    refuse(path, 'asks for something of what is not there', fix);
  }
  return findings;
}

function hasNoRoom(limits: Parameters<typeof limitsOf>[0]): boolean {
  const { above, from, below, to } = limitsOf(limits);
  const low = Math.max(above, from);
  const high = Math.min(below, to);
  return low > high || (low === high && (low === above || high === below));
}
