import type { Clock } from '../time.ts';
import type { RangeJobStore, RangeMessage } from './ports.ts';
import { newBackfill, progressOf, type RangeJob } from './range-job.ts';

/** What somebody wants to be read. */
export interface BackfillOrder {
  readonly from: Date;
  readonly to: Date;
  /** What is announced of calls that are over when this first sees them. Others are as ever. */
  readonly announce: 'none' | 'events';
  /** Only ask how many calls there are. */
  readonly dryRun: boolean;
}

export interface BackfillDeps {
  readonly jobs: RangeJobStore;
  send(message: RangeMessage): Promise<void>;
  readonly now: Clock;
}

/** A connection has one backfill at a time. */
export class BackfillUnderWay extends Error {
  override name = 'BackfillUnderWay';
  readonly job: RangeJob;

  constructor(job: RangeJob) {
    super(`A backfill from ${job.from} to ${job.to} is under way`);
    this.job = job;
  }
}

const isSame = (job: RangeJob, order: BackfillOrder): boolean =>
  job.from === order.from.toISOString() &&
  job.to === order.to.toISOString() &&
  job.announce === order.announce &&
  job.dryRun === order.dryRun;

const messageOf = (connection: string, { kind, id, step }: RangeJob): RangeMessage => ({
  connection,
  kind,
  job: id,
  step,
});

/**
 * Begins a backfill, or goes on with the same one where it is.
 *
 * @throws BackfillUnderWay when the connection has another
 */
export async function beginBackfill(
  connection: string,
  order: BackfillOrder,
  list: { readonly window: unknown },
  { jobs, send, now }: BackfillDeps,
): Promise<{ readonly job: RangeJob; readonly isResumed: boolean }> {
  const before = await jobs.load(connection, 'backfill');
  if (before?.state === 'running') {
    if (!isSame(before, order)) throw new BackfillUnderWay(before);
    await send(messageOf(connection, before));
    return { job: before, isResumed: true };
  }
  const begun = newBackfill(order, before, list, now());
  const job = { ...begun, version: begun.version + 1 };
  if (!(await jobs.save(connection, job))) {
    // Somebody else began one at the same moment.
    throw new BackfillUnderWay((await jobs.load(connection, 'backfill')) ?? job);
  }
  await send(messageOf(connection, job));
  return { job, isResumed: false };
}

/** Asks again for the next slice of a backfill whose messages may be hidden after a crash, if there is one. */
export async function resumeBackfill(
  connection: string,
  { jobs, send }: Omit<BackfillDeps, 'now'>,
): Promise<void> {
  const job = await jobs.load(connection, 'backfill');
  if (job?.state === 'running') await send(messageOf(connection, job));
}

/** Gives a backfill up; what it recorded stays. Undefined: there was none under way. */
export async function cancelBackfill(
  connection: string,
  { jobs }: Pick<BackfillDeps, 'jobs'>,
): Promise<RangeJob | undefined> {
  for (;;) {
    const job = await jobs.load(connection, 'backfill');
    if (job?.state !== 'running') return undefined;
    const canceled = { ...job, version: job.version + 1, state: 'canceled' as const };
    // Else a slice was done meanwhile.
    if (await jobs.save(connection, canceled)) return canceled;
  }
}

/** A share of a job that is done says something about the rest only from here on. */
const MEASURABLE = 0.05;

/**
 * How long a job will still take, in milliseconds: by what it has taken so far, or, at its beginning, by
 * how many calls there are and how far apart requests are. Undefined: nobody can say.
 */
export function remainingMs(
  job: RangeJob,
  { pageSize, apartMs, now }: { pageSize: number; apartMs: number; now: Date },
): number | undefined {
  const share = progressOf(job);
  if (share === undefined) return undefined;
  if (share >= MEASURABLE) {
    return ((now.getTime() - Date.parse(job.startedAt)) * (1 - share)) / share;
  }
  return job.expected === null ? undefined : Math.ceil(job.expected / pageSize) * apartMs;
}
