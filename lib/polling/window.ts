import type { Provider } from '../providers/provider.ts';
import { MINUTE_MS, SECOND_MS } from '../time.ts';
import { MAX_LOOK_BACK_MS, MAX_ROWS, MIN_LOOK_BACK_MS, type PollState } from './poll-state.ts';
import type { Walk, Window } from './walk-list.ts';

/** A look-back is never shorter: rows become visible at least this much after they were created. */
const SHORTEST_LOOK_BACK_MS = MINUTE_MS;

/** How far back a walk over the whole look-back reaches at least. */
export const lookBackOf = ({ lookBackMs, minLookBackMs }: PollState): number =>
  Math.max(lookBackMs, minLookBackMs);

/**
 * The newest calls, where a walk had to stop before them because there were too many: who catches up
 * with the past must not be blind to the present.
 */
export function liveEdge(
  asked: Window,
  walked: Walk,
  { lookBackMs }: PollState,
): Window | undefined {
  if (!walked.window || walked.window.to >= asked.to) return undefined;
  const from = Math.max(walked.window.to.getTime(), asked.to.getTime() - lookBackMs);
  return { from: new Date(from), to: asked.to };
}

/** Lets the look-back grow while everything in it fits well into one page, and shrink when it does not. */
export function nextLookBack(
  { lookBackMs }: PollState,
  walk: Walk,
  { list }: Provider,
  now: Date,
): number {
  const { matching, window, complete } = walk;
  if (!complete || matching === undefined || !window) return lookBackMs;
  // A walk that caught up over a longer time says nothing about the usual one, which begins up to half
  // a look-back early because the watermark is moved lazily.
  if (now.getTime() - window.from.getTime() > 1.5 * lookBackMs + SECOND_MS) return lookBackMs;
  // The look-back alone held too many rows, so the walk did not get to the newest calls.
  if (window.to < now) return Math.max(SHORTEST_LOOK_BACK_MS, lookBackMs / 2);
  if (matching > 0.8 * list.maxPageSize) {
    return Math.min(lookBackMs, Math.max(MIN_LOOK_BACK_MS, lookBackMs / 2));
  }
  if (matching < 0.35 * list.maxPageSize) return Math.min(MAX_LOOK_BACK_MS, lookBackMs * 2);
  return lookBackMs;
}

/**
 * The watermark after a walk: never nearer than the look-back, so that a row that becomes visible late
 * is found after an outage as well. Where nothing else changed it is moved lazily: each move is a write.
 */
export function nextWatermark(
  state: PollState,
  walk: Walk | undefined,
  { changed, now }: { changed: boolean; now: Date },
): string {
  if (!walk?.window) return state.watermark;
  const reached = Math.min(walk.window.to.getTime(), now.getTime() - lookBackOf(state));
  const lazyMs = changed ? 0 : lookBackOf(state) / 2;
  const isFar = reached - Date.parse(state.watermark) > lazyMs;
  return isFar ? new Date(reached).toISOString() : state.watermark;
}

/** How many rows the next walk may face: half as many after one that ran out of time, else twice. */
export function nextMaxRows(
  { maxRows }: PollState,
  { outOfTime }: Walk,
  { list }: Provider,
): number {
  if (!list.window) return maxRows;
  return outOfTime
    ? Math.max(list.maxPageSize, Math.floor(maxRows / 2))
    : Math.min(MAX_ROWS, maxRows * 2);
}
