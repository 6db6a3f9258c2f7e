import type { Outcome } from '../calls/call.ts';
import { createdAt, type StoredCall } from '../calls/version.ts';
import { mergeNewest } from './merge-newest.ts';
import type { CallRange, Records } from './records.ts';

/** Which calls somebody wants to see. */
export interface CallFilter extends CallRange {
  readonly outcome?: Outcome | undefined;
  readonly reason?: string | undefined;
  /** The number at the other end, in each way of reading it that comes into question; undefined: any. */
  readonly numbers?: readonly string[] | undefined;
}

/** Whether a call of the right time is one of those that are asked for. */
export function isWanted({ call }: StoredCall, filter: CallFilter): boolean {
  return (
    filter.connections.includes(call.connection) &&
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

/** What has to be looked at for a filter, of its time only and the newest first; `isWanted` tells the rest. */
export async function* callsToLookAt(
  records: Records,
  filter: CallFilter,
): AsyncGenerator<StoredCall> {
  const [from, to] = [filter.from.toISOString(), filter.to.toISOString()];
  for await (const { at, stored } of mergeNewest(sourcesOf(records, filter).map(datedCalls))) {
    if (at < from) return;
    if (at < to) yield stored;
  }
}

/** The calls that a filter lets through, the newest first; reads no further than is asked for. */
export async function* selectCalls(
  records: Records,
  filter: CallFilter,
): AsyncGenerator<StoredCall> {
  for await (const stored of callsToLookAt(records, filter)) {
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
