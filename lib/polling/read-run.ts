import { ContractError } from '../errors.ts';
import type { CallFacts } from '../providers/provider.ts';
import { MINUTE_MS } from '../time.ts';
import { instantOf, type ListOrder, orderEvidence } from './list-order.ts';
import type { ListReader, RowsRead } from './list-reader.ts';

/** Pages that are read again, further back each time, until rows that moved are seen to join. */
const MAX_STEPS_BACK = 4;

/** Rows may be a little further out of place than was ever seen. */
const MIN_SLACK_MS = MINUTE_MS;

/** What to do after a page. */
export type Verdict = 'go on' | 'reached' | 'other order';

/** Pages of a list that were read one after the other. */
export interface Run {
  readonly end: Exclude<Verdict, 'go on'> | 'end of list' | 'out of time';
  /** Where to read on. */
  readonly place: number;
  /** True when every row between the first and the last was shown. */
  readonly proven: boolean;
  /** As these rows show it; as it was expected where they show nothing. */
  readonly order: ListOrder | null;
  readonly rows: readonly CallFacts[];
}

/** The instants that rows of a list in this order have, in epoch milliseconds. */
export const datesOf = (rows: readonly CallFacts[], { by }: ListOrder, now: Date): number[] =>
  rows.flatMap((row) => instantOf(row, by, now) ?? []);

/** How far before an instant all rows lie for certain, in a list of this order. */
export const slackOf = ({ slackMs }: ListOrder): number => Math.max(MIN_SLACK_MS, 2 * slackMs);

/** True when the last two rows that have a place in time lie before `until`. One alone may just be odd. */
export function endsBefore(
  rows: readonly CallFacts[],
  until: Date,
  order: ListOrder,
  now: Date,
): boolean {
  const limit = until.getTime() - slackOf(order);
  let older = 0;
  for (let at = rows.length - 1; at >= 0 && older < 2; at -= 1) {
    const [instant] = datesOf(rows.slice(at, at + 1), order, now);
    if (instant === undefined) continue;
    if (instant >= limit) return false;
    older += 1;
  }
  return older === 2;
}

/** What rows show of the order, not forgetting how far others were ever out of place. */
function judge(shown: ListOrder | undefined, expected: ListOrder | null): ListOrder | null {
  if (!shown) return expected;
  const isSame = shown.direction === expected?.direction && shown.by === expected.by;
  return isSame ? { ...shown, slackMs: Math.max(shown.slackMs, expected.slackMs) } : shown;
}

/**
 * How a page follows another. `torn`: rows may have slipped between the two, because others before
 * them were deleted. `unknown`: nothing tells.
 */
function joint(last: RowsRead, read: RowsRead): 'joined' | 'torn' | 'unknown' {
  if (!read.keys.isDisjointFrom(last.keys)) return 'joined';
  if (read.start < last.end) return 'torn';
  if (read.matching === undefined || last.matching === undefined) return 'unknown';
  return read.matching >= last.matching ? 'joined' : 'torn';
}

/** A page of nothing but repeats is that of a list which does not turn its pages. */
function assertTurned(last: RowsRead, { start, keys }: RowsRead): void {
  if (keys.size > 1 && keys.size >= last.keys.size && keys.isSubsetOf(last.keys)) {
    throw new ContractError(`row ${start} of the list is shown like the rows before it`);
  }
}

/**
 * Reads page after page from one place on, and sees to it that they join: where rows were deleted
 * between two requests, the second begins too late and is asked for again, further back.
 *
 * @param first the page at the beginning, where it was read already
 */
export async function readRun(
  reader: ListReader,
  {
    place: begin,
    first,
    expected,
  }: { place: number; first?: RowsRead; expected: ListOrder | null },
  check: (order: ListOrder | null, rows: readonly CallFacts[]) => Verdict,
  now: Date,
): Promise<Run> {
  const evidence = orderEvidence(now);
  const rows: CallFacts[] = [];
  let place = begin;
  let order = expected;
  let proven = true;
  let stepsBack = 0;
  let last: RowsRead | undefined;
  const run = (end: Run['end']): Run => ({ end, place, proven, order, rows });
  for (;;) {
    const read = last ? await reader.read(place) : (first ?? (await reader.read(place)));
    if (!read) return run('out of time');
    const how = last ? joint(last, read) : 'joined';
    if (how === 'torn' && reader.canJump && stepsBack < MAX_STEPS_BACK) {
      place = Math.max(0, read.start - Math.ceil((reader.pageSize / 4) * 2 ** stepsBack));
      stepsBack += 1;
      continue;
    }
    if (last && stepsBack === 0) assertTurned(last, read);
    proven &&= how === 'joined';
    stepsBack = 0;
    // Rows that are shown twice would look as if they were out of place.
    const fresh = read.facts.filter(({ id }) => !last?.keys.has(id));
    evidence.add(fresh);
    rows.push(...fresh);
    order = judge(evidence.verdict(), expected);
    place = reader.after(read);
    last = read;
    const verdict = check(order, rows);
    if (verdict === 'other order') return run(verdict);
    if (read.isLast) return run('end of list');
    if (verdict === 'reached') return run(verdict);
  }
}
