import type { Event } from '../events/event.ts';

/** Short names of fields, and where in an event each of them looks. */
export const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = {
  connection: ['call.connection', 'connection.id'],
  provider: ['call.provider', 'connection.provider'],
  reason: ['call.reason', 'connection.reason', 'delivery.reason'],
  agent: ['call.agent.id', 'call.agent.name'],
  outcome: ['call.outcome'],
  direction: ['call.direction'],
  durationSeconds: ['call.durationSeconds'],
};

const ATTRIBUTES = 'attributes.';

/** The paths in an event that a field of a condition stands for. */
export function pathsOf(field: string): readonly string[] {
  if (field.startsWith(ATTRIBUTES)) return [`call.${field}`];
  return Object.hasOwn(SHORT_NAMES, field) ? (SHORT_NAMES[field] ?? []) : [field];
}

/** What an event has in a field: nothing, a value, or several where there is a list. Null is nothing. */
export const valuesOf = (field: string, event: Event): unknown[] =>
  pathsOf(field).flatMap((path) => valuesAt(event, path));

/** Names may hold dots themselves, so a path is not split but followed by the names that are there. */
function valuesAt(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  if (value === null || value === undefined) return [];
  if (path === '') return [value];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (path === name) return valuesAt(inner, '');
    return path.startsWith(`${name}.`) ? valuesAt(inner, path.slice(name.length + 1)) : [];
  });
}
