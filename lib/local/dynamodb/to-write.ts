import { type Item, parseItem } from './attribute-value.ts';
import type { Condition } from './condition.ts';
import type { Path } from './document-path.ts';
import { invalidParameter } from './errors.ts';
import { ExpressionBindings, type ExpressionInput } from './expression-bindings.ts';
import type { Write } from './item-writer.ts';
import { parseCondition } from './parse-condition.ts';
import { parseUpdate } from './parse-update.ts';
import { keyAttributes, keyOf, requireKey, requireStorable, type Table } from './table.ts';
import { applyUpdate, type UpdateAction } from './update.ts';

/** What put, update, delete and condition check have in common, alone or in a transaction. */
interface ConditionInput extends ExpressionInput {
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: 'NONE' | 'ALL_OLD' | undefined;
}

type KeyedInput = ConditionInput & { readonly Key: Record<string, unknown> };

export function putWrite(
  table: Table,
  input: ConditionInput & { readonly Item: Record<string, unknown> },
): Write {
  const item = parseItem(input.Item);
  requireStorable(table, item);
  return { ...conditional(table, keyOf(table, item), input), change: () => item };
}

export function deleteWrite(table: Table, input: KeyedInput): Write {
  return { ...conditional(table, parseKey(table, input.Key), input), change: () => undefined };
}

export function conditionCheck(table: Table, input: KeyedInput): Write {
  return { ...conditional(table, parseKey(table, input.Key), input), change: (before) => before };
}

/** An update, with the paths it touches: `UPDATED_OLD` and `UPDATED_NEW` are about them. */
export function updateWrite(
  table: Table,
  input: KeyedInput & { readonly UpdateExpression?: string | undefined },
): { write: Write; paths: Path[] } {
  const key = parseKey(table, input.Key);
  let actions: UpdateAction[] = [];
  const common = conditional(table, key, input, (bindings) => {
    if (input.UpdateExpression !== undefined) {
      actions = parseUpdate(input.UpdateExpression, bindings);
    }
  });
  const keyNames = keyAttributes(table).map(({ name }) => name);
  const paths = actions.map(({ path }) => path);
  const onKey = paths.find(([name]) => keyNames.includes(name));
  if (onKey) {
    throw invalidParameter(
      `Cannot update attribute ${onKey[0]}. This attribute is part of the key`,
    );
  }
  const change = (before: Item | undefined) => applyUpdate(actions, before ?? key);
  return { write: { ...common, change }, paths };
}

/** A `Key` from the wire, checked against the table. */
export function parseKey(table: Table, wire: Record<string, unknown>): Item {
  const key = parseItem(wire);
  requireKey(table, key);
  return key;
}

/** `parseOthers` parses the request's other expressions, which share its names and values. */
function conditional(
  table: Table,
  key: Item,
  input: ConditionInput,
  parseOthers?: (bindings: ExpressionBindings) => void,
): Omit<Write, 'change'> {
  const bindings = new ExpressionBindings(input);
  let condition: Condition | undefined;
  if (input.ConditionExpression !== undefined) {
    condition = parseCondition('ConditionExpression', input.ConditionExpression, bindings);
  }
  parseOthers?.(bindings);
  bindings.requireAllUsed();
  return {
    table,
    key,
    condition,
    showsItemOnFailure: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
  };
}
