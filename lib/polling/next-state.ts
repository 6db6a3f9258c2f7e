import { type Look, showsAll } from './look.ts';
import { learnPace } from './pace.ts';
import type { Poll } from './poll.ts';
import { boundOpen, earliest, MAX_ENRICH, type PollState } from './poll-state.ts';
import { nextBusy } from './reach.ts';
import { nextLookBack, nextMaxRows, nextWatermark } from './window.ts';

const paceAfter = ({ pace, lastChangeAt }: PollState, { learned, counts }: Poll, now: Date) =>
  learnPace(pace, learned, {
    since: new Date(lastChangeAt),
    now,
    requests: counts.requests,
  });

/** The state after a poll, but for its health. */
export function nextState(before: PollState, poll: Poll, seen: Look, now: Date): PollState {
  const { reach, walk, live } = seen;
  const { open, openFrom } = boundOpen(poll.open.values());
  const changed = poll.counts.changed > 0;
  const pageSize = poll.provider.list.maxPageSize;
  // A row that could not be recorded is in no proof of completeness.
  const proof = walk?.complete && poll.faults.length === 0 ? walk : undefined;
  const isWhole = showsAll(seen, before);
  const isOpenShown =
    before.openFrom === null || reach.window.from.toISOString() <= before.openFrom;
  return {
    ...before,
    ...(reach.deep && {
      watermark: nextWatermark(before, proof, { changed, now }),
      lookBackMs: live ? nextLookBack(before, live, poll.provider, now) : before.lookBackMs,
    }),
    busy: proof ? nextBusy(before, proof, { reach, pageSize, changed }, now) : before.busy,
    maxRows: walk ? nextMaxRows(before, walk, poll.provider) : before.maxRows,
    begun: before.begun || (isWhole && proof !== undefined),
    list: walk?.memory ?? before.list,
    open,
    // While the list was not read to where they begin, that may be earlier than what was seen.
    openFrom: isWhole && isOpenShown ? openFrom : earliest([openFrom, before.openFrom]),
    enrich: [...poll.enrich.values()].slice(0, MAX_ENRICH),
    lastChangeAt: changed ? now.toISOString() : before.lastChangeAt,
    pace: changed ? paceAfter(before, poll, now) : before.pace,
  };
}
