import type { JsonSchema as Schema } from './json-schema.ts';

/** A change that may break who reads what the schema describes. */
export interface BreakingChange {
  /** `call.agent.name`; `[]` is any element and `*` any property. Empty: the whole. */
  readonly path: string;
  readonly problem: string;
}

/** What makes a value more certain for its reader: without it, or changed, there can be values of a new kind. */
const PROMISES = ['format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'] as const;

/**
 * What in `after` breaks a reader of `before`: a field that is gone or may be missing now, a value of a
 * kind that was ruled out, a word that does not come any more. A new field, a new event type or a new word
 * breaks nobody: the contract says to pass over what one does not know.
 */
export function breakingChanges(before: Schema, after: Schema): BreakingChange[] {
  const compared = new Set<string>();

  function compare(old: unknown, now: unknown, path: string): BreakingChange[] {
    const [from, to] = [alternativesOf(old, before), alternativesOf(now, after)];
    // JSON within JSON has no end, and one round says all.
    const name = referenceOf(old);
    if (name !== undefined && compared.has(`${name} ${path}`)) return [];
    if (name !== undefined) {
      for (const each of [path, `${path}[]`, `${path}.*`]) compared.add(`${name} ${each}`);
    }
    const gone = from.flatMap((each) => {
      const types = eventTypesOf(each);
      const stays = types === undefined || to.some((other) => isSameKind(each, other));
      return stays ? [] : [{ path, problem: `${types.join(', ')} is gone` }];
    });
    return [...gone, ...to.flatMap((each) => compareOne(from, each, path))];
  }

  /** What can come now, with what of its kind could come before. */
  function compareOne(from: readonly Schema[], now: Schema, path: string): BreakingChange[] {
    const old = from.find((each) => isSameKind(each, now));
    if (old !== undefined) {
      return [
        ...compareWords(old, now, path),
        ...comparePromises(old, now, path),
        ...compareFields(old, now, path),
        ...compareParts(old, now, path),
      ];
    }
    if (from.some((each) => each.type === undefined) || eventTypesOf(now)) return [];
    return [{ path, problem: `can be ${now.type ?? 'anything'} now` }];
  }

  function compareFields(old: Schema, now: Schema, path: string): BreakingChange[] {
    return Object.entries(old.properties ?? {}).flatMap(([name, field]) => {
      const at = path === '' ? name : `${path}.${name}`;
      const present = now.properties?.[name];
      if (present === undefined) return [{ path: at, problem: 'is gone' }];
      const [wasSure, isSure] = [old, now].map(({ required }) => required?.includes(name) === true);
      return [
        ...(wasSure && !isSure ? [{ path: at, problem: 'may be missing now' }] : []),
        ...compare(field, present, at),
      ];
    });
  }

  function compareParts(old: Schema, now: Schema, path: string): BreakingChange[] {
    return (['items', 'additionalProperties'] as const).flatMap((keyword) => {
      if (!isSchema(old[keyword])) return [];
      return compare(
        old[keyword],
        now[keyword] ?? {},
        `${path}${keyword === 'items' ? '[]' : '.*'}`,
      );
    });
  }

  return compare(before, after, '');
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const referenceOf = (schema: unknown): string | undefined =>
  isSchema(schema) && schema.$ref !== undefined ? schema.$ref : undefined;

/** Follows a reference within its document. */
function resolve(schema: Schema, root: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const steps = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean);
  const found = steps.reduce<unknown>((at, step) => (isSchema(at) ? at[step] : undefined), root);
  if (!isSchema(found)) throw new Error(`The schema has no ${schema.$ref}`);
  return resolve(found, root);
}

/** Everything a value can be, each of one type. */
function alternativesOf(written: unknown, root: Schema): Schema[] {
  const schema = resolve(isSchema(written) ? written : {}, root);
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.flatMap((each) => alternativesOf(each, root));
  const types: unknown = schema.type;
  if (!Array.isArray(types)) return [schema];
  return types.map((type: Schema['type']) => ({ ...schema, type }));
}

const wordsOf = ({ enum: words, const: word }: Schema): readonly unknown[] | undefined =>
  words ?? (word === undefined ? undefined : [word]);

/** The event types that an object can be of; undefined for what is no event. */
const eventTypesOf = ({ properties }: Schema): readonly unknown[] | undefined => {
  const type = properties?.type;
  return isSchema(type) ? wordsOf(type) : undefined;
};

function isSameKind(old: Schema, now: Schema): boolean {
  if (old.type !== now.type && !(old.type === 'number' && now.type === 'integer')) return false;
  const types = eventTypesOf(old);
  return types === undefined || eventTypesOf(now)?.some((type) => types.includes(type)) !== false;
}

function compareWords(old: Schema, now: Schema, path: string): BreakingChange[] {
  const [before, after] = [wordsOf(old), wordsOf(now)];
  if (before === undefined) return [];
  if (after === undefined) return [{ path, problem: 'can be any word now' }];
  return before
    .filter((word) => !after.includes(word))
    .map((word) => ({ path, problem: `is never ${String(word)} any more` }));
}

const comparePromises = (old: Schema, now: Schema, path: string): BreakingChange[] =>
  PROMISES.filter((name) => old[name] !== undefined && old[name] !== now[name]).map((name) => ({
    path,
    problem: `${name} was ${old[name]} and is ${now[name] ?? 'not promised any more'}`,
  }));
