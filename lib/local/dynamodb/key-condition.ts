import { typeOf, type Value } from './attribute-value.ts';
import type { Condition, Operand } from './condition.ts';
import { validationError } from './errors.ts';
import { type Bound, FIRST, LAST, type Range } from './row-store.ts';
import { type Collection, encodeKeyValue, type KeyAttribute, type RowKey } from './table.ts';

const EVERYTHING: Omit<Range, 'hash'> = {
  after: { range: FIRST, tie: FIRST },
  before: { range: LAST, tie: LAST },
};

/** The rows of `collection` that a key condition selects. Throws a ValidationException if it is none. */
export function toRange(collection: Collection, condition: Condition): Range {
  const parts = conjuncts(condition);
  const hashPart = parts.find((part) => attributeOf(part) === collection.hash.name);
  if (hashPart === undefined) {
    throw validationError(`Query condition missed key schema element: ${collection.hash.name}`);
  }
  const [rangePart, ...others] = parts.filter((part) => part !== hashPart);
  if (others.length > 0) {
    throw validationError(
      'Conditions must be of length 1 or 2, and can only contain one condition per key',
    );
  }
  if (hashPart.kind !== 'compare' || hashPart.comparator !== '=') throw notSupported();
  return {
    hash: encodeKeyValue(valueFor(collection.hash, hashPart.right)),
    ...(rangePart ? bounds(collection, rangePart) : EVERYTHING),
  };
}

/** Whether a row of the partition lies between the bounds of a range. */
export function isWithin(range: Range, row: RowKey): boolean {
  return (
    row.hash.equals(range.hash) && compare(range.after, row) < 0 && compare(row, range.before) < 0
  );
}

const compare = (a: Bound, b: Bound): number =>
  Buffer.compare(a.range, b.range) || Buffer.compare(a.tie, b.tie);

function bounds({ range: key }: Collection, part: Condition): Omit<Range, 'hash'> {
  if (key === undefined || attributeOf(part) !== key.name) {
    throw validationError(`Query condition missed key schema element: ${key?.name ?? ''}`);
  }
  if (part.kind === 'begins_with') {
    const prefix = valueFor(key, part.right);
    if (!('S' in prefix)) throw notSupported();
    return {
      after: justBefore(prefix),
      before: { range: Buffer.concat([encodeKeyValue(prefix), LAST]), tie: LAST },
    };
  }
  if (part.kind === 'between') {
    const [low, high] = [valueFor(key, part.low), valueFor(key, part.high)];
    return { after: justBefore(low), before: justAfter(high) };
  }
  if (part.kind !== 'compare') throw notSupported();
  const value = valueFor(key, part.right);
  switch (part.comparator) {
    case '=':
      return { after: justBefore(value), before: justAfter(value) };
    case '<':
      return { ...EVERYTHING, before: justBefore(value) };
    case '<=':
      return { ...EVERYTHING, before: justAfter(value) };
    case '>':
      return { ...EVERYTHING, after: justAfter(value) };
    case '>=':
      return { ...EVERYTHING, after: justBefore(value) };
    case '<>':
      throw notSupported();
  }
}

const justBefore = (value: Value): Bound => ({ range: encodeKeyValue(value), tie: FIRST });
const justAfter = (value: Value): Bound => ({ range: encodeKeyValue(value), tie: LAST });

function conjuncts(condition: Condition): Condition[] {
  if (condition.kind === 'and') {
    return [...conjuncts(condition.left), ...conjuncts(condition.right)];
  }
  return [
    condition.kind === 'compare' && condition.left.kind === 'value' ? turned(condition) : condition,
  ];
}

/** The same comparison with its sides exchanged: `:low < sk` is `sk > :low`. */
function turned(comparison: Extract<Condition, { kind: 'compare' }>): Condition {
  const { left, right, comparator } = comparison;
  return { kind: 'compare', left: right, right: left, comparator: TURNED[comparator] };
}

const TURNED = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** The attribute a part of a key condition is about. */
function attributeOf(part: Condition): string {
  switch (part.kind) {
    case 'compare':
    case 'begins_with':
      return topLevelName(part.left);
    case 'between':
      return topLevelName(part.operand);
    case 'and':
    case 'or':
    case 'not':
    case 'in':
    case 'exists':
    case 'type':
    case 'contains':
      throw notSupported();
  }
}

function topLevelName(operand: Operand): string {
  if (operand.kind !== 'path' || operand.path.length > 1) throw notSupported();
  return operand.path[0];
}

function valueFor(key: KeyAttribute, operand: Operand): Value {
  if (operand.kind !== 'value') throw notSupported();
  if (typeOf(operand.value) !== key.type) {
    throw validationError(
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    );
  }
  if ('S' in operand.value && operand.value.S === '') {
    throw validationError(
      'One or more parameter values are not valid. ' +
        `The AttributeValue for a key attribute cannot contain an empty string value. Key: ${key.name}`,
    );
  }
  return operand.value;
}

const notSupported = () =>
  validationError(
    'Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression',
  );
