import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { OnUnreadable } from '../calls/unreadable-item.ts';
import type { CallsItem } from './call-item.ts';
import { keysInPages, oldestByTime } from './call-refs.ts';
import { readCallsItems } from './stream-records.ts';

/** So many are worth a line that says how far it is. */
const PAGE = 1_000;

/**
 * The calls of a connection that were created from `from` (inclusive) to `to` (exclusive), a page at a time.
 *
 * @param onUnreadable told of each item that is none of ours, which is left out
 */
export async function* callsByTime(
  client: DynamoDBDocumentClient,
  table: string,
  range: { connection: string; from: Date; to: Date },
  onUnreadable: OnUnreadable,
): AsyncGenerator<CallsItem[]> {
  for await (const keys of keysInPages(oldestByTime(client, table, range), PAGE)) {
    yield await readCallsItems(client, table, keys, onUnreadable);
  }
}
