import type { StoredCall } from '../calls/version.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import { isOtherSide, type OtherSideError } from '../errors.ts';
import { type Asker, askerOf } from '../polling/ask-provider.ts';
import { beginPoll } from '../polling/begin-poll.ts';
import type { Poll } from '../polling/poll.ts';
import type { PollState } from '../polling/poll-state.ts';
import { longestWait } from '../polling/schedule.ts';
import type { Provider } from '../providers/provider.ts';
import { DAY_MS, HOUR_MS } from '../time.ts';
import { countExpected } from './count-expected.ts';
import { expectingNew } from './expecting-new.ts';
import { countingMissed, type Missed, NONE_MISSED } from './missed-calls.ts';
import { notingVersions } from './note-versions.ts';
import { readPageSlice } from './page-slice.ts';
import type { RangeDeps } from './ports.ts';
import type { RangeJob } from './range-job.ts';
import { requestPace } from './request-pace.ts';
import type { Slice, SliceEnd } from './slice.ts';
import { readTimeSlice } from './time-slice.ts';

/** A job, and the world around it as it is now. */
export interface Task {
  readonly settings: ConnectionSettings;
  readonly provider: Provider;
  readonly hot: PollState;
  readonly job: RangeJob;
}

/** What working on a slice brought. */
export interface Worked {
  /** Undefined: the provider's trouble ended it before its end. */
  readonly end: SliceEnd | undefined;
  readonly trouble: OtherSideError | undefined;
  readonly poll: Poll;
  readonly missed: Readonly<Missed>;
  readonly expectsNew: boolean;
  readonly listed: number;
  readonly listedIds: ReadonlySet<string>;
  /** The last version of each call that was read or written; of a backfill, of none. */
  readonly seen: ReadonlyMap<string, StoredCall>;
  /** Until when the provider told us to wait. */
  readonly pausedUntil: Date | undefined;
  /** How long it is until the next request may go out. */
  readonly restMs: number;
}

const perRequestMs = ({ maxRequestsPerDay }: ConnectionSettings): number =>
  maxRequestsPerDay ? DAY_MS / maxRequestsPerDay : 0;

/** How far apart the requests of sweeps and backfills are: what is left is hot polling's. */
export const apartMs = (settings: ConnectionSettings): number =>
  Math.max(settings.poll.background, perRequestMs(settings));

/**
 * Within a slice requests are no further apart, or it would not end within the time of its function; what
 * was too fast is made up for by a longer rest before the next.
 */
const MAX_APART_MS = 10_000;

/** Of the time of a slice, what may go into reading details. */
const DETAILS_MS = 200_000;

/** Hot polling has had its chance at a call that ended longer ago than this. */
const graceMs = (settings: ConnectionSettings, hot: PollState): number =>
  Math.max(HOUR_MS, 2 * longestWait(settings, hot));

const NONE_SEEN: ReadonlyMap<string, StoredCall> = new Map();

const SILENCE = { news: undefined, none: 'silent', events: 'announced' } as const satisfies Record<
  RangeJob['announce'],
  unknown
>;

/** Reads the slice that a job has come to, by the same code that reads what hot polls see. */
export async function readSlice(task: Task, deps: RangeDeps): Promise<Worked> {
  const { settings, provider, hot, job } = task;
  const asker = askerOf(settings, provider, deps, { freshKey: job.reason === 'key_refused' });
  const apart = apartMs(settings);
  const inSliceMs = Math.min(MAX_APART_MS, apart);
  const pace = requestPace(inSliceMs, deps);
  const startedAt = deps.now().getTime();
  const paced: Asker = {
    ...asker,
    ask: async (request, timeoutMs) => {
      await pace.turn();
      return asker.ask(request, timeoutMs);
    },
  };
  const { store: noted, seen } =
    job.kind === 'backfill' ? { store: deps.calls, seen: NONE_SEEN } : notingVersions(deps.calls);
  // What a backfill finds, nobody missed: it was not asked for before.
  const { store, missed } =
    job.kind === 'backfill'
      ? { store: noted, missed: NONE_MISSED }
      : countingMissed(noted, {
          graceMs: graceMs(settings, hot),
          baselineAt: hot.baselineAt,
          now: deps.now,
        });
  // Without the recent fingerprints: what hot polling recorded is asked of the store itself.
  const memory = { state: hot, recents: '' };
  const expectation = { isNew: job.expectsNew };
  // Where a detail is read first, a call must be known to be new before that is asked for.
  const calls = job.announce === 'none' ? expectingNew(store, expectation) : store;
  const begun = beginPoll(settings, provider, { ...deps, calls }, memory, paced);
  const policy = {
    ...begun.policy,
    via: 'sweep',
    overWhenFirstSeen: SILENCE[job.announce],
  } as const;
  const poll: Poll = { ...begun, policy };
  const [from, to] = [new Date(job.from), new Date(job.to)];
  // Where each row is announced with its detail, a slice must leave time for reading all of them.
  const isDetailed = job.announce === 'events' && provider.detail?.enriches === true;
  const maxRows = isDetailed ? Math.floor(DETAILS_MS / inSliceMs) : Number.POSITIVE_INFINITY;
  const slice: Slice = { poll, job, from, to, maxRows, listed: new Set() };
  const restMs = (): number => {
    const { requests, detailRequests } = poll.counts;
    const owedUntil = startedAt + (requests + detailRequests) * apart;
    return Math.max(pace.waitMs(), owedUntil - deps.now().getTime());
  };
  const worked = (end?: SliceEnd, trouble?: OtherSideError): Worked => ({
    end,
    trouble,
    poll,
    missed,
    expectsNew: expectation.isNew,
    listed: slice.listed.size,
    listedIds: slice.listed,
    seen,
    pausedUntil: asker.paused()?.until,
    restMs: restMs(),
  });
  try {
    return worked(await readNext(slice));
  } catch (error) {
    if (!isOtherSide(error)) throw error;
    return worked(undefined, error);
  }
}

function readNext(slice: Slice): Promise<SliceEnd> {
  const { kind, step, position } = slice.job;
  if (kind === 'backfill' && step === 0) return countExpected(slice);
  return position.by === 'time' ? readTimeSlice(slice, position) : readPageSlice(slice, position);
}
