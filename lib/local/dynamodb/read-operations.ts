import { type Item, itemSize } from './attribute-value.ts';
import { type Consumption, consumedCapacity, readUnits } from './capacity.ts';
import type { Catalogue } from './catalogue.ts';
import { type Path, project } from './document-path.ts';
import { validationError } from './errors.ts';
import { ExpressionBindings, type ExpressionInput } from './expression-bindings.ts';
import type { Meter } from './meter.ts';
import { parseProjection } from './parse-projection.ts';
import * as requests from './requests.ts';
import type { RowStore } from './row-store.ts';
import { rowKey, type Table } from './table.ts';
import { parseKey } from './to-write.ts';

const MAX_BATCH = 100;

interface ProjectionInput extends ExpressionInput {
  readonly ProjectionExpression?: string | undefined;
}

/** GetItem, BatchGetItem and TransactGetItems. */
export function readOperations(catalogue: Catalogue, rows: RowStore, meter: Meter) {
  /** Reads one item; an item that is not there costs as much as a small one. */
  function read(table: Table, key: Item, { consistent }: { consistent: boolean }) {
    const item = rows.get(table.id, rowKey(table, key));
    const tableUnits = readUnits(item ? itemSize(item) : 0, { consistent });
    return { item, consumption: consumption(table, tableUnits) };
  }

  function getItem(input: unknown) {
    const request = requests.readRequest(requests.getItem, input);
    const table = catalogue.table(request.TableName);
    const shown = projectionOf(request);
    const { item, consumption } = read(table, parseKey(table, request.Key), {
      consistent: request.ConsistentRead ?? false,
    });
    meter.record(consumption);
    const capacity = consumedCapacity(request.ReturnConsumedCapacity, consumption);
    return {
      ...(item && { Item: shown(item) }),
      ...(capacity && { ConsumedCapacity: capacity }),
    };
  }

  function batchGetItem(input: unknown) {
    const request = requests.readRequest(requests.batchGetItem, input);
    const responses: Record<string, Item[]> = {};
    const consumptions: Consumption[] = [];
    for (const [name, part] of Object.entries(request.RequestItems)) {
      const table = catalogue.table(name);
      const shown = projectionOf(part);
      const found: Item[] = [];
      const keys = part.Keys.map((key) => parseKey(table, key));
      if (new Set(keys.map((key) => JSON.stringify(rowKey(table, key)))).size < keys.length) {
        throw validationError('Provided list of item keys contains duplicates');
      }
      for (const key of keys) {
        const { item, consumption } = read(table, key, {
          consistent: part.ConsistentRead ?? false,
        });
        consumptions.push(consumption);
        if (item) found.push(shown(item));
      }
      responses[name] = found;
    }
    if (consumptions.length === 0 || consumptions.length > MAX_BATCH) {
      throw validationError(`A batch must have 1 to ${MAX_BATCH} keys`);
    }
    return {
      Responses: responses,
      UnprocessedKeys: {},
      ...meter.recordAll(consumptions, request.ReturnConsumedCapacity),
    };
  }

  function transactGetItems(input: unknown) {
    const request = requests.readRequest(requests.transactGetItems, input);
    const results = request.TransactItems.map(({ Get }) => {
      const table = catalogue.table(Get.TableName);
      const shown = projectionOf(Get);
      const { item, consumption } = read(table, parseKey(table, Get.Key), { consistent: true });
      return {
        response: item ? { Item: shown(item) } : {},
        consumption: { ...consumption, tableUnits: consumption.tableUnits * 2 },
      };
    });
    return {
      Responses: results.map(({ response }) => response),
      ...meter.recordAll(
        results.map((result) => result.consumption),
        request.ReturnConsumedCapacity,
      ),
    };
  }

  return { getItem, batchGetItem, transactGetItems };
}

function projectionOf(input: ProjectionInput): (item: Item) => Item {
  const bindings = new ExpressionBindings(input);
  let paths: Path[] | undefined;
  if (input.ProjectionExpression !== undefined) {
    paths = parseProjection(input.ProjectionExpression, bindings);
  }
  bindings.requireAllUsed();
  return (item) => (paths ? project(item, paths) : item);
}

const consumption = (table: Table, tableUnits: number): Consumption => ({
  table: table.definition.name,
  kind: 'read',
  tableUnits,
  indexUnits: {},
});
