import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { RangeJobStore } from '../ranges/ports.ts';
import { migrateJob, type RangeKind } from '../ranges/range-job.ts';
import { batchGet, putIf } from './dynamo-calls.ts';

/** Beside the hot state, and apart from it: what one of them writes is no conflict of another's. */
const SORT_KEYS = {
  daily: 'state#sweep-daily',
  weekly: 'state#sweep-weekly',
  backfill: 'state#backfill',
} as const satisfies Record<RangeKind, string>;

const jobItemSchema = z.object({ job: z.unknown() });
const connectionItemSchema = z.object({ settings: z.unknown() });

/** Sweeps and backfills, in the Control table. */
export function dynamoRangeJobs(client: DynamoDBDocumentClient, table: string): RangeJobStore {
  const keyOf = (connection: string, kind: RangeKind) => ({
    pk: `connection#${connection}`,
    sk: SORT_KEYS[kind],
  });
  return {
    load: async (connection, kind) => {
      const [item] = await batchGet(client, table, [keyOf(connection, kind)], { consistent: true });
      return item && migrateJob(jobItemSchema.parse(item).job);
    },
    save: (connection, job) =>
      putIf(client, {
        TableName: table,
        Item: { ...keyOf(connection, job.kind), version: job.version, job },
        ...(job.version === 1
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'version = :previous',
              ExpressionAttributeValues: { ':previous': job.version - 1 },
            }),
      }),
  };
}

/** One connection as the operator wrote it; undefined when it is not there, or not any more. */
export async function loadConnection(
  client: DynamoDBDocumentClient,
  table: string,
  id: string,
): Promise<unknown> {
  const key = { pk: 'config#connections', sk: id };
  const [item] = await batchGet(client, table, [key], { consistent: false });
  return item && connectionItemSchema.parse(item).settings;
}
