import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { ConnectionSettings } from '../config/settings.ts';
import { eachLimited } from '../each-limited.ts';
import { providerById } from '../providers/index.ts';
import { beginSweep } from '../ranges/begin-sweep.ts';
import type { RangeJob, SweepKind } from '../ranges/range-job.ts';
import { apartMs } from '../ranges/read-slice.ts';
import { LOOK_MS } from './backfill.ts';
import { progressLine } from './backfill-report.ts';
import { settingsOf } from './connection-settings.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import { type Where, withLocated } from './locate.ts';
import { type ReachedRanges, reachRanges } from './reach-ranges.ts';
import { handleSignals, type Stopping } from './stopping.ts';
import { type SweepResult, sweepLines, sweepResultOf } from './sweep-report.ts';

export interface SweepOptions extends Where {
  readonly connection?: string | undefined;
  readonly all: boolean;
  readonly kind: SweepKind;
  readonly json: boolean;
}

const DRAIN_MS = 60_000;

/** As many connections are followed at a time. */
const AT_ONCE = 10;

/** @throws UserError when it is not said which connections, or there is none */
async function connectionsOf(
  { connection, all }: SweepOptions,
  system: ReachedRanges,
): Promise<ConnectionSettings[]> {
  if (connection !== undefined) return [await settingsOf(system, connection)];
  if (!all) return [];
  const ids = z.array(z.looseObject({ id: z.string() })).parse(await system.connections());
  if (ids.length === 0) throw new UserError('There are no connections there to be swept.');
  return Promise.all(ids.map(({ id }) => settingsOf(system, id)));
}

/** Begins one sweep and watches it. Undefined: somebody wants to go before its end. */
async function sweepOne(
  settings: ConnectionSettings,
  system: ReachedRanges,
  { kind, lookMs, isStopped }: { kind: SweepKind; lookMs: number; isStopped: () => boolean },
): Promise<RangeJob | undefined> {
  const { list } = providerById(settings.provider);
  const say = (line: string) => console.error(`${settings.id}: ${line}`);
  const deps = { ...system, now: () => new Date() };
  const begun = await beginSweep(kind, settings, { list }, deps);
  if (begun.isResumed) say(`a ${kind} sweep is under way: going on with it`);
  let shown = '';
  while (!isStopped()) {
    const job = await system.jobs.load(settings.id, kind);
    if (job?.id !== begun.job.id) {
      throw new UserError(`Another sweep of ${settings.id} has taken over: do this again.`);
    }
    const pace = { pageSize: list.maxPageSize, apartMs: apartMs(settings), now: new Date() };
    const line = progressLine(job, pace);
    if (line !== shown) say(line);
    shown = line;
    if (job.state !== 'running') return job;
    await wait(lookMs);
  }
  return undefined;
}

async function sweepAll(
  options: SweepOptions,
  system: ReachedRanges,
  { untilTimeOrSignal }: Stopping,
): Promise<number> {
  const { kind, stack, json } = options;
  const connections = await connectionsOf(options, system);
  let stopped = false;
  void untilTimeOrSignal(undefined).then(() => {
    stopped = true;
  });
  const lookMs = stack === undefined ? LOOK_MS.local : LOOK_MS.aws;
  const sweeps: SweepResult[] = [];
  await eachLimited(connections, AT_ONCE, async (settings) => {
    const job = await sweepOne(settings, system, { kind, lookMs, isStopped: () => stopped });
    if (job) sweeps.push(sweepResultOf(settings.id, job));
  });
  if (stopped) {
    console.error(
      system.session
        ? 'What was begun goes on where it is with the same command.'
        : 'What was begun goes on without this command; the same command shows how far it is.',
    );
    return system.session ? EXIT.needsALook : EXIT.allIsWell;
  }
  const drained = (await system.session?.drain(DRAIN_MS)) ?? true;
  console.log(json ? JSON.stringify({ sweeps, drained }) : sweeps.flatMap(sweepLines).join('\n'));
  if (!drained) console.error('Something is still on its way: the next run lets it arrive.');
  return drained && sweeps.every(({ ok }) => ok) ? EXIT.allIsWell : EXIT.needsALook;
}

/** Sweeps connections now, and follows that to its end. Returns the exit status. */
export async function sweep(options: SweepOptions): Promise<number> {
  const { connection, all } = options;
  if ((connection === undefined) !== all) {
    throw new UserError('Say which connections: --connection <id>, or --all.');
  }
  const stopping = handleSignals();
  return withLocated(reachRanges(options), (system) => sweepAll(options, system, stopping));
}
