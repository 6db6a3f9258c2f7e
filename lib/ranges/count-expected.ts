import { LIST_TIMEOUT_MS } from '../polling/walk-list.ts';
import type { Slice, SliceEnd } from './slice.ts';

/**
 * Asks how many calls are in the range, for an honest estimate: one request, of which nothing is recorded.
 * A list without a time filter could only tell how many it has in all.
 */
export async function countExpected({ poll, job, from, to }: Slice): Promise<SliceEnd> {
  const { list } = poll.provider;
  const next = job.dryRun ? undefined : job.position;
  if (!list.window) return { next, proven: true };
  poll.counts.requests += 1;
  const request = list.request({ pageSize: list.maxPageSize, window: { from, to } });
  const { body } = await poll.ask(request, LIST_TIMEOUT_MS);
  return { next, proven: true, expected: list.read(body, 0, undefined).matching };
}
