import { AwsError } from '../services.ts';
import type { Consumption } from './capacity.ts';
import type { Catalogue } from './catalogue.ts';
import { validationError } from './errors.ts';
import { ConditionFailedError, type ItemWriter, type Plan, type Write } from './item-writer.ts';
import type { Meter } from './meter.ts';
import * as requests from './requests.ts';
import { conditionCheck, deleteWrite, putWrite, updateWrite } from './to-write.ts';
import { requireDistinctItems } from './write-operations.ts';

const MAX_TRANSACTION = 100;

interface CancellationReason {
  readonly Code: 'None' | 'ConditionalCheckFailed' | 'ValidationError';
  readonly Message?: string;
  readonly Item?: unknown;
}

/** TransactWriteItems. A repeated `ClientRequestToken` is not recognized: the request runs again. */
export function transactOperations(catalogue: Catalogue, writer: ItemWriter, meter: Meter) {
  function transactWriteItems(input: unknown) {
    const request = requests.readRequest(requests.transactWriteItems, input);
    const writes = request.TransactItems.map((entry): Write => {
      if ('Put' in entry) return putWrite(catalogue.table(entry.Put.TableName), entry.Put);
      if ('Update' in entry) {
        return updateWrite(catalogue.table(entry.Update.TableName), entry.Update).write;
      }
      if ('Delete' in entry) {
        return deleteWrite(catalogue.table(entry.Delete.TableName), entry.Delete);
      }
      return conditionCheck(catalogue.table(entry.ConditionCheck.TableName), entry.ConditionCheck);
    });
    if (writes.length === 0 || writes.length > MAX_TRANSACTION) {
      throw validationError(`A transaction must have 1 to ${MAX_TRANSACTION} items`);
    }
    requireDistinctItems(
      writes,
      'Transaction request cannot include multiple operations on one item',
    );
    const consumptions = writer.transaction(() =>
      planAll(writer, writes).map((plan) => twice(writer.commit(plan))),
    );
    return meter.recordAll(consumptions, request.ReturnConsumedCapacity);
  }

  return { transactWriteItems };
}

/** Plans every write before any is done, so that a cancellation can give a reason for each. */
function planAll(writer: ItemWriter, writes: readonly Write[]): Plan[] {
  const plans: Plan[] = [];
  const reasons = writes.map((write): CancellationReason => {
    try {
      plans.push(writer.plan(write));
      return { Code: 'None' };
    } catch (error) {
      return reasonOf(error);
    }
  });
  if (plans.length === writes.length) return plans;
  const codes = reasons.map(({ Code }) => Code).join(', ');
  throw new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { members: { CancellationReasons: reasons } },
  );
}

/**
 * A write that its item does not allow is a reason as well, says the documentation of TransactWriteItems;
 * DynamoDB Local refuses the whole request instead.
 */
function reasonOf(error: unknown): CancellationReason {
  if (error instanceof ConditionFailedError) {
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...error.members };
  }
  if (error instanceof AwsError && error.name === 'ValidationException') {
    return { Code: 'ValidationError', Message: error.message };
  }
  throw error;
}

/** A transaction prepares and commits every item of the table; its indexes are written once. */
const twice = (consumption: Consumption): Consumption => ({
  ...consumption,
  tableUnits: consumption.tableUnits * 2,
});
