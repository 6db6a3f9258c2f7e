import { isObject } from '../json-object.ts';
import { AwsError } from '../services.ts';
import { compareNumbers, normalizeNumber, significantDigits } from './decimal.ts';
import { invalidParameter, validationError } from './errors.ts';

/** An attribute value in wire form, checked: numbers normalized, sets sorted and without repeats. */
export type Value =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly Value[] }
  | { readonly M: Item };

export type Item = { readonly [name: string]: Value };

/** The member of an item or map; not confused by attributes named like members of `Object.prototype`. */
export const attribute = (item: Item, name: string): Value | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

/** `S`, `N`, `M` and so on. */
export const typeOf = (value: Value): string => Object.keys(value)[0] ?? '';

/** An item from the wire. Throws a ValidationException for anything DynamoDB would not store. */
export function parseItem(wire: Record<string, unknown>): Item {
  return Object.fromEntries(Object.entries(wire).map(([name, value]) => [name, parseValue(value)]));
}

/** One attribute value from the wire. Throws a ValidationException for anything DynamoDB would not store. */
export function parseValue(wire: unknown): Value {
  const members = isObject(wire) ? Object.entries(wire) : [];
  const [member] = members;
  if (member === undefined || members.length > 1) {
    const problem = member === undefined ? 'is empty' : 'has more than one datatypes set';
    throw validationError(
      `Supplied AttributeValue ${problem}, must contain exactly one of the supported datatypes`,
    );
  }
  const [type, content] = member;
  switch (type) {
    case 'S':
      return { S: text(content) };
    case 'N':
      return { N: normalizeNumber(text(content)) };
    case 'B':
      return { B: text(content) };
    case 'BOOL':
      if (typeof content !== 'boolean') throw unexpectedType();
      return { BOOL: content };
    case 'NULL':
      if (content !== true) {
        throw invalidParameter('Null attribute value types must have the value of true');
      }
      return { NULL: true };
    case 'SS':
      return { SS: parseSet(content, 'string') };
    case 'NS':
      return { NS: parseSet(content, 'number') };
    case 'BS':
      return { BS: parseSet(content, 'binary') };
    case 'L':
      return { L: list(content).map(parseValue) };
    case 'M':
      if (!isObject(content)) throw unexpectedType();
      return { M: parseItem(content) };
    default:
      throw validationError(
        'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
      );
  }
}

/** The same value of the same type; the order of a map's members does not count. */
export function sameValue(a: Value, b: Value): boolean {
  if ('M' in a) return 'M' in b && sameItem(a.M, b.M);
  if ('L' in a) {
    return (
      'L' in b &&
      a.L.length === b.L.length &&
      a.L.every((member, index) => {
        const other = b.L[index];
        return other !== undefined && sameValue(member, other);
      })
    );
  }
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The same attributes with the same values. */
export function sameItem(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const [left, right] = [attribute(a, name), attribute(b, name)];
    return left !== undefined && right !== undefined && sameValue(left, right);
  });
}

/** Negative, zero or positive; undefined when the two have no order, being of different or unordered types. */
export function compareValues(a: Value, b: Value): number | undefined {
  if ('N' in a && 'N' in b) return compareNumbers(a.N, b.N);
  if ('S' in a && 'S' in b) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if ('B' in a && 'B' in b) return Buffer.compare(bytes(a.B), bytes(b.B));
  return undefined;
}

/**
 * The bytes DynamoDB counts for an item, names included
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
 */
export function itemSize(item: Item): number {
  let size = 0;
  for (const [name, value] of Object.entries(item)) size += Buffer.byteLength(name) + sizeOf(value);
  return size;
}

function sizeOf(value: Value): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return bytes(value.B).length;
  if ('SS' in value) return total(value.SS, (member) => Buffer.byteLength(member));
  if ('NS' in value) return total(value.NS, numberSize);
  if ('BS' in value) return total(value.BS, (member) => bytes(member).length);
  // A list or map costs three bytes, and each of its members one more.
  if ('L' in value) return 3 + total(value.L, (member) => 1 + sizeOf(member));
  if ('M' in value) return 3 + Object.keys(value.M).length + itemSize(value.M);
  return 1;
}

/** The bytes of a binary value. */
export const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');

const numberSize = (number: string): number =>
  Math.ceil(significantDigits(number) / 2) + (number.startsWith('-') ? 2 : 1);

function total<T>(members: readonly T[], size: (member: T) => number): number {
  return members.reduce((sum, member) => sum + size(member), 0);
}

function parseSet(content: unknown, kind: 'string' | 'number' | 'binary'): readonly string[] {
  const members = list(content).map(text);
  if (members.length === 0) throw invalidParameter(`An ${kind} set  may not be empty`);
  const normalized = kind === 'number' ? members.map(normalizeNumber) : members;
  const unique = [...new Set(normalized)];
  if (unique.length < members.length) {
    throw invalidParameter(`Input collection [${members.join(', ')}] contains duplicates.`);
  }
  return unique.sort();
}

function text(content: unknown): string {
  if (typeof content !== 'string') throw unexpectedType();
  return content;
}

function list(content: unknown): readonly unknown[] {
  if (!Array.isArray(content)) throw unexpectedType();
  return content;
}

// DynamoDB calls this a SerializationException: the body did not have the shape of its API.
const unexpectedType = () =>
  new AwsError('SerializationException', 'Unexpected value type in payload');
