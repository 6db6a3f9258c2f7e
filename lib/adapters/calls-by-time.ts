import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { CallsItem } from './call-item.ts';
import { daysOf } from './call-refs.ts';
import { readCallsItems } from './stream-records.ts';

const keySchema = z.object({ pk: z.string() });

/** The calls of a connection that were created from `from` (inclusive) to `to` (exclusive), a page at a time. */
export async function* callsByTime(
  client: DynamoDBDocumentClient,
  table: string,
  { connection, from, to }: { connection: string; from: Date; to: Date },
): AsyncGenerator<CallsItem[]> {
  for (const day of daysOf({ from, to }).toReversed()) {
    let start: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'byTime',
          KeyConditionExpression: 't = :t AND #at BETWEEN :from AND :last',
          ExpressionAttributeNames: { '#at': 'at' },
          ExpressionAttributeValues: {
            // As `toCallItem` writes it.
            ':t': `${connection}#${day}`,
            ':from': from.toISOString(),
            // Instants are stored to the millisecond, so this is everything before `to`.
            ':last': new Date(to.getTime() - 1).toISOString(),
          },
          ExclusiveStartKey: start,
        }),
      );
      const keys = keySchema.array().parse(page.Items ?? []);
      yield await readCallsItems(
        client,
        table,
        keys.map(({ pk }) => pk),
      );
      start = page.LastEvaluatedKey;
    } while (start);
  }
}
