import type { Outcome } from '../calls/call.ts';
import type { StoredCall } from '../calls/version.ts';
import { mergeNewest } from './merge-newest.ts';
import type { CallRange, Records } from './records.ts';

/** Which calls somebody wants to see. */
export interface CallFilter extends CallRange {
  readonly outcome?: Outcome | undefined;
  readonly reason?: string | undefined;
  /** The number at the other end, in each way of reading it that comes into question; undefined: any. */
  readonly numbers?: readonly string[] | undefined;
}

const createdAt = ({ call, firstSeenAt }: StoredCall): string => call.createdAt ?? firstSeenAt;

/** Whether a call is one of those that are asked for. */
function isWanted(stored: StoredCall, filter: CallFilter): boolean {
  const { call } = stored;
  const at = createdAt(stored);
  return (
    filter.connections.includes(call.connection) &&
    at >= filter.from.toISOString() &&
    at < filter.to.toISOString() &&
    (filter.outcome === undefined || call.outcome === filter.outcome) &&
    (filter.reason === undefined || call.reason === filter.reason) &&
    (filter.numbers === undefined || filter.numbers.includes(call.contactNumber ?? ''))
  );
}

async function* datedCalls(pages: AsyncGenerator<readonly StoredCall[]>) {
  for await (const page of pages) {
    for (const stored of page) yield { at: createdAt(stored), stored };
  }
}

/** The list that has all of them and as few others as can be. */
function sourcesOf(records: Records, filter: CallFilter): AsyncGenerator<readonly StoredCall[]>[] {
  const { numbers, outcome, reason } = filter;
  if (numbers !== undefined) return [...new Set(numbers)].map(records.callsOf);
  // Only what failed has a reason.
  const isOfFailed = outcome === 'failed' || reason !== undefined;
  return [isOfFailed ? records.failedCalls(filter) : records.calls(filter)];
}

/** The calls that a filter lets through, the newest first; reads no further than is asked for. */
export async function* selectCalls(
  records: Records,
  filter: CallFilter,
): AsyncGenerator<StoredCall> {
  const calls = mergeNewest(sourcesOf(records, filter).map(datedCalls));
  for await (const { at, stored } of calls) {
    if (at < filter.from.toISOString()) return;
    if (isWanted(stored, filter)) yield stored;
  }
}

/** The first so many of them, and whether there are more. */
export async function firstCalls(
  records: Records,
  filter: CallFilter,
  limit: number,
): Promise<{ calls: StoredCall[]; more: boolean }> {
  const calls: StoredCall[] = [];
  for await (const stored of selectCalls(records, filter)) {
    if (calls.length === limit) return { calls, more: true };
    calls.push(stored);
  }
  return { calls, more: false };
}
