import * as z from 'zod';
import { type EventType, eventSchema } from '../events/event.ts';
import { pathsOf, SHORT_NAMES } from './lookup.ts';

/** What a condition can ask for under one name: read from the schema of events. */
export interface Field {
  /** `anything`: its values are a provider's own. */
  readonly kind: 'text' | 'number' | 'boolean' | 'anything';
  /** All the values it can have, where they are listed. */
  readonly values: readonly string[] | undefined;
  /** Whether an event can have several values there. */
  readonly isList: boolean;
  /** The types of events that have it. */
  readonly types: ReadonlySet<EventType>;
}

type Leaf = Omit<Field, 'types'> & { readonly path: string };

const KINDS: Readonly<Record<string, Field['kind']>> = {
  string: 'text',
  enum: 'text',
  number: 'number',
  literal: 'number',
  boolean: 'boolean',
};

/** Every value that a schema describes, with its path; a list's elements have the path of the list. */
function leavesOf(schema: z.core.$ZodType, path = ''): Leaf[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return leavesOf(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodArray) {
    return leavesOf(schema.element, path).map((leaf) => ({ ...leaf, isList: true }));
  }
  if (schema instanceof z.ZodRecord) return leavesOf(schema.valueType, `${path}.*`);
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([name, inner]: [string, z.core.$ZodType]) =>
      leavesOf(inner, path === '' ? name : `${path}.${name}`),
    );
  }
  const values = schema instanceof z.ZodEnum ? schema.options.map(String) : undefined;
  const kind = KINDS[schema._zod.def.type] ?? 'anything';
  return [{ path, kind, values, isList: kind === 'anything' }];
}

const merged = <T>(a: readonly T[] | undefined, b: readonly T[] | undefined) =>
  a && b && [...new Set([...a, ...b])];

/** Fields by their paths. */
const paths = new Map<string, Field>();
for (const option of eventSchema.options) {
  const types = option.shape.type.options;
  for (const { path, ...leaf } of leavesOf(option)) {
    const other = paths.get(path);
    paths.set(path, {
      ...leaf,
      values: other ? merged(other.values, leaf.values) : leaf.values,
      types: new Set([...(other?.types ?? []), ...types]),
    });
  }
}

/** What an event is about has names of two parts and more; the envelope's have one. */
const byDepth = (a: string, b: string): number => Number(b.includes('.')) - Number(a.includes('.'));

/** Names of attributes are a provider's own. */
const fieldAt = (path: string): Field | undefined =>
  paths.get(path.replace(/^call\.attributes\..+/, 'call.attributes.*'));

/** The field that a condition means by a name; undefined where no event has one. */
export function fieldNamed(name: string): Field | undefined {
  const fields = pathsOf(name).flatMap((path) => fieldAt(path) ?? []);
  const types = fields.flatMap((field) => [...field.types]);
  const isList = new Set(types).size < types.length || fields.some((field) => field.isList);
  // What one short name stands for is of one kind.
  return fields[0] && { ...fields[0], isList, types: new Set(types) };
}

/** All names that a condition can use, those that people need most first. */
export const fieldNames: readonly string[] = [
  'type',
  ...Object.keys(SHORT_NAMES),
  ...[...paths.keys()].filter((path) => path !== 'type').sort(byDepth),
];

/** Where a type of event can have a field: the paths of a name that its schema knows. */
export const pathsIn = (type: EventType, name: string): readonly string[] =>
  pathsOf(name).filter((path) => fieldAt(path)?.types.has(type));
