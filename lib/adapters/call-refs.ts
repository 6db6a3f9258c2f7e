import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { mergeNewest } from '../records/merge-newest.ts';
import type { CallRange } from '../records/records.ts';
import { DAY_MS } from '../time.ts';
import { callOfKey, FAILED_SHARDS } from './call-item.ts';

/** A call in an index: its key, and when it was created. */
const refSchema = z.object({ pk: z.string(), at: z.string() });
export type CallRef = z.infer<typeof refSchema>;

/**
 * So many keys are read at a time, and then so many calls: a page of a list, with the one more that tells that
 * there are others, and less than DynamoDB reads for one unit.
 */
export const REFS_AT_ONCE = 51;

type QueryInput = ConstructorParameters<typeof QueryCommand>[0];
type Query = Pick<
  QueryInput,
  'IndexName' | 'KeyConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** The days, in UTC, that a range lies in; the last one first. */
function daysOf({ from, to }: Pick<CallRange, 'from' | 'to'>): string[] {
  const first = Math.floor(from.getTime() / DAY_MS);
  const count = Math.max(0, Math.ceil(to.getTime() / DAY_MS) - first);
  return Array.from({ length: count }, (_, day) =>
    new Date((first + count - 1 - day) * DAY_MS).toISOString().slice(0, 10),
  );
}

/** A day's part of an index, as `toCallItem` writes its keys. Instants are stored to the millisecond. */
const partOf = (
  index: { readonly name: string; readonly key: string },
  value: string,
  { from, to }: Pick<CallRange, 'from' | 'to'>,
): Query => ({
  IndexName: index.name,
  KeyConditionExpression: '#key = :key AND #at BETWEEN :from AND :last',
  ExpressionAttributeNames: { '#key': index.key, '#at': 'at' },
  ExpressionAttributeValues: {
    ':key': value,
    ':from': from.toISOString(),
    ':last': new Date(to.getTime() - 1).toISOString(),
  },
});

const BY_TIME = { name: 'byTime', key: 't' };
const FAILED = { name: 'failedByDay', key: 'f' };

/** Reads an index, a page at a time and only as far as is asked for. */
async function* refsOf(
  client: DynamoDBDocumentClient,
  table: string,
  query: Query & Pick<QueryInput, 'ScanIndexForward' | 'Limit'>,
): AsyncGenerator<CallRef> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({ TableName: table, ...query, ExclusiveStartKey: start }),
    );
    yield* refSchema.array().parse(page.Items ?? []);
    start = page.LastEvaluatedKey;
  } while (start);
}

/** From the end of an index: of most lists only the first page is wanted. */
const newestOf = (
  client: DynamoDBDocumentClient,
  table: string,
  query: Query,
): AsyncGenerator<CallRef> =>
  refsOf(client, table, { ...query, ScanIndexForward: false, Limit: REFS_AT_ONCE });

/** The calls of a range, the newest first. */
export function refsByTime(
  client: DynamoDBDocumentClient,
  table: string,
  range: CallRange,
): AsyncGenerator<CallRef> {
  async function* of(connection: string): AsyncGenerator<CallRef> {
    for (const day of daysOf(range)) {
      yield* newestOf(client, table, partOf(BY_TIME, `${connection}#${day}`, range));
    }
  }
  return mergeNewest(range.connections.map(of));
}

/** The calls of a connection, the oldest first, for whoever wants them all. */
export async function* oldestByTime(
  client: DynamoDBDocumentClient,
  table: string,
  { connection, ...range }: Pick<CallRange, 'from' | 'to'> & { readonly connection: string },
): AsyncGenerator<CallRef> {
  for (const day of daysOf(range).toReversed()) {
    yield* refsOf(client, table, partOf(BY_TIME, `${connection}#${day}`, range));
  }
}

/** The keys of calls, so many at a time. */
export async function* keysInPages(
  refs: AsyncIterable<CallRef>,
  size: number,
): AsyncGenerator<string[]> {
  let page: string[] = [];
  for await (const { pk } of refs) {
    page.push(pk);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** The failed calls of a range, the newest first. A busy day is spread over shards. */
export async function* refsOfFailed(
  client: DynamoDBDocumentClient,
  table: string,
  range: CallRange,
): AsyncGenerator<CallRef> {
  const wanted = new Set(range.connections);
  for (const day of daysOf(range)) {
    const shards = Array.from({ length: FAILED_SHARDS }, (_, shard) =>
      newestOf(client, table, partOf(FAILED, `${day}#${shard}`, range)),
    );
    for await (const ref of mergeNewest(shards)) {
      if (wanted.has(callOfKey(ref.pk).connection)) yield ref;
    }
  }
}

/** All calls with a number at the other end, the newest first. */
export const refsByNumber = (
  client: DynamoDBDocumentClient,
  table: string,
  number: string,
): AsyncGenerator<CallRef> =>
  newestOf(client, table, {
    IndexName: 'byNumber',
    KeyConditionExpression: 'n = :number',
    ExpressionAttributeValues: { ':number': number },
  });

/** How many calls a range holds. Billed by the size of their keys. */
export async function countByTime(
  client: DynamoDBDocumentClient,
  table: string,
  range: CallRange,
): Promise<number> {
  const parts = range.connections.flatMap((connection) =>
    daysOf(range).map((day) => partOf(BY_TIME, `${connection}#${day}`, range)),
  );
  const counts = await Promise.all(parts.map((part) => countOf(client, table, part)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function countOf(
  client: DynamoDBDocumentClient,
  table: string,
  query: Query,
): Promise<number> {
  let count = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({ TableName: table, ...query, Select: 'COUNT', ExclusiveStartKey: start }),
    );
    count += page.Count ?? 0;
    start = page.LastEvaluatedKey;
  } while (start);
  return count;
}
