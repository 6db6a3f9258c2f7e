import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Silence, type SilenceStore, silenceSchema } from '../routing/silence.ts';
import { DAY_MS } from '../time.ts';
import { queryAll } from './query-all.ts';

const SILENCES = 'silences';

/** Kept for so long after its end, for whoever asks why nobody was told. */
const KEPT_DAYS = 30;

const itemSchema = z.object({ silence: silenceSchema });

const expiryOf = (until: string): number =>
  Math.floor((Date.parse(until) + KEPT_DAYS * DAY_MS) / 1000);

/** Those that can be read. Apart from the store, so that a function which only reads carries no writes. */
export async function loadSilences(
  client: DynamoDBDocumentClient,
  table: string,
): Promise<Silence[]> {
  const items = await queryAll(client, {
    TableName: table,
    KeyConditionExpression: 'pk = :silences',
    ExpressionAttributeValues: { ':silences': SILENCES },
  });
  // One that cannot be read keeps nobody from being told.
  return items.flatMap((item): Silence[] => {
    const { data } = itemSchema.safeParse(item);
    return data ? [data.silence] : [];
  });
}

/** Silences, in the Control table. */
export function dynamoSilences(client: DynamoDBDocumentClient, table: string): SilenceStore {
  return {
    list: () => loadSilences(client, table),
    put: async (silence) => {
      const Item = { pk: SILENCES, sk: silence.id, silence, expiresAt: expiryOf(silence.until) };
      await client.send(new PutCommand({ TableName: table, Item }));
    },
    end: async (id, now) => {
      const until = now.toISOString();
      const update = new UpdateCommand({
        TableName: table,
        Key: { pk: SILENCES, sk: id },
        UpdateExpression: 'SET silence.#until = :until, expiresAt = :expiresAt',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':until': until, ':expiresAt': expiryOf(until) },
      });
      try {
        await client.send(update);
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
