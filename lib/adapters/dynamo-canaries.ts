import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { CANARY_DESTINATION, canaryEvent } from '../canary/canary.ts';
import type { CanaryDeps } from '../canary/send-canary.ts';
import { keyOf } from '../delivery/delivery.ts';
import { DAY_MS } from '../time.ts';
import { toCallItem } from './call-item.ts';
import { dynamoNotices, putIf } from './dynamo-calls.ts';
import { readDelivery } from './dynamo-deliveries.ts';

const KEPT_DAYS = 2;

/** In the Control table. */
const MEMORY = { pk: 'canary', sk: 'memory' } as const;

const memorySchema = z.object({ sentAt: z.iso.datetime(), missingSince: z.string().optional() });

/** Canaries among the calls, the receipts of their deliveries, and what is remembered of them. */
export function dynamoCanaries(
  client: DynamoDBDocumentClient,
  tables: { readonly calls: string; readonly control: string; readonly deliveries: string },
): Pick<CanaryDeps, 'load' | 'save' | 'write' | 'hasArrived' | 'announce'> {
  return {
    load: async () => {
      const get = new GetCommand({ TableName: tables.control, Key: MEMORY, ConsistentRead: true });
      const { Item } = await client.send(get);
      return Item && memorySchema.parse(Item);
    },
    save: async (memory) => {
      await client.send(
        new PutCommand({ TableName: tables.control, Item: { ...MEMORY, ...memory } }),
      );
    },
    write: (canary) => {
      // Without the key of the index by time it is in no list of calls.
      const { t: _t, ...item } = toCallItem(canary);
      const expiresAt = Math.floor((Date.parse(canary.recordedAt) + KEPT_DAYS * DAY_MS) / 1000);
      return putIf(client, {
        TableName: tables.calls,
        Item: { ...item, expiresAt },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
    },
    hasArrived: async (canary) => {
      const event = canaryEvent(canary);
      const key = keyOf({ event, destination: CANARY_DESTINATION, heldMs: 0 });
      const row = await readDelivery(client, tables.deliveries, key);
      return row?.state === 'delivered';
    },
    announce: dynamoNotices(client, tables.calls),
  };
}
