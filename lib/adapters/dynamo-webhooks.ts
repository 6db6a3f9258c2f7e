import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import {
  placeRaw,
  type RawBucket,
  unzipText,
  webhookFolder,
  zipText,
} from '../calls/raw-record.ts';
import { stableId } from '../hash.ts';
import { DAY_MS } from '../time.ts';
import type {
  HintWindow,
  HintWindows,
  KeptWebhooks,
  UnattributedStore,
  WebhookDeps,
} from '../webhooks/ports.ts';
import { batchGet, putIf } from './dynamo-calls.ts';
import type { ReadObject } from './dynamo-records.ts';
import { stateOf, storedStateSchema } from './packed-state.ts';
import { queryAll } from './query-all.ts';

/** How long what could not be made out is kept, as other records that cannot be read. */
const KEPT_DAYS = 30;

const expiryOf = (ms: number): number => Math.floor(ms / 1000);
const keyOf = (connection: string, sk: string) => ({ pk: `connection#${connection}`, sk });

const windowItemSchema = z.object({ openUntil: z.number(), isClosing: z.boolean() });

/** The windows of hints, one item a connection, in the Control table. */
export function dynamoHintWindows(client: DynamoDBDocumentClient, table: string): HintWindows {
  const HINT = 'hint';
  return {
    read: async (connection) => {
      const [item] = await batchGet(client, table, [keyOf(connection, HINT)], { consistent: true });
      if (!item) return undefined;
      const { openUntil, isClosing } = windowItemSchema.parse(item);
      return { until: openUntil, isClosing };
    },
    replace: (connection, before: HintWindow | undefined, next) =>
      putIf(client, {
        TableName: table,
        Item: {
          ...keyOf(connection, HINT),
          openUntil: next.until,
          isClosing: next.isClosing,
          expiresAt: expiryOf(next.until + DAY_MS),
        },
        ...(before === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'openUntil = :until AND isClosing = :isClosing',
              ExpressionAttributeValues: {
                ':until': before.until,
                ':isClosing': before.isClosing,
              },
            }),
      }),
  };
}

const UNATTRIBUTED = 'webhook#';

/** Under `connection#<id>` in the Control table, as `webhook#<hash of the body>`. */
export function dynamoUnattributed(
  client: DynamoDBDocumentClient,
  table: string,
  raws: RawBucket,
): UnattributedStore {
  return {
    keep: async (connection, { rule, ...webhook }, at) => {
      const print = stableId(webhook.encoding, webhook.body);
      const placed = await placeRaw(`${webhookFolder(connection)}${print}.json.gz`, webhook, raws);
      const put = new PutCommand({
        TableName: table,
        Item: {
          ...keyOf(connection, `${UNATTRIBUTED}${print}`),
          rule,
          at: at.toISOString(),
          ...('inline' in placed ? { raw: zipText(placed.inline) } : { rawKey: placed.key }),
          expiresAt: expiryOf(at.getTime() + KEPT_DAYS * DAY_MS),
        },
      });
      await client.send(put);
    },
  };
}

const keptItemSchema = z.object({
  sk: z.string(),
  rule: z.string(),
  at: z.string(),
  raw: z.instanceof(Uint8Array).optional(),
  rawKey: z.string().optional(),
});
const bodySchema = z.object({ body: z.string(), encoding: z.enum(['text', 'base64']) });

/** The same, for a person who looks at them and has them taken again. */
export function dynamoKeptWebhooks(
  client: DynamoDBDocumentClient,
  table: string,
  readObject: ReadObject,
): KeptWebhooks {
  return {
    list: async (connection) => {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': `connection#${connection}`, ':prefix': UNATTRIBUTED },
        ConsistentRead: true,
      });
      return keptItemSchema
        .array()
        .parse(items)
        .map(({ sk, at, rule }) => ({ id: sk.slice(UNATTRIBUTED.length), at, rule }))
        .toSorted((a, b) => a.at.localeCompare(b.at));
    },
    read: async (connection, id) => {
      const key = keyOf(connection, `${UNATTRIBUTED}${id}`);
      const [item] = await batchGet(client, table, [key], { consistent: true });
      if (!item) return undefined;
      const { rule, raw, rawKey } = keptItemSchema.parse(item);
      const zipped = raw ?? (rawKey === undefined ? undefined : await readObject(rawKey));
      return zipped && { rule, ...bodySchema.parse(JSON.parse(unzipText(zipped))) };
    },
    remove: async (connection, id) => {
      const Key = keyOf(connection, `${UNATTRIBUTED}${id}`);
      await client.send(new DeleteCommand({ TableName: table, Key }));
    },
  };
}

/** When the baseline of a connection is, from the state of its polling. */
export async function loadBaseline(
  client: DynamoDBDocumentClient,
  table: string,
  connection: string,
): ReturnType<WebhookDeps['baselineOf']> {
  const [item] = await batchGet(client, table, [{ pk: 'state', sk: connection }], {
    consistent: false,
  });
  if (!item) return undefined;
  const { baselineAt } = stateOf(storedStateSchema.parse(item));
  return { baselineAt };
}
