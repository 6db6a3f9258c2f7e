import { isCovered } from '../proof/coverage.ts';
import type { RangeCounts, RangeJob } from '../ranges/range-job.ts';
import { inWords } from './backfill-report.ts';

/** One sweep in what `sweep` prints with `--json`. */
export interface SweepResult extends RangeCounts {
  readonly connection: string;
  readonly kind: RangeJob['kind'];
  readonly state: RangeJob['state'];
  readonly from: string;
  readonly to: string;
  /** Ids of calls that polls had missed, as far as they are named. */
  readonly missed: readonly string[];
  /** Listed calls that are not recorded, or that somebody was not told of, and the first of them. */
  readonly lost: number;
  readonly lostCalls: readonly string[];
  readonly seconds: number;
  readonly ok: boolean;
}

/** What came of a sweep that has ended. */
export function sweepResultOf(connection: string, job: RangeJob): SweepResult {
  const { kind, state, from, to, counts, missed, proof, startedAt, savedAt } = job;
  return {
    connection,
    kind,
    state,
    from,
    to,
    ...counts,
    missed,
    seconds: Math.round((Date.parse(savedAt) - Date.parse(startedAt)) / 100) / 10,
    lost: proof.lost,
    lostCalls: proof.names.map(({ call, hop }) => `${call} (not ${hop})`),
    ok:
      state === 'done' &&
      counts.unproven + counts.broken + counts.quarantined === 0 &&
      isCovered({ proof }),
  };
}

const number = (value: number): string => value.toLocaleString('en');

/** The same for people. */
export function sweepLines(result: SweepResult): string[] {
  const { connection, from, listed, changed, missedFinal, missedChange, missed } = result;
  const { requests, seconds } = result;
  const found = missedFinal + missedChange;
  const unnamed = found - missed.length;
  return [
    `${connection}: ${number(listed)} calls since ${from.slice(0, 16)}Z, ${number(changed)} recorded or changed; ${number(requests)} requests in ${inWords(seconds * 1000)}.`,
    found === 0
      ? '  Nothing was missing that polls should have seen by now.'
      : `  Polls had missed ${number(missedFinal)} outcomes and ${number(missedChange)} changes, which are told now: ${missed.join(', ')}${unnamed > 0 ? ` and ${number(unnamed)} more` : ''}.`,
    ...(result.lost > 0
      ? [
          `  ${number(result.lost)} listed calls are LOST: ${result.lostCalls.join(', ')}. callwire trace says of each what is missing.`,
        ]
      : []),
    ...(result.quarantined > 0
      ? [`  ${number(result.quarantined)} records could not be read and are set aside.`]
      : []),
    ...(result.unproven > 0
      ? [
          `  ${number(result.unproven)} slices changed while they were read: do this again for them.`,
        ]
      : []),
    ...(result.broken > 0
      ? [`  ${number(result.broken)} calls could not be recorded: that is a fault of Callwire.`]
      : []),
  ];
}
