import * as z from 'zod';
import type { Provider } from '../providers/provider.ts';
import { listOrderSchema } from './list-order.ts';

/** What is remembered of a list that has no time filter. */
export const listMemorySchema = z.object({
  /** How it was ordered when last seen; null as long as too few rows were. */
  order: listOrderSchema.nullable(),
  /**
   * The place to begin at, counted from 0: near the end of a list that shows the oldest calls first;
   * else where a walk had to stop.
   */
  place: z.int().nonnegative(),
  /** The part of a newest-first list that a walk had no time for; it begins at `place`. */
  gap: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).nullable(),
});
export type ListMemory = z.infer<typeof listMemorySchema>;

/** What is known before the first request: what the provider's pages say of the order. */
export const listMemory = ({ list: { order } }: Provider): ListMemory => ({
  order: order === 'undocumented' ? null : { direction: order, by: 'startedAt', slackMs: 0 },
  place: 0,
  gap: null,
});

/** True when the next walk takes up an earlier one, so that it alone does not show every row. */
export const isResumed = (memory: ListMemory | null): boolean =>
  memory !== null &&
  (memory.gap !== null || (memory.order?.direction === 'none' && memory.place > 0));

/** Two polls overlapped: a gap that either left is still to be read, as far as it reaches in both. */
export function mergeListMemories(
  stored: ListMemory | null,
  mine: ListMemory | null,
): ListMemory | null {
  if (!stored?.gap || !mine) return mine ?? stored;
  if (!mine.gap) return { ...mine, place: stored.place, gap: stored.gap };
  return {
    ...mine,
    place: Math.min(mine.place, stored.place),
    gap: {
      from: mine.gap.from < stored.gap.from ? mine.gap.from : stored.gap.from,
      to: mine.gap.to > stored.gap.to ? mine.gap.to : stored.gap.to,
    },
  };
}
