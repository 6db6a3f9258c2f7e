import { callsByTime } from '../adapters/calls-by-time.ts';
import type { OnUnreadable } from '../calls/unreadable-item.ts';
import type { StoredCall } from '../calls/version.ts';
import type { Stores } from './locate.ts';
import type { Range } from './republish.ts';

/** The stored calls of a range, a page at a time. */
export async function* storedCalls(
  { tables, output }: Pick<Stores, 'tables' | 'output'>,
  range: Range,
  onUnreadable: OnUnreadable,
): AsyncGenerator<StoredCall[]> {
  const table = await output('CallsTableName');
  for await (const page of callsByTime(tables, table, range, onUnreadable)) {
    yield page.flatMap((item) => ('call' in item ? [item.call] : []));
  }
}
