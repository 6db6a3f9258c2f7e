import { type DynamoDBDocumentClient, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type OnUnreadable, UnreadableItem } from '../calls/unreadable-item.ts';
import { type Delivery, deliverySchema } from '../delivery/delivery.ts';
import { type DeliveryList, type DeliveryLists, listOf } from '../delivery/delivery-lists.ts';
import { batchGet, putIf } from './dynamo-calls.ts';
import { deliveryItem, membersOf } from './dynamo-deliveries.ts';
import { incidentsOf } from './dynamo-incidents.ts';
import { queryAll } from './query-all.ts';

const keySchema = z.object({ pk: z.string(), sk: z.string() });

/** Whatever comes first is released first, and of one call the earlier word. */
const inOrder = (a: Delivery, b: Delivery): number =>
  (a.dueAt ?? '').localeCompare(b.dueAt ?? '') ||
  (a.event?.revision ?? 0) - (b.event?.revision ?? 0);

/** One row that nobody can read must not keep all others of its destination from going out. */
const readRows = (
  items: readonly Record<string, unknown>[],
  onUnreadable: OnUnreadable,
): Delivery[] =>
  items.flatMap((item) => {
    const { data, error } = deliverySchema.safeParse(item);
    if (data) return [data];
    onUnreadable(new UnreadableItem(item.pk, error, `delivery ${String(item.sk)}`));
    return [];
  });

/**
 * Lists by the index `unsettled`, which has keys only: what is in a list is read from the table itself.
 *
 * @param onUnreadable told of each row that is left out because it cannot be read
 */
export function dynamoDeliveryLists(
  client: DynamoDBDocumentClient,
  table: string,
  onUnreadable: OnUnreadable,
): DeliveryLists {
  /** The keys under a name of the index, the first due first, in pages of as many as are wanted. */
  async function* keysIn(
    u: string,
    { limit, dueBefore }: { limit: number; dueBefore?: Date },
  ): AsyncGenerator<z.infer<typeof keySchema>[]> {
    let from: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'unsettled',
          KeyConditionExpression: dueBefore ? 'u = :u AND dueAt < :before' : 'u = :u',
          ExpressionAttributeValues: {
            ':u': u,
            ...(dueBefore && { ':before': dueBefore.toISOString() }),
          },
          ...(Number.isFinite(limit) && { Limit: limit }),
          ExclusiveStartKey: from,
        }),
      );
      yield z.array(keySchema).parse(page.Items ?? []);
      from = page.LastEvaluatedKey;
    } while (from);
  }

  /** What waits to be told in an incident stands in the index under that, whatever became of it. */
  async function namesOf(destination: string, list: DeliveryList): Promise<string[]> {
    const name = `${destination}#${list}`;
    if (list !== 'waiting') return [name];
    const incidents = await queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': incidentsOf(destination) },
      ProjectionExpression: 'pk, sk',
    });
    const names = keySchema
      .array()
      .parse(incidents)
      .map(({ sk }) => membersOf(destination, sk));
    return [name, ...names];
  }

  return {
    read: async (destination, list, options) => {
      const rows: Delivery[] = [];
      for (const name of await namesOf(destination, list)) {
        // What cannot be read, or has moved on meanwhile, takes nobody's place among those that are wanted.
        for await (const keys of keysIn(name, options)) {
          const items = await batchGet(client, table, keys, { consistent: true });
          rows.push(...readRows(items, onUnreadable).filter((row) => listOf(row) === list));
          if (rows.length >= options.limit) return rows.sort(inOrder).slice(0, options.limit);
        }
      }
      return rows.sort(inOrder);
    },
    replace: (row, next, now) =>
      putIf(client, {
        TableName: table,
        Item: deliveryItem(next, now),
        ConditionExpression: '#state = :state AND lease = :lease AND dueAt = :dueAt',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':state': row.state,
          ':lease': row.lease,
          ':dueAt': row.dueAt,
        },
      }),
  };
}

/** The rows of everything that is unsettled, of whatever destination. For a person: it reads the whole index. */
export async function readUnsettled(
  client: DynamoDBDocumentClient,
  table: string,
  onUnreadable: OnUnreadable,
): Promise<Delivery[]> {
  const keys: z.infer<typeof keySchema>[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, IndexName: 'unsettled', ExclusiveStartKey: from }),
    );
    keys.push(...z.array(keySchema).parse(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  const items = await batchGet(client, table, keys, { consistent: true });
  return readRows(items, onUnreadable);
}
