import { connectionSchema } from '../config/settings.ts';
import { errorFields } from '../log.ts';
import { loadState } from '../polling/poll-memory.ts';
import { addProofs } from '../proof/coverage.ts';
import { providerById } from '../providers/index.ts';
import { MINUTE_MS } from '../time.ts';
import { minLookBackAfter, nextJob } from './next-job.ts';
import type { RangeDeps, RangeMessage } from './ports.ts';
import { proveSlice, tellOfCoverage } from './prove-slice.ts';
import { newSweep, type RangeJob } from './range-job.ts';
import { readSlice, type Task, type Worked } from './read-slice.ts';
import { tellHotPolling } from './tell-hot-polling.ts';

/** The longest that a queue can hold a message back. */
const MAX_DELAY_MS = 15 * MINUTE_MS;

/**
 * A message for a slice that is done comes again either because queues do that, and then its follower is
 * under way; or because whoever worked on it died before sending that. After so long it was the latter:
 * longer than a slice takes, shorter than a message stays hidden from the others.
 */
export const FOLLOWER_LOST_MS = 20 * MINUTE_MS;

/** The job that a message is about; undefined when there is nothing to be done about it any more. */
async function taskOf(message: RangeMessage, deps: RangeDeps): Promise<Task | undefined> {
  const { connection, kind, job: id } = message;
  const [written, stored] = await Promise.all([
    deps.connection(connection),
    deps.jobs.load(connection, kind),
  ]);
  // Removed from the file, so nothing is asked of it; what was done of the job stays.
  if (written === undefined) return undefined;
  const settings = connectionSchema.parse(written);
  const provider = providerById(settings.provider);
  const { state: hot } = await loadState(settings, deps);
  const begins = kind !== 'backfill' && message.step === 0 && (!stored || stored.id < id);
  const job = begins
    ? newSweep({ id, kind }, stored, { settings, hot, list: provider.list, now: deps.now() })
    : stored;
  return job?.id === id && job.state === 'running' ? { settings, provider, hot, job } : undefined;
}

/** Adds what the slice proves, unless it is to be read again. */
async function withProof(
  job: RangeJob,
  worked: Worked,
  connection: string,
  deps: RangeDeps,
): Promise<RangeJob> {
  if (job.kind === 'backfill' || job.reason !== null) return job;
  const proof = addProofs(job.proof, await proveSlice(connection, job, worked, deps));
  return { ...job, proof };
}

/** Says what a job that is done has found, and counts what hot polling had missed. */
function tellOfEnd(connection: string, job: RangeJob, deps: RangeDeps): void {
  const { log, count } = deps;
  const { kind, dryRun, counts } = job;
  if (dryRun) return;
  const { missedFinal, missedChange, unproven, broken } = counts;
  tellOfCoverage(connection, job, deps);
  const ok = unproven + broken === 0;
  log(ok ? 'info' : 'warn', kind === 'backfill' ? 'backfilled' : 'swept', {
    connection,
    kind,
    ok,
    ...counts,
  });
  if (kind === 'backfill') return;
  if (missedFinal > 0) count('OutcomesMissed', missedFinal);
  if (missedChange > 0) count('ChangesMissed', missedChange);
}

/**
 * Works on the slice of a job that a message asks for, and asks for the next one. What was seen is
 * recorded first, then hot polling is told, then the job moves on, then the next message is sent: who dies
 * in between leaves a message that comes again, and a slice that is read again at worst.
 */
export async function workOnRange(message: RangeMessage, deps: RangeDeps): Promise<void> {
  const task = await taskOf(message, deps);
  if (!task) return;
  const { job, hot, settings } = task;
  const now = deps.now();
  if (message.step !== job.step) {
    const isLost = now.getTime() - Date.parse(job.savedAt) >= FOLLOWER_LOST_MS;
    if (message.step < job.step && isLost) await deps.send({ ...message, step: job.step }, 0);
    return;
  }
  const untilMs = (instant: string | null) => (instant ? Date.parse(instant) - now.getTime() : 0);
  const waitMs = Math.max(untilMs(hot.backoffUntil), untilMs(job.waitUntil));
  if (waitMs > 0) return deps.send(message, Math.min(MAX_DELAY_MS, waitMs));

  const worked = await readSlice(task, deps);
  const { poll, pausedUntil } = worked;
  const awaitsDetails = job.kind !== 'backfill';
  const moved = nextJob(job, worked, { now: deps.now(), random: deps.random() });
  const next = await withProof(moved, worked, settings.id, deps);
  const minLookBackMs = minLookBackAfter(next, hot);
  await tellHotPolling(task, { poll, pausedUntil, awaitsDetails, minLookBackMs }, deps);
  for (const fault of poll.faults) tellOfFault(settings.id, fault, deps);
  // Somebody else worked on the same slice and was first, or the job was canceled.
  if (!(await deps.jobs.save(settings.id, next))) return;
  if (next.state !== 'running') return tellOfEnd(settings.id, next, deps);
  const restMs = next.waitUntil ? Date.parse(next.waitUntil) - deps.now().getTime() : worked.restMs;
  await deps.send({ ...message, step: next.step }, Math.min(MAX_DELAY_MS, Math.max(0, restMs)));
}

const tellOfFault = (connection: string, fault: unknown, { log }: RangeDeps): void =>
  log('error', 'a row of a sweep could not be recorded', { connection, ...errorFields(fault) });
