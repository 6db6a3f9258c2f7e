import { type Walk, type WalkDeps, type Window, walkList } from '../polling/walk-list.ts';
import { addMs, MINUTE_MS } from '../time.ts';
import { askingAhead } from './ask-ahead.ts';
import type { TimePosition } from './range-job.ts';
import { recordRows, type Slice, type SliceEnd, sliceWalkDeps } from './slice.ts';

/** Pages that one slice may have, and has when it is of the right length. */
const MAX_PAGES = 6;
const USUAL_PAGES = 4;

/** Where a list does not say how many rows match, several pages have to be walked twice, and one has not. */
const USUAL_PAGES_UNCOUNTED = 0.7;

/** Of the rows that one slice may have at most: no two hours are alike. */
const USUAL_SHARE = 0.7;

const MAX_GROWTH = 8;

const lengthMs = ({ from, to }: Window): number => to.getTime() - from.getTime();

/** How long the next slice is, so that it holds as many rows as one should. */
export function nextSliceMs(
  walkedMs: number,
  {
    rows,
    isCounted,
    pageSize,
    maxRows,
  }: { rows: number; isCounted: boolean; pageSize: number; maxRows: number },
): number {
  const pages = isCounted ? USUAL_PAGES : USUAL_PAGES_UNCOUNTED;
  const wanted = Math.min(pages * pageSize, USUAL_SHARE * maxRows);
  const growth = Math.min(MAX_GROWTH, wanted / Math.max(1, rows));
  return Math.max(MINUTE_MS, walkedMs * growth);
}

/** Reads the next slice of a list with a time filter. */
export async function readTimeSlice(slice: Slice, position: TimePosition): Promise<SliceEnd> {
  const { maxPageSize } = slice.poll.provider.list;
  const from = new Date(position.at);
  const to = new Date(Math.min(addMs(from, position.sliceMs).getTime(), slice.to.getTime()));
  const deps = sliceWalkDeps(slice, Math.min(MAX_PAGES * maxPageSize, slice.maxRows));
  const { provider, ask, ahead } = askingAhead(slice.poll.provider, deps.ask);
  const onPage: WalkDeps['onPage'] = async (page, answer) => {
    if (page.next !== undefined) ahead(page.next);
    await recordRows(slice, page, answer);
    return { stop: false };
  };
  const walk = await walkList(provider, { from, to }, { ...deps, ask, onPage });
  if (!walk.complete || !walk.window) {
    const sliceMs = Math.max(MINUTE_MS, position.sliceMs / 2);
    const skipTo = to >= slice.to ? undefined : { ...position, at: to.toISOString() };
    return { proven: false, next: { ...position, sliceMs }, skipTo };
  }
  return { proven: true, next: after(walk, walk.window, slice, maxPageSize) };
}

/** Where a proven slice leads. */
function after(
  { matching }: Walk,
  walked: Window,
  { listed, to, maxRows }: Slice,
  pageSize: number,
): TimePosition | undefined {
  if (walked.to >= to) return undefined;
  const rows = matching ?? listed.size;
  const sliceMs = nextSliceMs(lengthMs(walked), {
    rows,
    isCounted: matching !== undefined,
    pageSize,
    maxRows,
  });
  // Both bounds are inclusive, so a row on the boundary is read twice and none is left out.
  return { by: 'time', at: walked.to.toISOString(), sliceMs };
}
