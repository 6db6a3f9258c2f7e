import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { breakerSchema } from '../delivery/breaker.ts';
import type { BreakerBook } from '../delivery/breaker-book.ts';
import { DAY_MS } from '../time.ts';
import { putIf } from './dynamo-calls.ts';

/** A destination that nobody has told anything for so long begins anew. */
const KEPT_MS = 90 * DAY_MS;

/** Breakers in the table of deliveries: one item `breaker#<destination>` for each that ever had trouble. */
export function dynamoBreakers(client: DynamoDBDocumentClient, table: string): BreakerBook {
  const keyOf = (destination: string) => ({ pk: `breaker#${destination}`, sk: 'breaker' });
  return {
    read: async (destination, { fresh }) => {
      const Key = keyOf(destination);
      const get = new GetCommand({ TableName: table, Key, ConsistentRead: fresh });
      const { Item } = await client.send(get);
      return Item && breakerSchema.parse(Item);
    },
    save: (next, now) =>
      putIf(client, {
        TableName: table,
        Item: {
          ...Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)),
          ...keyOf(next.destination),
          expiresAt: Math.floor((now.getTime() + KEPT_MS) / 1000),
        },
        ...(next.version === 1
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'version = :previous',
              ExpressionAttributeValues: { ':previous': next.version - 1 },
            }),
      }),
  };
}
