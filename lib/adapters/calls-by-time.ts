import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { DAY_MS } from '../time.ts';
import type { CallsItem } from './call-item.ts';
import { readCallsItems } from './stream-records.ts';

const keySchema = z.object({ pk: z.string() });

/** The days, in UTC, that the instants from `from` (inclusive) to `to` (exclusive) lie in. */
function days(from: Date, to: Date): string[] {
  const first = Math.floor(from.getTime() / DAY_MS);
  const count = Math.ceil(to.getTime() / DAY_MS) - first;
  return Array.from({ length: Math.max(0, count) }, (_, day) =>
    new Date((first + day) * DAY_MS).toISOString().slice(0, 10),
  );
}

/** The calls of a connection that were created from `from` (inclusive) to `to` (exclusive), a page at a time. */
export async function* callsByTime(
  client: DynamoDBDocumentClient,
  table: string,
  { connection, from, to }: { connection: string; from: Date; to: Date },
): AsyncGenerator<CallsItem[]> {
  for (const day of days(from, to)) {
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
