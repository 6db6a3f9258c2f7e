import { remainingMs } from '../ranges/backfill.ts';
import { progressOf, type RangeCounts, type RangeJob } from '../ranges/range-job.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../time.ts';

/** What an estimate is made of. */
export interface BackfillPace {
  readonly pageSize: number;
  /** How far apart requests are. */
  readonly apartMs: number;
}

/** The last line of `backfill` with `--json`, but for what became of the local system. */
export interface BackfillResult extends Omit<RangeCounts, 'missedFinal' | 'missedChange'> {
  readonly state: RangeJob['state'];
  readonly dryRun: boolean;
  readonly from: string;
  readonly to: string;
  readonly announce: RangeJob['announce'];
  /** How many calls the provider said are in the range; null where it does not say. */
  readonly expected: number | null;
  /** How long it took; of a dry run, how long it would take at least: null where nobody can say. */
  readonly seconds: number | null;
  readonly ok: boolean;
}

const number = (value: number): string => value.toLocaleString('en');

/** A length of time as people say it: `40 s`, `12 min`, `3.5 h`. */
export function inWords(ms: number): string {
  if (ms < 2 * MINUTE_MS) return `${Math.ceil(ms / SECOND_MS)} s`;
  if (ms < 2 * HOUR_MS) return `${Math.ceil(ms / MINUTE_MS)} min`;
  return `${Math.round((10 * ms) / HOUR_MS) / 10} h`;
}

/** How far a job is, in one line. */
export function progressLine(job: RangeJob, pace: BackfillPace & { now: Date }): string {
  const { counts, expected, position, waitUntil, reason, state, step } = job;
  const share = progressOf(job);
  const leftMs = remainingMs(job, pace);
  const at = position.by === 'time' ? ` at ${position.at.slice(0, 16)}Z` : '';
  const isWaiting = waitUntil !== null && waitUntil > pace.now.toISOString();
  const parts = [
    share === undefined ? undefined : `${Math.floor(share * 100)} %`,
    expected === null
      ? `${number(counts.listed)} calls`
      : `${number(counts.listed)} of about ${number(expected)} calls`,
    `slice ${step}${state === 'running' ? at : ''}`,
    state !== 'running' || leftMs === undefined ? undefined : `about ${inWords(leftMs)} left`,
    isWaiting
      ? `waiting until ${waitUntil.slice(11, 19)}Z${reason ? ` (${reason.replaceAll('_', ' ')})` : ''}`
      : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** What came of a job that has ended. */
export function resultOf(job: RangeJob, { pageSize, apartMs }: BackfillPace): BackfillResult {
  const { state, dryRun, from, to, announce, expected, startedAt, savedAt } = job;
  const { missedFinal: _missed, missedChange: _changed, ...counts } = job.counts;
  const tookMs = Date.parse(savedAt) - Date.parse(startedAt);
  const wouldTakeMs = expected === null ? null : Math.ceil(expected / pageSize) * apartMs;
  const ms = dryRun ? wouldTakeMs : tookMs;
  return {
    state,
    dryRun,
    from,
    to,
    announce,
    expected,
    ...counts,
    seconds: ms === null ? null : Math.round(ms / 100) / 10,
    ok: state === 'done' && counts.unproven + counts.broken + counts.quarantined === 0,
  };
}

/** The same for people. */
export function resultLines(result: BackfillResult): string[] {
  const { state, dryRun, expected, seconds, listed, changed, silent, requests } = result;
  if (state === 'canceled') return [`Canceled; the ${number(changed)} calls recorded so far stay.`];
  if (dryRun) {
    return expected === null || seconds === null
      ? [
          'The list does not say how many calls it has: only a backfill itself will tell how long it takes.',
        ]
      : [
          `About ${number(expected)} calls; at least ${inWords(seconds * 1000)}, and longer where details are read or the provider limits.`,
        ];
  }
  return [
    `${number(listed)} calls were listed, ${number(changed)} recorded or changed, ${number(silent)} of them silent; ${number(requests)} requests in ${inWords((seconds ?? 0) * 1000)}.`,
    ...(result.quarantined > 0
      ? [`${number(result.quarantined)} records could not be read and are set aside.`]
      : []),
    ...(result.unproven > 0
      ? [`${number(result.unproven)} slices changed while they were read: do this again for them.`]
      : []),
    ...(result.broken > 0
      ? [`${number(result.broken)} calls could not be recorded: that is a fault of Callwire.`]
      : []),
  ];
}
