import * as z from 'zod';
import { parseRequest } from '../parse-request.ts';
import { validationError } from './errors.ts';

/**
 * The requests we answer. They are strict: a member we do not act on (the legacy `Expected`, a `Segment` of a
 * parallel scan) is refused, since ignoring it would do something other than AWS does.
 */
const wireItem = z.record(z.string(), z.unknown());
const capacity = z.enum(['NONE', 'TOTAL', 'INDEXES']).optional();
/** We answer no ItemCollectionMetrics: they exist for local indexes, which we do not have. */
const metrics = z.enum(['NONE', 'SIZE']).optional();
const names = z.record(z.string(), z.string()).optional();
const expressions = {
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: wireItem.optional(),
};
const condition = {
  ...expressions,
  ConditionExpression: z.string().optional(),
  ReturnValuesOnConditionCheckFailure: z.enum(['NONE', 'ALL_OLD']).optional(),
};
const put = { TableName: z.string(), Item: wireItem, ...condition };
const keyed = { TableName: z.string(), Key: wireItem, ...condition };
const writeAnswer = { ReturnConsumedCapacity: capacity, ReturnItemCollectionMetrics: metrics };
const oldOrNone = z
  .enum(['NONE', 'ALL_OLD'], { error: 'ReturnValues can only be ALL_OLD or NONE' })
  .optional();

export const putItem = z.strictObject({ ...put, ...writeAnswer, ReturnValues: oldOrNone });
export const deleteItem = z.strictObject({ ...keyed, ...writeAnswer, ReturnValues: oldOrNone });
export const updateItem = z.strictObject({
  ...keyed,
  ...writeAnswer,
  UpdateExpression: z.string().optional(),
  ReturnValues: z.enum(['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW']).optional(),
});

export const batchWriteItem = z.strictObject({
  ...writeAnswer,
  RequestItems: z.record(
    z.string(),
    z.array(
      z.union([
        z.strictObject({ PutRequest: z.strictObject({ Item: wireItem }) }),
        z.strictObject({ DeleteRequest: z.strictObject({ Key: wireItem }) }),
      ]),
    ),
  ),
});

export const transactWriteItems = z.strictObject({
  ...writeAnswer,
  /** Accepted and ignored: a repeated request is carried out again. */
  ClientRequestToken: z.string().optional(),
  TransactItems: z.array(
    z.union([
      z.strictObject({ Put: z.strictObject(put) }),
      z.strictObject({
        Update: z.strictObject({ ...keyed, UpdateExpression: z.string() }),
      }),
      z.strictObject({ Delete: z.strictObject(keyed) }),
      z.strictObject({
        ConditionCheck: z.strictObject({ ...keyed, ConditionExpression: z.string() }),
      }),
    ]),
  ),
});

const projection = { ExpressionAttributeNames: names, ProjectionExpression: z.string().optional() };

export const getItem = z.strictObject({
  ...projection,
  TableName: z.string(),
  Key: wireItem,
  ConsistentRead: z.boolean().optional(),
  ReturnConsumedCapacity: capacity,
});

export const batchGetItem = z.strictObject({
  ReturnConsumedCapacity: capacity,
  RequestItems: z.record(
    z.string(),
    z.strictObject({
      ...projection,
      Keys: z.array(wireItem),
      ConsistentRead: z.boolean().optional(),
    }),
  ),
});

export const transactGetItems = z.strictObject({
  ReturnConsumedCapacity: capacity,
  TransactItems: z.array(
    z.strictObject({
      Get: z.strictObject({ ...projection, TableName: z.string(), Key: wireItem }),
    }),
  ),
});

const page = {
  ...expressions,
  TableName: z.string(),
  IndexName: z.string().optional(),
  ProjectionExpression: z.string().optional(),
  FilterExpression: z.string().optional(),
  ConsistentRead: z.boolean().optional(),
  ExclusiveStartKey: wireItem.optional(),
  Limit: z.int().min(1).optional(),
  Select: z
    .enum(['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT'])
    .optional(),
  ReturnConsumedCapacity: capacity,
};

export const scan = z.strictObject(page);
export const query = z.strictObject({
  ...page,
  KeyConditionExpression: z.string(),
  ScanIndexForward: z.boolean().optional(),
});

export const describeTable = z.strictObject({ TableName: z.string() });
export const listTables = z.strictObject({
  Limit: z.int().min(1).optional(),
  ExclusiveStartTableName: z.string().optional(),
});

/** The input as `schema` types it. Throws a ValidationException that says what does not fit. */
export function readRequest<T>(schema: z.ZodType<T>, input: unknown): T {
  return parseRequest(schema, input, validationError);
}
