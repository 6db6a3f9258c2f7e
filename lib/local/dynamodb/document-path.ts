import { attribute, type Item, type Value } from './attribute-value.ts';
import { validationError } from './errors.ts';

/** The way into an item: attribute names and list positions, e.g. `['a', 'b', 0]` for `a.b[0]`. */
export type Path = readonly [string, ...(string | number)[]];

/** What is at `path`, if anything. */
export function valueAt(item: Item, path: Path): Value | undefined {
  let value: Value | undefined = { M: item };
  for (const step of path) value = value && child(value, step);
  return value;
}

/** A copy of `item` with `value` at `path`. All but the last step must be there. */
export function withValue(item: Item, path: Path, value: Value): Item {
  return changed(item, path, (container, step) => {
    if ('M' in container && typeof step === 'string') {
      return { M: { ...container.M, [step]: value } };
    }
    if (!('L' in container) || typeof step !== 'number') throw invalidPath();
    // A position past the end appends, without leaving a gap.
    return step < container.L.length
      ? { L: container.L.with(step, value) }
      : { L: [...container.L, value] };
  });
}

/** A copy of `item` without what is at `path`; later members of a list move up. */
export function withoutValue(item: Item, path: Path): Item {
  return changed(item, path, (container, step) => {
    if ('M' in container && typeof step === 'string') {
      return {
        M: Object.fromEntries(Object.entries(container.M).filter(([name]) => name !== step)),
      };
    }
    if (!('L' in container) || typeof step !== 'number') throw invalidPath();
    return { L: container.L.filter((_, position) => position !== step) };
  });
}

/** The parts of `item` at `paths`, in their place in the document; lists are closed up. */
export function project(item: Item, paths: readonly Path[]): Item {
  const projected = pick({ M: item }, paths);
  return projected !== undefined && 'M' in projected ? projected.M : {};
}

/** Whether one path is the other or leads to it. */
export function overlaps(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((step, position) => step === b[position]);
}

/** The order in which paths can be removed one by one: positions from the end, so that none moves another. */
export function byDescendingPosition(a: Path, b: Path): number {
  for (const [depth, step] of a.entries()) {
    const other = b[depth];
    if (typeof step === 'number' && typeof other === 'number' && step !== other) {
      return other - step;
    }
  }
  return 0;
}

function child(value: Value, step: string | number): Value | undefined {
  if (typeof step === 'string') return 'M' in value ? attribute(value.M, step) : undefined;
  return 'L' in value ? value.L[step] : undefined;
}

type Change = (container: Value, lastStep: string | number) => Value;

function changed(item: Item, path: Path, change: Change): Item {
  const result = changeWithin({ M: item }, path, change);
  if (!('M' in result)) throw invalidPath();
  return result.M;
}

function changeWithin(container: Value, path: readonly (string | number)[], change: Change): Value {
  const [step, ...rest] = path;
  if (step === undefined) throw invalidPath();
  if (rest.length === 0) return change(container, step);
  const inner = child(container, step);
  if (inner === undefined) throw invalidPath();
  const replacement = changeWithin(inner, rest, change);
  if ('M' in container && typeof step === 'string') {
    return { M: { ...container.M, [step]: replacement } };
  }
  if ('L' in container && typeof step === 'number') {
    return { L: container.L.with(step, replacement) };
  }
  throw invalidPath();
}

function pick(value: Value, paths: readonly (readonly (string | number)[])[]): Value | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  const steps = Map.groupBy(paths, ([step]) => step);
  const picked: [string | number, Value][] = [];
  for (const [step, branches] of steps) {
    const inner = step === undefined ? undefined : child(value, step);
    const part =
      inner &&
      pick(
        inner,
        branches.map((path) => path.slice(1)),
      );
    if (step !== undefined && part !== undefined) picked.push([step, part]);
  }
  if (picked.length === 0) return undefined;
  if ('M' in value) return { M: Object.fromEntries(picked) };
  picked.sort(([a], [b]) => Number(a) - Number(b));
  return { L: picked.map(([, member]) => member) };
}

const invalidPath = () =>
  validationError('The document path provided in the update expression is invalid for update');
