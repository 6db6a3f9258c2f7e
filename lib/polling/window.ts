import type { Provider } from '../providers/provider.ts';
import { addMs, MINUTE_MS, SECOND_MS } from '../time.ts';
import { MAX_LOOK_BACK_MS, MIN_LOOK_BACK_MS, type PollState } from './poll-state.ts';
import type { Walk, Window } from './walk-list.ts';

/** A row may become visible this much after it was created; what is younger is looked at again. */
const SETTLE_MS = MINUTE_MS;

/** The window of a walk: from the last proof of completeness, and at least as far back as one page reaches. */
export function windowOf(
  { list, detail }: Provider,
  state: PollState,
  now: Date,
): Window | undefined {
  if (!list.window) return undefined;
  const starts = [state.watermark, addMs(now, -state.lookBackMs).toISOString()];
  if (state.openFrom) starts.push(state.openFrom);
  // Without a page that reads one call by its id, only the list shows what became of open calls.
  if (!detail) starts.push(...state.open.map(({ since }) => since));
  return { from: new Date(starts.sort()[0] ?? now), to: now };
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
  // A walk that caught up over a longer time says nothing about the usual one.
  if (now.getTime() - window.from.getTime() > lookBackMs + SECOND_MS) return lookBackMs;
  // The look-back alone held too many rows, so the walk did not get to the newest calls.
  if (window.to < now) return Math.max(SETTLE_MS, lookBackMs / 2);
  if (matching > 0.8 * list.maxPageSize) {
    return Math.min(lookBackMs, Math.max(MIN_LOOK_BACK_MS, lookBackMs / 2));
  }
  if (matching < 0.35 * list.maxPageSize) return Math.min(MAX_LOOK_BACK_MS, lookBackMs * 2);
  return lookBackMs;
}

/** The watermark after a walk. It is moved lazily: while it lies within the look-back, moving it changes nothing. */
export function nextWatermark(state: PollState, walk: Walk | undefined, now: Date): string {
  if (!walk?.complete || !walk.window) return state.watermark;
  const reached = Math.min(walk.window.to.getTime(), now.getTime() - SETTLE_MS);
  const isFar = reached - Date.parse(state.watermark) > state.lookBackMs / 2;
  return isFar ? new Date(reached).toISOString() : state.watermark;
}
