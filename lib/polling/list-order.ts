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

/** Fewer different instants show no order: as many in order are a coincidence once in 360 times. */
const MIN_INSTANTS = 6;

/** A list whose rows are further out of place is ordered by something else. */
const MAX_SLACK_MS = HOUR_MS;

/** No provider is older; what claims to be, and what lies ahead, has no place in time. */
const EARLIEST = Date.parse('2015-01-01');

/** The instant of a row in epoch milliseconds; undefined when it has none that can be true. */
export function instantOf(facts: Pick<CallFacts, Field>, by: Field, now: Date): number | undefined {
  const instant = Date.parse(facts[by] ?? '');
  return instant > EARLIEST && instant <= now.getTime() + MINUTE_MS ? instant : undefined;
}

/** So many rows may be odd, a call that was put off for days, say, before a list counts as unordered. */
const ODD_SHARE = 0.1;

/** True for an instant that lies far beyond both of its neighbours, on the same side. */
function isOdd(instant: number, before: number, after: number): boolean {
  const [older, newer] = before < after ? [before, after] : [after, before];
  return instant > newer + MAX_SLACK_MS || instant < older - MAX_SLACK_MS;
}

/** So many rows are enough to tell an order from a coincidence; of more, as many are compared. */
const MAX_COMPARED = 100;

/**
 * True when rows are in order too often for it to be a coincidence: by Kendall's tau, four standard
 * deviations off what rows in no order have, which for ten rows is all of them.
 */
function isConcordant(instants: readonly number[]): boolean {
  const every = Math.ceil(instants.length / MAX_COMPARED);
  const compared = instants.filter((_, at) => at % every === 0);
  let [balance, pairs] = [0, 0];
  for (const [at, one] of compared.entries()) {
    for (const other of compared.slice(at + 1)) {
      if (one === other) continue;
      balance += Math.sign(other - one);
      pairs += 1;
    }
  }
  const n = compared.length;
  const deviation = Math.sqrt((2 * (2 * n + 5)) / (9 * n * (n - 1)));
  return Math.abs(balance) / pairs >= Math.min(1, 4 * deviation);
}

/** What instants in the order of a list prove; undefined when they are too few to prove anything. */
function orderOf(by: Field, instants: readonly number[]): ListOrder | undefined {
  const regular = instants.filter(
    (instant, at) => !isOdd(instant, instants[at - 1] ?? instant, instants[at + 1] ?? instant),
  );
  const none: ListOrder = { direction: 'none', by, slackMs: 0 };
  if (instants.length - regular.length > Math.max(1, ODD_SHARE * instants.length)) return none;
  if (new Set(regular).size < MIN_INSTANTS) return undefined;

  let [oldest, newest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  // How far a row is newer than one before it, and older.
  let [aheadMs, behindMs] = [0, 0];
  for (const instant of regular) {
    aheadMs = Math.max(aheadMs, instant - oldest);
    behindMs = Math.max(behindMs, newest - instant);
    oldest = Math.min(oldest, instant);
    newest = Math.max(newest, instant);
  }
  const slackMs = Math.min(aheadMs, behindMs);
  // Rows in no order at all are out of place by about as long a time as they span.
  const isInPlace = slackMs <= Math.min(MAX_SLACK_MS, (newest - oldest) / 2);
  if (!isInPlace || !isConcordant(regular)) return none;
  return { direction: aheadMs < behindMs ? 'newest-first' : 'oldest-first', by, slackMs };
}

/** Finds out, page by page, how a list is ordered. */
export interface OrderEvidence {
  /** Rows in the order of the list, which follow those that were added before. */
  add(rows: readonly Pick<CallFacts, Field>[]): void;
  /** Undefined: nothing that was shown proves anything. */
  verdict(): ListOrder | undefined;
}

export function orderEvidence(now: Date): OrderEvidence {
  const shown = FIELDS.map((by) => ({ by, instants: [] as number[] }));
  return {
    add: (rows) => {
      for (const { by, instants } of shown) {
        for (const row of rows) {
          const instant = instantOf(row, by, now);
          if (instant !== undefined) instants.push(instant);
        }
      }
    },
    verdict: () => {
      const orders = shown.flatMap(({ by, instants }) => orderOf(by, instants) ?? []);
      const ordered = orders.filter(({ direction }) => direction !== 'none');
      return ordered.sort((a, b) => a.slackMs - b.slackMs)[0] ?? orders[0];
    },
  };
}
