import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { UnreadableItem } from '../calls/unreadable-item.ts';
import type { StoredCall } from '../calls/version.ts';
import { deliverySchema } from '../delivery/delivery.ts';
import type { ErasureStores, ObjectStore, UnreadableCall } from '../erasure/ports.ts';
import { callKey, fromCallsItem, toCallItem } from './call-item.ts';
import { batchGet, dynamoCalls, putIf } from './dynamo-calls.ts';
import { deliveryItem } from './dynamo-deliveries.ts';
import { readIncident, rewordIncident } from './dynamo-incidents.ts';
import { dynamoSetAside } from './dynamo-set-aside.ts';
import { itemText } from './item-text.ts';
import { queryAll } from './query-all.ts';
import { scanAll } from './scan-all.ts';

/** In the Control table: calls whose erasure was begun, by their keys alone. */
const BEGUN = 'erasures';

/** Far more than any call has come to: what is not to be told is named by it. */
const MAX_REVISION = 1_000;

/** What is used of an item that is none of ours; each part by itself, as far as it is there. */
const unreadableSchema = z.object({
  version: z.int().positive().catch(0),
  revision: z.int().nonnegative().max(MAX_REVISION).catch(0),
  rawKey: z.string().optional().catch(undefined),
});

function readOr(item: Record<string, unknown>): (StoredCall | UnreadableCall)[] {
  try {
    const read = fromCallsItem(item);
    return 'call' in read ? [read.call] : [];
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    const { rawKey, ...known } = unreadableSchema.parse(item);
    const read = { unreadable: error, ...known, rawKey, writtenVersion: item.version };
    return [{ ...read, ...itemText(item) }];
  }
}

const begunItemSchema = z.object({ connection: z.string(), id: z.string() });

/** What an erasure goes through: all tables and the bucket. */
export function dynamoErasure(
  client: DynamoDBDocumentClient,
  tables: { readonly calls: string; readonly control: string; readonly deliveries: string },
  objects: ObjectStore,
): ErasureStores {
  const beginning = (connection: string, id: string) => ({ pk: BEGUN, sk: `${connection}#${id}` });
  return {
    objects,
    calls: {
      ...dynamoCalls(client, tables.calls),
      all: async function* () {
        for await (const items of scanAll(client, tables.calls)) {
          yield items.flatMap(readOr);
        }
      },
      look: async ({ connection, id }) => {
        const keys = [{ pk: callKey(connection, id) }];
        const items = await batchGet(client, tables.calls, keys, { consistent: true });
        return items.flatMap(readOr)[0];
      },
      writeOver: ({ writtenVersion }, next) =>
        putIf(client, {
          TableName: tables.calls,
          Item: toCallItem(next),
          ...(writtenVersion === undefined
            ? { ConditionExpression: 'attribute_not_exists(version)' }
            : {
                ConditionExpression: 'version = :written',
                ExpressionAttributeValues: { ':written': writtenVersion },
              }),
        }),
    },
    setAside: dynamoSetAside(client, tables.control),
    deliveries: {
      all: async function* () {
        for await (const items of scanAll(client, tables.deliveries)) {
          // Incidents and paces lie in the same table.
          yield items.flatMap((item) => deliverySchema.safeParse(item).data ?? []);
        }
      },
      ofSubject: async (subject) => {
        const items = await queryAll(client, {
          TableName: tables.deliveries,
          KeyConditionExpression: 'pk = :subject',
          ExpressionAttributeValues: { ':subject': subject },
          ConsistentRead: true,
        });
        return deliverySchema.array().parse(items);
      },
      replace: async (row, now) => {
        const put = new PutCommand({ TableName: tables.deliveries, Item: deliveryItem(row, now) });
        await client.send(put);
      },
      add: async (row, now) => {
        await putIf(client, {
          TableName: tables.deliveries,
          Item: deliveryItem(row, now),
          ConditionExpression: 'attribute_not_exists(pk)',
        });
      },
    },
    incidents: {
      all: async function* () {
        for await (const items of scanAll(client, tables.deliveries)) {
          yield items.flatMap((item) => readIncident(item) ?? []);
        }
      },
      reword: (incident, opener) => rewordIncident(client, tables.deliveries, incident, opener),
    },
    begun: {
      all: async () => {
        const items = await queryAll(client, {
          TableName: tables.control,
          KeyConditionExpression: 'pk = :begun',
          ExpressionAttributeValues: { ':begun': BEGUN },
        });
        return begunItemSchema.array().parse(items);
      },
      add: async ({ connection, id }) => {
        const Item = { ...beginning(connection, id), connection, id };
        await client.send(new PutCommand({ TableName: tables.control, Item }));
      },
      remove: async ({ connection, id }) => {
        const Key = beginning(connection, id);
        await client.send(new DeleteCommand({ TableName: tables.control, Key }));
      },
    },
  };
}
