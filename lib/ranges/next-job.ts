import {
  later,
  MAX_LOOK_BACK_MS,
  MIN_LOOK_BACK_MS,
  type PollState,
} from '../polling/poll-state.ts';
import { addMs, MINUTE_MS, SECOND_MS } from '../time.ts';
import { MAX_NAMED } from './missed-calls.ts';
import type { RangeCounts, RangeJob } from './range-job.ts';
import type { Worked } from './read-slice.ts';

/**
 * Tries of one slice that cannot be proven complete, or breaks through a fault of ours, before it is left
 * as it is. Trouble of the provider's is waited out, however long it takes.
 */
const MAX_TRIES = 5;

const LONG_REST_MS = 5 * MINUTE_MS;

const FIRST_RETRY_MS = 30 * SECOND_MS;
const MAX_RETRY_MS = 15 * MINUTE_MS;

function addCounts(before: RangeCounts, more: Partial<RangeCounts>): RangeCounts {
  const sum = { ...before };
  for (const [name, value] of Object.entries(more)) {
    // `more` has no other keys than `before`.
    sum[name as keyof RangeCounts] += value;
  }
  return sum;
}

/** What is counted however the slice ended: each of it happened, and happens once. */
const happened = ({ poll: { counts }, missed }: Worked): Partial<RangeCounts> => ({
  requests: counts.requests,
  detailRequests: counts.detailRequests,
  changed: counts.changed,
  final: counts.final,
  silent: counts.silent,
  quarantined: counts.quarantined,
  missedFinal: missed.finals,
  missedChange: missed.changes,
});

/** A look-back that grows reaches a little further than what was missed. */
const GROWTH = 1.25;

/**
 * How far back hot polls are to look at least, after a daily sweep: as far as would have shown what they
 * missed, and half as far for each day on which they missed nothing.
 */
export function minLookBackAfter(job: RangeJob, { minLookBackMs }: PollState): number {
  if (job.kind !== 'daily' || job.state !== 'done') return minLookBackMs;
  if (job.counts.missedFinal === 0) return Math.max(MIN_LOOK_BACK_MS, minLookBackMs / 2);
  return Math.min(MAX_LOOK_BACK_MS, Math.max(minLookBackMs, job.lookBackMs * GROWTH));
}

/** What a job has become by what working on its slice brought. */
export function nextJob(
  job: RangeJob,
  worked: Worked,
  { now, random }: { now: Date; random: number },
): RangeJob {
  const { end, trouble, poll, missed, listed, pausedUntil } = worked;
  const counts = addCounts(job.counts, happened(worked));
  const worn = {
    ...job,
    version: job.version + 1,
    step: job.step + 1,
    counts,
    missed: [...job.missed, ...missed.ids].slice(0, MAX_NAMED),
    expectsNew: worked.expectsNew,
    savedAt: now.toISOString(),
    lookBackMs: Math.min(MAX_LOOK_BACK_MS, Math.max(job.lookBackMs, missed.lookBackMs)),
    waitUntil: later(
      pausedUntil?.toISOString() ?? null,
      // Shorter ones are the delay of the next message.
      worked.restMs > LONG_REST_MS ? addMs(now, worked.restMs).toISOString() : null,
    ),
  };
  const again = (reason: string, position = job.position): RangeJob => {
    const waitMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** job.tries) * (0.8 + 0.4 * random);
    const retryAt = addMs(now, waitMs).toISOString();
    const isTold = pausedUntil !== undefined && trouble !== undefined;
    return {
      ...worn,
      position,
      reason,
      // Who is told to wait has not failed.
      tries: isTold ? job.tries : job.tries + 1,
      waitUntil: isTold ? worn.waitUntil : later(worn.waitUntil, retryAt),
    };
  };
  const goOn = (next: RangeJob['position'] | undefined, more: Partial<RangeCounts>): RangeJob => ({
    ...worn,
    ...(next === undefined ? { state: 'done' } : { position: next }),
    counts: addCounts(counts, { listed, ...more }),
    tries: 0,
    reason: null,
  });

  if (!end) return again(trouble?.reason ?? 'unknown');
  const isLastTry = job.tries + 1 >= MAX_TRIES;
  const broken = poll.faults.length;
  if (!end.proven) {
    return isLastTry ? goOn(end.skipTo, { unproven: 1, broken }) : again('unproven', end.next);
  }
  if (broken > 0 && !isLastTry) return again('broken');
  const after = goOn(end.next, { broken });
  return end.expected === undefined ? after : { ...after, expected: end.expected };
}
