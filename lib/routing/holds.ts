import type { Wanted } from '../config/condition.ts';

type Scalar = string | number | boolean;
type Group = Exclude<Wanted, Scalar | readonly Scalar[]>;
type Comparisons = Omit<Group, 'not' | 'exists'>;

/** Whether a value that an event has is the one that a condition names. */
export type Same = (found: unknown, named: Scalar) => boolean;

const isSame: Same = (found, named) => found === named;

/**
 * Whether the values that an event has in a field are what a condition asks for.
 *
 * Of several values one has to do, and that one has to meet all comparisons of a group. `not` holds if
 * what it names does not: also for an event that has no value there.
 */
export function holds(wanted: Wanted, values: readonly unknown[], same: Same = isSame): boolean {
  const named = namedIn(wanted);
  if (named) return values.some((value) => named.some((each) => same(value, each)));

  const { not, exists, ...compared } = groupOf(wanted);
  if (exists !== undefined && exists !== values.length > 0) return false;
  if (not !== undefined && holds(not, values, same)) return false;
  return Object.keys(compared).length === 0 || values.some((value) => compares(compared, value));
}

/** The values that are asked for by name; undefined where operators ask. */
export function namedIn(wanted: Wanted): readonly Scalar[] | undefined {
  if (Array.isArray(wanted)) return wanted;
  return typeof wanted === 'object' ? undefined : [wanted];
}

/** The operators that ask; none where values are asked for by name. */
export const groupOf = (wanted: Wanted): Group =>
  typeof wanted === 'object' && !Array.isArray(wanted) ? wanted : {};

/** Between which numbers the limits of a group leave room: `from` and `to` included, the others not. */
export const limitsOf = ({ gt, gte, lt, lte, atLeast, lessThan }: Comparisons) => ({
  above: gt ?? -Infinity,
  from: Math.max(gte ?? -Infinity, atLeast ?? -Infinity),
  below: Math.min(lt ?? Infinity, lessThan ?? Infinity),
  to: lte ?? Infinity,
});

function compares({ prefix, ...limits }: Comparisons, value: unknown): boolean {
  const starts = prefix === undefined ? undefined : [prefix].flat();
  if (starts && !(typeof value === 'string' && starts.some((start) => value.startsWith(start)))) {
    return false;
  }
  if (Object.keys(limits).length === 0) return true;
  const { above, from, below, to } = limitsOf(limits);
  return (
    typeof value === 'number' && value > above && value >= from && value < below && value <= to
  );
}
