import type { TableDefinition } from '../services.ts';
import { attribute, type Item, itemSize, typeOf, type Value } from './attribute-value.ts';
import { sortableNumber } from './decimal.ts';
import { invalidParameter, validationError } from './errors.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

/** A table or an index of one: rows with a partition key and perhaps a sort key. */
export interface Collection {
  /** Identifies the collection's rows in the database. */
  readonly id: number;
  readonly hash: KeyAttribute;
  readonly range: KeyAttribute | undefined;
}

export interface SecondaryIndex extends Collection {
  readonly name: string;
  /** The attributes an index row holds; undefined means all. */
  readonly projected: ReadonlySet<string> | undefined;
}

export interface Table extends Collection {
  readonly definition: TableDefinition;
  readonly indexes: readonly SecondaryIndex[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/**
 * Where a row stands in its collection, as bytes that sort as DynamoDB sorts. Rows of an index may share
 * partition and sort key: `tie` tells them apart by the key of the table.
 */
export interface RowKey {
  readonly hash: Buffer;
  readonly range: Buffer;
  readonly tie: Buffer;
}

const MAX_ITEM_BYTES = 400 * 1_024;
const MAX_HASH_BYTES = 2_048;
const MAX_RANGE_BYTES = 1_024;
const NO_RANGE = Buffer.alloc(0);
/** Not empty, so that an empty tie sorts before every row and can serve as a bound. */
const NO_TIE = Buffer.from([1]);

export const keyAttributes = ({ hash, range }: Collection): KeyAttribute[] =>
  range ? [hash, range] : [hash];

/** The key attributes of an item that is in the table. */
export function keyOf(table: Table, item: Item): Item {
  return only(item, new Set(keyAttributes(table).map(({ name }) => name)));
}

/** Refuses a `Key` that is not exactly the key attributes of the table, of their types and not empty. */
export function requireKey(table: Table, key: Item): void {
  const attributes = keyAttributes(table);
  const matches = attributes.every(({ name, type }) => {
    const value = attribute(key, name);
    return value !== undefined && typeOf(value) === type;
  });
  if (!matches || Object.keys(key).length !== attributes.length) {
    throw validationError('The provided key element does not match the schema');
  }
  requireKeySizes(table, key);
}

/** Refuses an item that the table or one of its indexes cannot hold. */
export function requireStorable(table: Table, item: Item): void {
  for (const { name, type } of keyAttributes(table)) {
    const value = attribute(item, name);
    if (value === undefined) throw invalidParameter(`Missing the key ${name} in the item`);
    if (typeOf(value) !== type) {
      throw invalidParameter(
        `Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`,
      );
    }
  }
  requireKeySizes(table, item);
  for (const index of table.indexes) {
    for (const { name, type } of keyAttributes(index)) {
      const value = attribute(item, name);
      if (value === undefined) continue;
      if (typeOf(value) !== type) {
        throw invalidParameter(
          `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
        );
      }
      if (isEmpty(value)) {
        throw validationError(
          'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
            `The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index.name}, IndexKey: ${name}`,
        );
      }
    }
  }
  if (itemSize(item) > MAX_ITEM_BYTES) {
    throw validationError('Item size has exceeded the maximum allowed size');
  }
}

/** The row of an item in its table. */
export function rowKey(table: Table, item: Item): RowKey {
  return { hash: encode(item, table.hash), range: encodeRange(item, table), tie: NO_TIE };
}

/** The row of an item in an index; undefined when the item lacks a fitting key for it (a sparse index). */
export function indexRowKey(table: Table, index: SecondaryIndex, item: Item): RowKey | undefined {
  const belongs = keyAttributes(index).every(({ name, type }) => {
    const value = attribute(item, name);
    return value !== undefined && typeOf(value) === type && !isEmpty(value);
  });
  if (!belongs) return undefined;
  const { hash, range } = rowKey(table, item);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(hash.length);
  return {
    hash: encode(item, index.hash),
    range: encodeRange(item, index),
    tie: Buffer.concat([length, hash, range]),
  };
}

/** What an index row holds of an item. */
export function projectToIndex(index: SecondaryIndex, item: Item): Item {
  return index.projected ? only(item, index.projected) : item;
}

/** A key attribute's value as bytes that sort as DynamoDB sorts: UTF-8 order, or numeric order. */
export function encodeKeyValue(value: Value): Buffer {
  if ('S' in value) return Buffer.from(value.S);
  if ('N' in value) return Buffer.from(sortableNumber(value.N));
  throw invalidParameter(`A key attribute cannot be of type ${typeOf(value)}`);
}

function requireKeySizes(table: Table, item: Item): void {
  for (const [{ name }, what, limit] of [
    [table.hash, 'hashkey', MAX_HASH_BYTES] as const,
    ...(table.range ? [[table.range, 'rangekey', MAX_RANGE_BYTES] as const] : []),
  ]) {
    const value = attribute(item, name);
    if (value && isEmpty(value)) {
      throw validationError(
        'One or more parameter values are not valid. ' +
          `The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
      );
    }
    if (value && 'S' in value && Buffer.byteLength(value.S) > limit) {
      throw invalidParameter(
        `Size of ${what} has exceeded the maximum size limit of${limit} bytes`,
      );
    }
  }
}

const isEmpty = (value: Value): boolean => 'S' in value && value.S === '';

function encode(item: Item, { name }: KeyAttribute): Buffer {
  const value = attribute(item, name);
  if (value === undefined) throw invalidParameter(`Missing the key ${name} in the item`);
  return encodeKeyValue(value);
}

const encodeRange = (item: Item, { range }: Collection): Buffer =>
  range ? encode(item, range) : NO_RANGE;

function only(item: Item, names: ReadonlySet<string>): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}
