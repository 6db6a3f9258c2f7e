import type * as z from 'zod';
import { type Item, itemSize, parseItem } from './attribute-value.ts';
import { type Consumption, consumedCapacity, readUnits } from './capacity.ts';
import type { Catalogue } from './catalogue.ts';
import { type Condition, holds, pathsOf } from './condition.ts';
import { type Path, project } from './document-path.ts';
import { invalidParameter, validationError } from './errors.ts';
import { ExpressionBindings } from './expression-bindings.ts';
import { isWithin, toRange } from './key-condition.ts';
import type { Meter } from './meter.ts';
import { parseCondition } from './parse-condition.ts';
import { parseProjection } from './parse-projection.ts';
import * as requests from './requests.ts';
import type { RowStore } from './row-store.ts';
import {
  indexRowKey,
  keyAttributes,
  type RowKey,
  rowKey,
  type SecondaryIndex,
  type Table,
} from './table.ts';

/** A page ends with the item that takes what was read past this. */
const PAGE_BYTES = 1_024 * 1_024;

type PageRequest = z.infer<typeof requests.scan>;

/** What a query or scan reads from: a table, or one of its indexes. */
interface Source {
  readonly table: Table;
  readonly index: SecondaryIndex | undefined;
}

/** What a query or scan makes of the items it reads. */
interface Shaping {
  readonly filter: Condition | undefined;
  readonly projection: readonly Path[] | undefined;
}

/** Query and Scan. */
export function pageOperations(catalogue: Catalogue, rows: RowStore, meter: Meter) {
  function query(input: unknown) {
    const request = requests.readRequest(requests.query, input);
    const source = sourceOf(catalogue, request);
    const collection = source.index ?? source.table;
    const bindings = new ExpressionBindings(request);
    const range = toRange(
      collection,
      parseCondition('KeyConditionExpression', request.KeyConditionExpression, bindings),
    );
    const shaping = shapingOf(request, source, bindings, keyAttributes(collection));
    const forward = request.ScanIndexForward ?? true;
    const start = startOf(request, source);
    if (start && !isWithin(range, start)) {
      throw validationError('The provided starting key does not match the range key predicate');
    }
    const rest = start && (forward ? { after: start } : { before: start });
    return answer(
      request,
      source,
      shaping,
      rows.query(collection.id, { ...range, ...rest }, forward),
    );
  }

  function scan(input: unknown) {
    const request = requests.readRequest(requests.scan, input);
    const source = sourceOf(catalogue, request);
    const shaping = shapingOf(request, source, new ExpressionBindings(request), []);
    const { id } = source.index ?? source.table;
    return answer(request, source, shaping, rows.scan(id, startOf(request, source)));
  }

  function answer(
    request: PageRequest,
    source: Source,
    { filter, projection }: Shaping,
    items: Iterable<Item>,
  ) {
    const { evaluated, lastItem } = takePage(items, request.Limit ?? Number.POSITIVE_INFINITY);
    const found = filter ? evaluated.filter((item) => holds(filter, item)) : evaluated;
    const consumption = consumptionOf(source, evaluated, request.ConsistentRead ?? false);
    meter.record(consumption);
    const capacity = consumedCapacity(request.ReturnConsumedCapacity, consumption);
    return {
      ...(request.Select !== 'COUNT' && {
        Items: projection ? found.map((item) => project(item, projection)) : found,
      }),
      Count: found.length,
      ScannedCount: evaluated.length,
      ...(lastItem && { LastEvaluatedKey: positionOf(source, lastItem) }),
      ...(capacity && { ConsumedCapacity: capacity }),
    };
  }

  return { query, scan };
}

function sourceOf(catalogue: Catalogue, request: PageRequest): Source {
  const table = catalogue.table(request.TableName);
  if (request.IndexName === undefined) return { table, index: undefined };
  const index = table.indexes.find(({ name }) => name === request.IndexName);
  if (index === undefined) {
    throw validationError(`The table does not have the specified index: ${request.IndexName}`);
  }
  if (request.ConsistentRead) {
    throw validationError('Consistent reads are not supported on global secondary indexes');
  }
  return { table, index };
}

function shapingOf(
  request: PageRequest,
  { index }: Source,
  bindings: ExpressionBindings,
  keys: readonly { name: string }[],
): Shaping {
  let filter: Condition | undefined;
  let projection: Path[] | undefined;
  if (request.FilterExpression !== undefined) {
    filter = parseCondition('FilterExpression', request.FilterExpression, bindings);
    const onKey = pathsOf(filter).find(([name]) => keys.some((key) => key.name === name));
    if (onKey) {
      throw validationError(
        'Filter Expression can only contain non-primary key attributes: ' +
          `Primary key attribute: ${onKey[0]}`,
      );
    }
  }
  if (request.ProjectionExpression !== undefined) {
    projection = parseProjection(request.ProjectionExpression, bindings);
    if (request.Select !== undefined && request.Select !== 'SPECIFIC_ATTRIBUTES') {
      throw validationError(
        `Cannot specify the ProjectionExpression when choosing to get ${request.Select}`,
      );
    }
    const absent = projection.filter(([name]) => index?.projected && !index.projected.has(name));
    if (index && absent.length > 0) {
      throw invalidParameter(
        `Global secondary index ${index.name} does not project [${absent.map(([name]) => name).join(', ')}]`,
      );
    }
  }
  bindings.requireAllUsed();
  if (request.Select === 'ALL_ATTRIBUTES' && index?.projected) {
    throw invalidParameter(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} ` +
        'because its projection type is not ALL',
    );
  }
  if (request.Select === 'SPECIFIC_ATTRIBUTES' && projection === undefined) {
    throw validationError('Must specify the ProjectionExpression to get SPECIFIC_ATTRIBUTES');
  }
  return { filter, projection };
}

/** The row the request continues after. */
function startOf({ ExclusiveStartKey }: PageRequest, source: Source): RowKey | undefined {
  if (ExclusiveStartKey === undefined) return undefined;
  const { table, index } = source;
  const position = parseItem(ExclusiveStartKey);
  const expected = positionNames(source);
  const names = Object.keys(position);
  if (names.length !== expected.size || !names.every((name) => expected.has(name))) {
    throw invalidStart();
  }
  const key = index ? indexRowKey(table, index, position) : rowKey(table, position);
  if (key === undefined) throw invalidStart();
  return key;
}

/** The attributes that tell where an item stands: the keys of the table and of the index. */
function positionNames({ table, index }: Source): Set<string> {
  const keys = [...keyAttributes(table), ...(index ? keyAttributes(index) : [])];
  return new Set(keys.map(({ name }) => name));
}

function positionOf(source: Source, item: Item): Item {
  const names = positionNames(source);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

/** `lastItem` is set when the page ended before the items did, as far as was looked. */
function takePage(
  items: Iterable<Item>,
  limit: number,
): { evaluated: Item[]; lastItem: Item | undefined } {
  const evaluated: Item[] = [];
  let size = 0;
  for (const item of items) {
    evaluated.push(item);
    size += itemSize(item);
    if (evaluated.length >= limit || size > PAGE_BYTES) return { evaluated, lastItem: item };
  }
  return { evaluated, lastItem: undefined };
}

function consumptionOf(
  { table, index }: Source,
  evaluated: readonly Item[],
  consistent: boolean,
): Consumption {
  const size = evaluated.reduce((sum, item) => sum + itemSize(item), 0);
  const units = readUnits(size, { consistent });
  return {
    table: table.definition.name,
    kind: 'read',
    tableUnits: index ? 0 : units,
    indexUnits: index ? { [index.name]: units } : {},
  };
}

const invalidStart = () => validationError('The provided starting key is invalid');
