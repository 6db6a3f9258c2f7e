import type { JsonAnswer } from '../http.ts';
import type { Poll } from '../polling/poll.ts';
import { readPage } from '../polling/read-calls.ts';
import { LIST_TIMEOUT_MS, type WalkDeps } from '../polling/walk-list.ts';
import type { Listed, Page } from '../providers/provider.ts';
import { isoInstant } from '../time.ts';
import type { RangeJob } from './range-job.ts';

/** One slice while it is worked on. */
export interface Slice {
  readonly poll: Poll;
  readonly job: RangeJob;
  readonly from: Date;
  readonly to: Date;
  /** So many rows may be read in one slice. */
  readonly maxRows: number;
  /** Ids of rows of the range that were shown. */
  readonly listed: Set<string>;
}

/** Where a job goes on; undefined: nowhere, it is done. */
export type Next = RangeJob['position'] | undefined;

/** What became of a slice. */
export type SliceEnd =
  | { readonly proven: true; readonly next: Next; readonly expected?: number | undefined }
  /** It is to be tried again from `next`; when it was tried often enough, left for `skipTo`. */
  | { readonly proven: false; readonly next: RangeJob['position']; readonly skipTo: Next };

/** When a row's call began, as far as the provider says. */
export const instantOf = ({ facts }: Listed): string | undefined =>
  isoInstant(facts.createdAt ?? facts.startedAt ?? '');

/**
 * A row that a list shows although it was not asked for is none of the job's: what a backfill keeps
 * silent must not be what hot polling is about to announce.
 */
function isInRange({ from, to }: Slice, row: Listed): boolean {
  const instants = [row.facts.createdAt, row.facts.startedAt].flatMap((text) =>
    text ? (isoInstant(text) ?? []) : [],
  );
  const [first, last] = [from.toISOString(), to.toISOString()];
  return instants.length === 0 || instants.some((instant) => instant >= first && instant <= last);
}

/** Records the rows of a page that are in the range. */
export async function recordRows(slice: Slice, page: Page, answer: JsonAnswer): Promise<void> {
  const rows = page.listed.filter((row) => isInRange(slice, row));
  for (const { facts } of rows) slice.listed.add(facts.id);
  await readPage(slice.poll, { ...page, listed: rows }, answer);
}

/** What the walk of a slice needs besides knowing what to do with a page. */
export function sliceWalkDeps({ poll, from }: Slice, maxRows: number): Omit<WalkDeps, 'onPage'> {
  const { deps, counts } = poll;
  return {
    maxRows,
    // Of a window with too many rows the older half comes first, always.
    readUntil: from,
    random: () => 1,
    now: deps.now,
    deadline: deps.deadline,
    ask: (request) => {
      counts.requests += 1;
      return poll.ask(request, LIST_TIMEOUT_MS);
    },
  };
}
