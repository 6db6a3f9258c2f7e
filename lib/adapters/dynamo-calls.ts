import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { CallStore } from '../calls/call-store.ts';
import type { StoredCall } from '../calls/version.ts';
import { callKey, fromCallItem, toCallItem, toNoticeItem } from './call-item.ts';

/** DynamoDB's bound on one BatchGetItem. */
const BATCH = 100;

/** With the waits in between, a second and a half: what is left then is for the queue in front of us. */
const ROUNDS = 6;
const FIRST_WAIT_MS = 50;

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );

/**
 * The items behind these keys. What DynamoDB leaves unprocessed is asked for again, after ever longer
 * waits: asked for at once, it would most likely be throttled again.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 *
 * @throws Error when some are still unprocessed after six rounds. A fault of ours, not one of the
 *   other side: a provider is not to be blamed for a table that is busy.
 */
export async function batchGet(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly Record<string, unknown>[],
  { consistent, wait = sleep }: { consistent: boolean; wait?: (ms: number) => Promise<unknown> },
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (const chunk of chunks(keys, BATCH)) {
    let pending: Record<string, unknown>[] = chunk;
    for (let round = 0; pending.length > 0; round += 1) {
      if (round === ROUNDS) {
        throw new Error(`DynamoDB left ${pending.length} keys unprocessed, ${ROUNDS} times over`);
      }
      if (round > 0) await wait(FIRST_WAIT_MS * 2 ** (round - 1));
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({
          RequestItems: { [table]: { Keys: pending, ConsistentRead: consistent } },
        }),
      );
      found.push(...(Responses?.[table] ?? []));
      pending = UnprocessedKeys?.[table]?.Keys ?? [];
    }
  }
  return found;
}

/** Puts an item if the condition holds; false when it does not. */
export async function putIf(
  client: DynamoDBDocumentClient,
  input: ConstructorParameters<typeof PutCommand>[0],
): Promise<boolean> {
  try {
    await client.send(new PutCommand(input));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Notices in the Calls table, whose stream announces each once; for whoever may write nothing else there. */
export const dynamoNotices =
  (client: DynamoDBDocumentClient, table: string): CallStore['notify'] =>
  (event) =>
    putIf(client, {
      TableName: table,
      Item: toNoticeItem(event),
      ConditionExpression: 'attribute_not_exists(pk)',
    });

/** The Calls table. */
export function dynamoCalls(client: DynamoDBDocumentClient, table: string): CallStore {
  return {
    get: async (connection, ids, { fresh } = { fresh: false }) => {
      const keys = [...new Set(ids)].map((id) => ({ pk: callKey(connection, id) }));
      const items = await batchGet(client, table, keys, { consistent: fresh });
      return new Map(
        items.map((item) => fromCallItem(item)).map((stored) => [stored.call.id, stored]),
      );
    },
    write: (next: StoredCall) =>
      putIf(client, {
        TableName: table,
        Item: toCallItem(next),
        ...(next.version === 1
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'version = :previous',
              ExpressionAttributeValues: { ':previous': next.version - 1 },
            }),
      }),
    notify: dynamoNotices(client, table),
  };
}
