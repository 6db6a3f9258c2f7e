import { type Item, typeOf, type Value } from './attribute-value.ts';
import { addNumbers } from './decimal.ts';
import {
  byDescendingPosition,
  type Path,
  valueAt,
  withoutValue,
  withValue,
} from './document-path.ts';
import { validationError } from './errors.ts';

export type UpdateOperand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'if_not_exists'; readonly path: Path; readonly otherwise: UpdateOperand }
  | {
      readonly kind: 'list_append' | '+' | '-';
      readonly left: UpdateOperand;
      readonly right: UpdateOperand;
    };

export type UpdateAction =
  | { readonly kind: 'set'; readonly path: Path; readonly to: UpdateOperand }
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'add' | 'delete'; readonly path: Path; readonly value: Value };

/** The item after the actions. All of them see the item as it was before the update. */
export function applyUpdate(actions: readonly UpdateAction[], before: Item): Item {
  let item = before;
  for (const action of actions) {
    switch (action.kind) {
      case 'set':
        item = withValue(item, action.path, evaluate(action.to, before));
        break;
      case 'add':
        item = withValue(item, action.path, added(valueAt(before, action.path), action.value));
        break;
      case 'delete': {
        const remaining = deleted(valueAt(before, action.path), action.value);
        if (remaining === 'nothing') item = withoutValue(item, action.path);
        else item = withValue(item, action.path, remaining);
        break;
      }
      case 'remove':
        break;
    }
  }
  // Last, and from the end of each list, so that no position moves before it was used.
  const removed = actions.filter(({ kind }) => kind === 'remove').map(({ path }) => path);
  return removed.sort(byDescendingPosition).reduce(withoutValue, item);
}

function evaluate(operand: UpdateOperand, item: Item): Value {
  switch (operand.kind) {
    case 'value':
      return operand.value;
    case 'path': {
      const value = valueAt(item, operand.path);
      if (value) return value;
      throw validationError(
        'The provided expression refers to an attribute that does not exist in the item',
      );
    }
    case 'if_not_exists':
      return valueAt(item, operand.path) ?? evaluate(operand.otherwise, item);
    case 'list_append': {
      const left = evaluate(operand.left, item);
      const right = evaluate(operand.right, item);
      if (!('L' in left) || !('L' in right)) throw incorrectType();
      return { L: [...left.L, ...right.L] };
    }
    case '+':
    case '-': {
      const left = evaluate(operand.left, item);
      const right = evaluate(operand.right, item);
      if (!('N' in left) || !('N' in right)) throw incorrectType();
      return { N: addNumbers(left.N, right.N, operand.kind === '+' ? 1 : -1) };
    }
  }
}

function added(current: Value | undefined, value: Value): Value {
  if (current === undefined) return value;
  if ('N' in current && 'N' in value) return { N: addNumbers(current.N, value.N) };
  if ('SS' in current && 'SS' in value) return { SS: union(current.SS, value.SS) };
  if ('NS' in current && 'NS' in value) return { NS: union(current.NS, value.NS) };
  if ('BS' in current && 'BS' in value) return { BS: union(current.BS, value.BS) };
  throw incorrectType();
}

/** What a set keeps after a deletion; a set is never left empty, its attribute goes instead. */
function deleted(current: Value | undefined, value: Value): Value | 'nothing' {
  if (current === undefined) return 'nothing';
  if (typeOf(current) !== typeOf(value)) throw incorrectType();
  if ('SS' in current && 'SS' in value) return without(current.SS, value.SS, (SS) => ({ SS }));
  if ('NS' in current && 'NS' in value) return without(current.NS, value.NS, (NS) => ({ NS }));
  if ('BS' in current && 'BS' in value) return without(current.BS, value.BS, (BS) => ({ BS }));
  throw incorrectType();
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}

function without(
  members: readonly string[],
  leaving: readonly string[],
  toSet: (members: readonly string[]) => Value,
): Value | 'nothing' {
  const kept = members.filter((member) => !leaving.includes(member));
  return kept.length === 0 ? 'nothing' : toSet(kept);
}

const incorrectType = () =>
  validationError('An operand in the update expression has an incorrect data type');
