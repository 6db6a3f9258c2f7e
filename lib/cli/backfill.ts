import { setTimeout as wait } from 'node:timers/promises';
import { providerById } from '../providers/index.ts';
import {
  type BackfillOrder,
  BackfillUnderWay,
  beginBackfill,
  cancelBackfill,
} from '../ranges/backfill.ts';
import type { RangeJob } from '../ranges/range-job.ts';
import { apartMs } from '../ranges/read-slice.ts';
import { orWithFix } from './aws-trouble.ts';
import { type BackfillPace, progressLine, resultLines, resultOf } from './backfill-report.ts';
import { settingsOf } from './connection-settings.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import type { Where } from './locate.ts';
import { type ReachedRanges, reachRanges } from './reach-ranges.ts';
import { handleSignals, type Stopping } from './stopping.ts';

export interface BackfillOptions extends Where {
  readonly connection: string;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly announce?: 'none' | 'events' | undefined;
  readonly dryRun: boolean;
  readonly cancel: boolean;
  readonly json: boolean;
}

/** No provider of voice agents is older: what is earlier is a mistyped year. */
const EARLIEST = new Date('2015-01-01T00:00:00Z');

/** A job is looked at this often; on AWS each look is a read that is paid for. */
export const LOOK_MS = { local: 250, aws: 3_000 } as const;

const DRAIN_MS = 60_000;

/** @throws UserError naming what is missing or wrong, and what to write */
export function orderOf(
  { from, to, announce, dryRun }: Omit<BackfillOptions, 'connection'>,
  now: Date,
): BackfillOrder {
  if (!from || !to) {
    throw new UserError(
      'A backfill needs --from and --to, such as --from 2026-01-01 --to 2026-02-01.',
    );
  }
  if (!announce && !dryRun) {
    throw new UserError(
      'A backfill needs --announce: none keeps calls that are over silent for ever, events tells of each as if it had just ended.',
    );
  }
  if (from >= to) throw new UserError('--from is not before --to: nothing lies in between.');
  if (from < EARLIEST) {
    throw new UserError(
      `--from is ${from.toISOString().slice(0, 10)}; write a time after ${EARLIEST.toISOString().slice(0, 10)}.`,
    );
  }
  if (to > now) {
    throw new UserError(
      `--to lies ahead; write a time up to now, such as ${now.toISOString().slice(0, 19)}Z. What comes is polled.`,
    );
  }
  return { from, to, announce: announce ?? 'none', dryRun };
}

async function cancel(connection: string, system: ReachedRanges, json: boolean): Promise<number> {
  const job = await cancelBackfill(connection, system);
  if (json) console.log(JSON.stringify({ canceled: job !== undefined }));
  else {
    console.log(
      job
        ? `Canceled. The ${job.counts.changed} calls that it recorded stay.`
        : `No backfill of ${connection} is under way.`,
    );
  }
  return EXIT.allIsWell;
}

/** Watches a job until it ends, or somebody wants to go. Undefined: the latter. */
async function watch(
  connection: string,
  system: ReachedRanges,
  pace: BackfillPace,
  { lookMs, isStopped }: { lookMs: number; isStopped: () => boolean },
): Promise<RangeJob | undefined> {
  let shown = '';
  while (!isStopped()) {
    const job = await system.jobs.load(connection, 'backfill');
    if (!job) throw new UserError(`The backfill of ${connection} is not there any more.`);
    const line = progressLine(job, { ...pace, now: new Date() });
    if (line !== shown) console.error(line);
    shown = line;
    if (job.state !== 'running') return job;
    await wait(lookMs);
  }
  return undefined;
}

const goesOn = ({ connection, stack }: BackfillOptions, { session }: ReachedRanges): string => {
  const where = stack === undefined ? '' : ` --stack ${stack}`;
  const how = session
    ? 'It goes on where it is with the same command, or with `callwire run`.'
    : 'It goes on without this command; the same command shows how far it is.';
  return `${how} To give it up: callwire backfill --connection ${connection}${where} --cancel`;
};

async function follow(
  options: BackfillOptions,
  system: ReachedRanges,
  order: BackfillOrder,
  { untilTimeOrSignal }: Stopping,
): Promise<number> {
  const { connection, stack, json } = options;
  const settings = await settingsOf(system, connection);
  const { list } = providerById(settings.provider);
  const pace = { pageSize: list.maxPageSize, apartMs: apartMs(settings) };
  const begun = await beginBackfill(connection, order, list, { ...system, now: () => new Date() });
  if (begun.isResumed) console.error('callwire: the same backfill is under way: going on with it');
  let stopped = false;
  void untilTimeOrSignal(undefined).then(() => {
    stopped = true;
  });
  const lookMs = stack === undefined ? LOOK_MS.local : LOOK_MS.aws;
  const job = await watch(connection, system, pace, { lookMs, isStopped: () => stopped });
  if (!job) {
    console.error(goesOn(options, system));
    return system.session ? EXIT.needsALook : EXIT.allIsWell;
  }
  const drained = (await system.session?.drain(DRAIN_MS)) ?? true;
  const result = resultOf(job, pace);
  console.log(json ? JSON.stringify({ ...result, drained }) : resultLines(result).join('\n'));
  if (!drained) console.error('Something is still on its way: the next run lets it arrive.');
  return result.ok && drained ? EXIT.allIsWell : EXIT.needsALook;
}

/** Reads a range of a connection's past. Returns the exit status. */
export async function backfill(options: BackfillOptions): Promise<number> {
  const { connection } = options;
  const order = options.cancel ? undefined : orderOf(options, new Date());
  const stopping = handleSignals();
  const system = await orWithFix(reachRanges(options));
  try {
    return await orWithFix(
      order ? follow(options, system, order, stopping) : cancel(connection, system, options.json),
    );
  } catch (error) {
    if (!(error instanceof BackfillUnderWay)) throw error;
    throw new UserError(
      `${error.message}, and a connection has one at a time. Wait for it, or give it up with --cancel.`,
    );
  } finally {
    await system.close();
  }
}
