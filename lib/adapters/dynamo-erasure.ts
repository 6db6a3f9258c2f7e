import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { unzipText } from '../calls/raw-record.ts';
import { deliverySchema } from '../delivery/delivery.ts';
import type { ErasureStores, ObjectStore, SetAside } from '../erasure/ports.ts';
import { fingerprint } from '../hash.ts';
import { fromCallsItem } from './call-item.ts';
import { dynamoCalls, putIf } from './dynamo-calls.ts';
import { deliveryItem } from './dynamo-deliveries.ts';
import { readIncident, rewordIncident } from './dynamo-incidents.ts';
import { queryAll } from './query-all.ts';
import { scanAll } from './scan-all.ts';

const QUARANTINED = 'quarantine#';
const PREFIX = 'connection#';

/** In the Control table: calls whose erasure was begun, by their keys alone. */
const BEGUN = 'erasures';

const setAsideItemSchema = z.object({
  pk: z.string().startsWith(PREFIX),
  sk: z.string().regex(/^(quarantine|webhook)#/),
  raw: z.instanceof(Uint8Array).optional(),
  rawKey: z.string().optional(),
});
const encodedSchema = z.object({ body: z.string(), encoding: z.literal('base64') });
const begunItemSchema = z.object({ connection: z.string(), id: z.string() });

/** A body that was no text is kept in base64, in which nobody finds anything. */
function readable(text: string): string {
  const encoded = encodedSchema.safeParse(JSON.parse(text)).data;
  return encoded ? Buffer.from(encoded.body, 'base64').toString() : text;
}

function setAsideOf(item: unknown): SetAside[] {
  const read = setAsideItemSchema.safeParse(item).data;
  if (!read) return [];
  const { pk, sk, raw, rawKey } = read;
  const text = raw && unzipText(raw);
  const id = sk.startsWith(QUARANTINED) ? sk.slice(QUARANTINED.length) : undefined;
  // Where a record has no id, its fingerprint stands for it.
  const isPrint = text !== undefined && fingerprint(JSON.parse(text)) === id;
  return [
    {
      connection: pk.slice(PREFIX.length),
      name: sk,
      callId: isPrint ? undefined : id,
      text: text && readable(text),
      rawKey,
    },
  ];
}

/** What an erasure goes through: all tables and the bucket. */
export function dynamoErasure(
  client: DynamoDBDocumentClient,
  tables: { readonly calls: string; readonly control: string; readonly deliveries: string },
  objects: ObjectStore,
): ErasureStores {
  const remove = async (pk: string, sk: string) => {
    await client.send(new DeleteCommand({ TableName: tables.control, Key: { pk, sk } }));
  };
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
    setAside: {
      all: async function* () {
        for await (const items of scanAll(client, tables.control)) yield items.flatMap(setAsideOf);
      },
      remove: ({ connection, name }) => remove(`${PREFIX}${connection}`, name),
    },
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
      remove: ({ connection, id }) => {
        const { pk, sk } = beginning(connection, id);
        return remove(pk, sk);
      },
    },
  };
}
