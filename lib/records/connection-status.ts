import { isFinal } from '../calls/call.ts';
import type { StoredCall } from '../calls/version.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import type { ListOrder } from '../polling/list-order.ts';
import type { PollState } from '../polling/poll-state.ts';
import { pollInterval, shortestWait } from '../polling/schedule.ts';
import { type Coverage, isCovered } from '../proof/coverage.ts';
import { providers } from '../providers/index.ts';
import { coverageOf, type RangeCounts, type RangeJob } from '../ranges/range-job.ts';
import { addMs, DAY_MS } from '../time.ts';
import { meterOf, type WebhookMeter } from '../webhooks/meter.ts';
import {
  type ConnectionHealth,
  connectionHealth,
  type Health,
  type KnownConnection,
} from './connection-health.ts';
import type { Records } from './records.ts';

/** What a sweep or backfill found, or has found so far. */
export interface JobStatus extends Pick<RangeCounts, 'listed' | 'missedFinal' | 'missedChange'> {
  readonly state: RangeJob['state'];
  readonly startedAt: string;
  /** When it ended, or was last at work. */
  readonly savedAt: string;
}

/** How often a connection is asked now, and what that makes of delays. */
export interface PaceStatus {
  readonly waitMs: number;
  /** From the end of a call until it is seen, on average: half of the wait. */
  readonly expectedDelayMs: number;
  /** The shortest wait that is allowed, */
  readonly shortestMs: number;
  /** and how much of it is owed to `maxRequestsPerDay`; 0: nothing. */
  readonly budgetMs: number;
}

/** How a connection does, in full. */
export interface ConnectionStatus extends Omit<ConnectionHealth, 'health'> {
  /** Of whatever fails, whether or not people were told; one that waits is well. */
  readonly health: Exclude<Health, 'unwell' | 'waiting'>;
  /** Since when some of its records cannot be read; null: all can. */
  readonly driftedSince: string | null;
  /** Every call created before this has been listed. */
  readonly watermark: string | null;
  /** Calls created since midnight, UTC. */
  readonly callsToday: number;
  /** The instant that the list can be filtered by; null: it has no such filter, and `order` counts. */
  readonly timeFilter: 'createdAt' | 'startedAt' | null;
  /** How the list was seen to be ordered; null: it is filtered, or too few calls were seen. */
  readonly order: ListOrder | null;
  readonly pace: PaceStatus | null;
  readonly daily: JobStatus | null;
  readonly weekly: JobStatus | null;
  readonly backfill: JobStatus | null;
  /** What the last sweep that was done has proven; null: none was yet. */
  readonly coverage: Coverage | null;
  /** Of the last day's final calls, `of` of them at most; null: it takes no webhooks. */
  readonly webhooks: (WebhookMeter & { readonly of: number }) | null;
  readonly quarantined: number;
  readonly unattributed: number;
}

/** So many calls tell how good webhooks are. */
const METERED = 200;

/** Reads how one connection does. */
export async function connectionStatus(
  records: Records,
  known: KnownConnection,
  now: Date,
): Promise<ConnectionStatus> {
  const { id, settings, state } = known;
  const { jobs, quarantined, unattributed } = await records.besides(id);
  const provider = providers.find((each) => each.id === settings?.provider);
  const jobOf = (kind: RangeJob['kind']) => jobStatus(jobs.find((job) => job.kind === kind));
  const { health, ...more } = connectionHealth(known, now);
  return {
    ...more,
    health: health === 'unwell' ? 'failing' : health === 'waiting' ? 'well' : health,
    driftedSince: state?.drift?.since ?? null,
    watermark: state?.watermark ?? null,
    callsToday: await countToday(records, known, jobs, now),
    timeFilter: provider?.list.window?.field ?? null,
    order: state?.list?.order ?? null,
    pace: settings ? paceStatus(settings, state, now) : null,
    ...{ daily: jobOf('daily'), weekly: jobOf('weekly'), backfill: jobOf('backfill') },
    coverage: lastCoverage(jobs),
    webhooks: settings?.webhook ? await readMeter(records, id, now) : null,
    ...{ quarantined, unattributed },
  };
}

/** Not more than that which was proven last: what is lost by it may have been found again since. */
function lastCoverage(jobs: readonly RangeJob[]): Coverage | null {
  const all = jobs.flatMap((job) => coverageOf(job) ?? []);
  return all.toSorted((a, b) => (a.endedAt < b.endedAt ? 1 : -1))[0] ?? null;
}

/** Whether somebody should look at a connection now. */
export const needsALook = ({ health, coverage }: ConnectionStatus): boolean =>
  health === 'failing' || (coverage !== null && !isCovered(coverage));

const jobStatus = (job: RangeJob | undefined): JobStatus | null => {
  if (!job) return null;
  const { state, startedAt, savedAt, counts } = job;
  const { listed, missedFinal, missedChange } = counts;
  return { state, startedAt, savedAt, listed, missedFinal, missedChange };
};

function paceStatus(
  settings: ConnectionSettings,
  state: PollState | undefined,
  now: Date,
): PaceStatus {
  const waitMs = pollInterval(settings, state, now);
  const shortestMs = shortestWait(settings, state);
  const without = shortestWait({ ...settings, maxRequestsPerDay: undefined }, state);
  return { waitMs, expectedDelayMs: waitMs / 2, shortestMs, budgetMs: shortestMs - without };
}

/** Nothing is counted where nothing can have come: polls, sweeps and webhooks each leave a trace when something does. */
async function countToday(
  records: Records,
  { id, settings, state }: KnownConnection,
  jobs: readonly RangeJob[],
  now: Date,
): Promise<number> {
  const from = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
  const traces = [state?.lastChangeAt ?? '', ...jobs.map(({ savedAt }) => savedAt)];
  const mayHaveCome =
    settings?.webhook !== undefined || traces.some((at) => at >= from.toISOString());
  return mayHaveCome ? records.countCalls({ connections: [id], from, to: addMs(from, DAY_MS) }) : 0;
}

async function readMeter(
  records: Records,
  id: string,
  now: Date,
): Promise<ConnectionStatus['webhooks']> {
  const final: StoredCall[] = [];
  const range = { connections: [id], from: addMs(now, -DAY_MS), to: addMs(now, DAY_MS) };
  for await (const page of records.calls(range)) {
    final.push(...page.filter(({ call }) => isFinal(call)));
    if (final.length >= METERED) break;
  }
  const metered = final.slice(0, METERED);
  return { ...meterOf(metered), of: metered.length };
}
