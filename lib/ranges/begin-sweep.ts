import type { ConnectionSettings } from '../config/settings.ts';
import { loadState } from '../polling/poll-memory.ts';
import type { PollStateStore } from '../polling/ports.ts';
import type { Provider } from '../providers/provider.ts';
import type { Clock } from '../time.ts';
import type { RangeJobStore, RangeMessage } from './ports.ts';
import { newSweep, type RangeJob, type SweepKind } from './range-job.ts';

export interface BeginSweepDeps {
  readonly jobs: RangeJobStore;
  readonly states: PollStateStore;
  send(message: RangeMessage): Promise<void>;
  readonly now: Clock;
}

/**
 * Begins a sweep now, whatever its hour, or goes on with the one of its kind that is under way. The one
 * of this day that is still to come is left out then; the next one reaches back to where this one ended.
 */
export async function beginSweep(
  kind: SweepKind,
  settings: ConnectionSettings,
  { list }: { readonly list: Pick<Provider['list'], 'window'> },
  { jobs, states, send, now }: BeginSweepDeps,
): Promise<{ readonly job: RangeJob; readonly isResumed: boolean }> {
  const { id: connection } = settings;
  for (;;) {
    const before = await jobs.load(connection, kind);
    if (before?.state === 'running') {
      await send({ connection, kind, job: before.id, step: before.step });
      return { job: before, isResumed: true };
    }
    const { state: hot } = await loadState(settings, { states, now });
    // Its id is greater than that of the same day, which is a day alone.
    const id = now().toISOString();
    const begun = newSweep({ id, kind }, before, { settings, hot, list, now: now() });
    const job = { ...begun, version: begun.version + 1 };
    // Else somebody began one at the same moment, and that one is followed.
    if (!(await jobs.save(connection, job))) continue;
    await send({ connection, kind, job: id, step: job.step });
    return { job, isResumed: false };
  }
}
