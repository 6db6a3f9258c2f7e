import * as z from 'zod';
import type { CallFacts } from '../providers/provider.ts';
import { HOUR_MS, MINUTE_MS } from '../time.ts';

/** The instants of a row that a list may be ordered by. */
const FIELDS = ['startedAt', 'createdAt'] as const;
type Field = (typeof FIELDS)[number];

/** How a list turned out to be ordered. `none`: by something else, or not at all. */
export const listOrderSchema = z.object({
  direction: z.enum(['newest-first', 'oldest-first', 'none']),
  by: z.enum(FIELDS),
  /**
   * How far a row was seen out of its place. A list that is ordered by what it does not show (when a
   * call was queued, say) is nearly ordered by what it does.
   */
  slackMs: z.number().nonnegative(),
});
export type ListOrder = z.infer<typeof listOrderSchema>;

/** Fewer different instants show no order. */
const MIN_INSTANTS = 3;

/** A list whose rows are further out of place is ordered by something else. */
const MAX_SLACK_MS = HOUR_MS;

/** No provider is older; what claims to be, and what lies ahead, has no place in time. */
const EARLIEST = Date.parse('2015-01-01');

/** The instant of a row in epoch milliseconds; undefined when it has none that can be true. */
export function instantOf(facts: Pick<CallFacts, Field>, by: Field, now: Date): number | undefined {
  const instant = Date.parse(facts[by] ?? '');
  return instant > EARLIEST && instant <= now.getTime() + MINUTE_MS ? instant : undefined;
}

/** Rows of one field, in the order in which a list shows them. */
interface Run {
  oldest: number;
  newest: number;
  /** How far a row was newer than one before it, and older. */
  aheadMs: number;
  behindMs: number;
  readonly instants: Set<number>;
}

const emptyRun = (): Run => ({
  oldest: Number.POSITIVE_INFINITY,
  newest: Number.NEGATIVE_INFINITY,
  aheadMs: 0,
  behindMs: 0,
  instants: new Set(),
});

function extend(run: Run, instant: number): void {
  run.aheadMs = Math.max(run.aheadMs, instant - run.oldest);
  run.behindMs = Math.max(run.behindMs, run.newest - instant);
  run.oldest = Math.min(run.oldest, instant);
  run.newest = Math.max(run.newest, instant);
  if (run.instants.size < MIN_INSTANTS) run.instants.add(instant);
}

/** What a run proves; undefined when it is too short to prove anything. */
function orderOf(by: Field, run: Run): ListOrder | undefined {
  if (run.instants.size < MIN_INSTANTS) return undefined;
  const slackMs = Math.min(run.aheadMs, run.behindMs);
  // Rows in no order at all are out of place by about as long a time as they span.
  const isOrdered = slackMs <= Math.min(MAX_SLACK_MS, (run.newest - run.oldest) / 2);
  if (!isOrdered) return { direction: 'none', by, slackMs: 0 };
  const direction = run.aheadMs < run.behindMs ? 'newest-first' : 'oldest-first';
  return { direction, by, slackMs };
}

/** Finds out, row by row, how a list is ordered. */
export interface OrderEvidence {
  /** Rows in the order of the list: any that were skipped lie between two calls of this. */
  add(rows: readonly Pick<CallFacts, Field>[]): void;
  /** Undefined: nothing that was shown proves anything. */
  verdict(): ListOrder | undefined;
}

export function orderEvidence(now: Date): OrderEvidence {
  const runs = FIELDS.map((by) => ({ by, run: emptyRun() }));
  return {
    add: (rows) => {
      for (const row of rows) {
        for (const { by, run } of runs) {
          const instant = instantOf(row, by, now);
          if (instant !== undefined) extend(run, instant);
        }
      }
    },
    verdict: () => {
      const orders = runs.flatMap(({ by, run }) => orderOf(by, run) ?? []);
      const ordered = orders.filter(({ direction }) => direction !== 'none');
      return ordered.sort((a, b) => a.slackMs - b.slackMs)[0] ?? orders[0];
    },
  };
}
