import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { deliverySchema } from '../delivery/delivery.ts';
import type { ErasureStores, ObjectStore } from '../erasure/ports.ts';
import { fromCallsItem } from './call-item.ts';
import { dynamoCalls, putIf } from './dynamo-calls.ts';
import { deliveryItem } from './dynamo-deliveries.ts';
import { readIncident, rewordIncident } from './dynamo-incidents.ts';
import { dynamoSetAside } from './dynamo-set-aside.ts';
import { queryAll } from './query-all.ts';
import { scanAll } from './scan-all.ts';

/** In the Control table: calls whose erasure was begun, by their keys alone. */
const BEGUN = 'erasures';

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
          yield items.map(fromCallsItem).flatMap((read) => ('call' in read ? [read.call] : []));
        }
      },
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
