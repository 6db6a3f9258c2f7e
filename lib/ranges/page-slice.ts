import { fingerprint } from '../hash.ts';
import { type WalkDeps, walkList } from '../polling/walk-list.ts';
import type { Cursor, Page, Provider } from '../providers/provider.ts';
import { HOUR_MS } from '../time.ts';
import { askingAhead } from './ask-ahead.ts';
import type { PagePosition } from './range-job.ts';
import { instantOf, recordRows, type Slice, type SliceEnd, sliceWalkDeps } from './slice.ts';

/** Pages of one slice. The first is the last of the slice before it, so more of them cost less. */
const PAGES = 20;

const TAIL_IDS = 10;

/** A list whose rows are further out of their place is not ordered by time. */
const MAX_AHEAD_MS = HOUR_MS;

/** A list that shifts by more than a page between two slices is read from its beginning, so often. */
const MAX_RESTARTS = 3;

/** A list that begins at one of its pages. Its rows are counted on, where cursors are made of that. */
function listFrom(
  provider: Provider,
  { cursor, rowsBefore }: Pick<PagePosition, 'cursor' | 'rowsBefore'>,
  onAsked: (cursor: Cursor | undefined) => void,
): Provider {
  const { list } = provider;
  const begin = cursor ?? undefined;
  return {
    ...provider,
    list: {
      ...list,
      request: (query) => {
        const at = query.cursor ?? begin;
        onAsked(at);
        return list.request({ ...query, cursor: at });
      },
      read: (body, seenRows, at) => {
        const page = list.read(body, seenRows + rowsBefore, at ?? begin);
        // The whole list's count says nothing about a part of it.
        return cursor === null ? page : { ...page, matching: undefined };
      },
    },
  };
}

const idsOf = ({ listed, rejected }: Page): string[] => [
  ...listed.map(({ facts }) => facts.id),
  ...rejected.flatMap(({ id }) => id ?? []),
];

/** Follows how the instants of a list go down, or not; a page that was seen before says nothing new of that. */
function followOrder(position: PagePosition, page: Page, isAgain: boolean): PagePosition {
  let { oldest, aheadMs } = position;
  for (const instant of page.listed.flatMap((row) => instantOf(row) ?? [])) {
    if (oldest !== null && !isAgain) {
      aheadMs = Math.max(aheadMs, Date.parse(instant) - Date.parse(oldest));
    }
    if (oldest === null || instant < oldest) oldest = instant;
  }
  return { ...position, oldest, aheadMs };
}

/**
 * True when nothing of the range can follow: newest rows came first all the way down, and even a row that
 * is as far out of its place as any so far lies before the range.
 */
function isPast({ aheadMs }: PagePosition, page: Page, from: Date): boolean {
  const instants = page.listed.flatMap((row) => instantOf(row) ?? []);
  const newest = instants.toSorted().at(-1);
  return (
    newest !== undefined && aheadMs <= MAX_AHEAD_MS && Date.parse(newest) + aheadMs < from.getTime()
  );
}

/**
 * True when rows may have slipped from behind the last slice to before it: the page where it ended shows
 * none of the rows that it did, and older ones.
 */
function hasGap({ tail, oldest }: PagePosition, page: Page): boolean {
  if (tail.length === 0) return false;
  if (idsOf(page).some((id) => tail.includes(fingerprint(id)))) return false;
  const [first] = page.listed.flatMap((row) => instantOf(row) ?? []);
  return first === undefined || oldest === null || first < oldest;
}

/** Reads the next pages of a list without a time filter. */
export async function readPageSlice(slice: Slice, begin: PagePosition): Promise<SliceEnd> {
  let position = begin;
  let asked: Cursor | undefined;
  let pages = 0;
  let rows = begin.rowsBefore;
  let isDone = false;
  let isShifted = false;
  const deps = sliceWalkDeps(slice, Number.MAX_SAFE_INTEGER);
  const { provider, ask, ahead } = askingAhead(slice.poll.provider, deps.ask);
  const part = listFrom(provider, begin, (cursor) => {
    asked = cursor;
  });
  const onPage: WalkDeps['onPage'] = async (page, answer) => {
    const isFirst = asked === (begin.cursor ?? undefined);
    if (isFirst) {
      // Perhaps again: `walkList` may want a second look at the same pages.
      [position, pages, rows] = [begin, 0, begin.rowsBefore];
      isShifted = begin.restarts < MAX_RESTARTS && hasGap(begin, page);
      if (isShifted) return { stop: true };
    }
    pages += 1;
    const reached = {
      ...followOrder(position, page, isFirst && begin.cursor !== null),
      cursor: asked ?? null,
      rowsBefore: rows,
      tail: idsOf(page).slice(-TAIL_IDS).map(fingerprint),
    };
    rows += page.rows;
    isDone = page.next === undefined || isPast(reached, page, slice.from);
    const stop = isDone || pages > PAGES;
    if (!stop && page.next !== undefined) ahead(page.next);
    await recordRows(slice, page, answer);
    position = reached;
    return { stop };
  };
  const walk = await walkList(part, undefined, { ...deps, ask, onPage });
  if (isShifted) {
    const first = { cursor: null, rowsBefore: 0, tail: [], oldest: null };
    return { proven: true, next: { ...begin, ...first, restarts: begin.restarts + 1 } };
  }
  if (walk.outOfTime) return { proven: true, next: position };
  const next = isDone ? undefined : position;
  return walk.complete ? { proven: true, next } : { proven: false, next: begin, skipTo: next };
}
