import type { Item } from './attribute-value.ts';
import { type CapacityDetail, type Consumption, consumedCapacity } from './capacity.ts';
import type { Catalogue } from './catalogue.ts';
import { project } from './document-path.ts';
import { validationError } from './errors.ts';
import { ConditionFailedError, type ItemWriter, type Plan, type Write } from './item-writer.ts';
import type { Meter } from './meter.ts';
import * as requests from './requests.ts';
import { rowKey } from './table.ts';
import { deleteWrite, putWrite, updateWrite } from './to-write.ts';

const MAX_BATCH = 25;

/** PutItem, UpdateItem, DeleteItem and BatchWriteItem. */
export function writeOperations(catalogue: Catalogue, writer: ItemWriter, meter: Meter) {
  function execute(write: Write): { plan: Plan; consumption: Consumption } {
    try {
      const done = writer.transaction(() => {
        const plan = writer.plan(write);
        return { plan, consumption: writer.commit(plan) };
      });
      meter.record(done.consumption);
      return done;
    } catch (error) {
      if (error instanceof ConditionFailedError) meter.record(error.consumption);
      throw error;
    }
  }

  function putItem(input: unknown) {
    const request = requests.readRequest(requests.putItem, input);
    const done = execute(putWrite(catalogue.table(request.TableName), request));
    return oldItemAnswer(request, done);
  }

  function deleteItem(input: unknown) {
    const request = requests.readRequest(requests.deleteItem, input);
    const done = execute(deleteWrite(catalogue.table(request.TableName), request));
    return oldItemAnswer(request, done);
  }

  function updateItem(input: unknown) {
    const request = requests.readRequest(requests.updateItem, input);
    const { write, paths } = updateWrite(catalogue.table(request.TableName), request);
    const { plan, consumption } = execute(write);
    const { before = {}, after = {} } = plan;
    const returned = {
      NONE: () => ({}),
      ALL_OLD: () => before,
      ALL_NEW: () => after,
      UPDATED_OLD: () => project(before, paths),
      UPDATED_NEW: () => project(after, paths),
    }[request.ReturnValues ?? 'NONE']();
    return answer(returned, request.ReturnConsumedCapacity, consumption);
  }

  function batchWriteItem(input: unknown) {
    const request = requests.readRequest(requests.batchWriteItem, input);
    const writes = Object.entries(request.RequestItems).flatMap(([name, entries]) => {
      const table = catalogue.table(name);
      return entries.map((entry) =>
        'PutRequest' in entry
          ? putWrite(table, entry.PutRequest)
          : deleteWrite(table, entry.DeleteRequest),
      );
    });
    if (writes.length === 0 || writes.length > MAX_BATCH) {
      throw validationError(`A batch must have 1 to ${MAX_BATCH} write requests`);
    }
    requireDistinctItems(writes, 'Provided list of item keys contains duplicates');
    // DynamoDB does each write on its own; doing all at once only makes the batch cheaper here.
    const consumptions = writer.transaction(() =>
      writes.map((write) => writer.commit(writer.plan(write))),
    );
    return {
      UnprocessedItems: {},
      ...meter.recordAll(consumptions, request.ReturnConsumedCapacity),
    };
  }

  return { putItem, deleteItem, updateItem, batchWriteItem };
}

/** Refuses requests that name an item twice. */
export function requireDistinctItems(writes: readonly Write[], message: string): void {
  const rows = writes.map(({ table, key }) => {
    const { hash, range } = rowKey(table, key);
    return `${table.id} ${hash.toString('base64')} ${range.toString('base64')}`;
  });
  if (new Set(rows).size < rows.length) throw validationError(message);
}

function oldItemAnswer(
  request: {
    ReturnValues?: 'NONE' | 'ALL_OLD' | undefined;
    ReturnConsumedCapacity?: CapacityDetail;
  },
  { plan, consumption }: { plan: Plan; consumption: Consumption },
) {
  const returned = request.ReturnValues === 'ALL_OLD' ? (plan.before ?? {}) : {};
  return answer(returned, request.ReturnConsumedCapacity, consumption);
}

function answer(attributes: Item, detail: CapacityDetail, consumption: Consumption) {
  const capacity = consumedCapacity(detail, consumption);
  return {
    ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
    ...(capacity && { ConsumedCapacity: capacity }),
  };
}
