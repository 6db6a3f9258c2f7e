import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { placeRaw, type RawBucket, zipText } from '../calls/raw-record.ts';
import { stableId } from '../hash.ts';
import { DAY_MS } from '../time.ts';
import type { HintWindow, HintWindows, UnattributedStore, WebhookDeps } from '../webhooks/ports.ts';
import { batchGet, putIf } from './dynamo-calls.ts';
import { stateOf, storedStateSchema } from './packed-state.ts';

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

/** Under `connection#<id>` in the Control table, as `webhook#<hash of the body>`. */
export function dynamoUnattributed(
  client: DynamoDBDocumentClient,
  table: string,
  raws: RawBucket,
): UnattributedStore {
  return {
    keep: async (connection, { rule, ...webhook }, at) => {
      const print = stableId(webhook.encoding, webhook.body);
      const placed = await placeRaw(`webhooks/${connection}/${print}.json.gz`, webhook, raws);
      const put = new PutCommand({
        TableName: table,
        Item: {
          ...keyOf(connection, `webhook#${print}`),
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
