import type { CallStore } from '../../../lib/calls/call-store.ts';
import { normalizeCall } from '../../../lib/calls/normalize-call.ts';
import { recordObservation } from '../../../lib/calls/record-observation.ts';
import type { StoredCall } from '../../../lib/calls/version.ts';
import { type ConnectionSettings, connectionSchema } from '../../../lib/config/settings.ts';
import { createRandom } from '../../../lib/local/simulators/random.ts';
import { latestStart } from '../../../lib/polling/dispatch-polls.ts';
import { pollConnection } from '../../../lib/polling/poll-connection.ts';
import type { PollDeps } from '../../../lib/polling/ports.ts';
import { dueInstants, pollInterval } from '../../../lib/polling/schedule.ts';
import { isListed } from '../../../lib/providers/provider.ts';
import { samva } from '../../../lib/providers/samva/index.ts';
import { addMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../lib/time.ts';
import { memoryPollStates, memoryQuarantine, memoryRawBucket } from '../../support/memory-calls.ts';
import { NO_ROUTES } from '../../support/no-routes.ts';
import { samvaOver, samvaRecord } from './samva-list.ts';
import type { Polled, Watched } from './score.ts';
import { sweeper } from './sweeps.ts';
import { isMeasured, type Period, type TraceCall, type Traced } from './trace.ts';

/** How a provider tells of ends by itself: this share of them, so long after. */
export interface Hints {
  readonly share: number;
  readonly afterMs: number;
}

export interface Contestant {
  /** As the operator would write it. */
  readonly poll: { readonly every?: string; readonly max?: string; readonly patience?: string };
  readonly hints?: Hints;
}

/** No poll is out of time here. */
const TIME_MS = HOUR_MS;

/** A clock that others move. */
function virtualClock(start: number) {
  let time = start;
  return {
    now: () => new Date(time),
    set: (at: number) => {
      time = at;
    },
  };
}

/**
 * A store of calls that notes when one is first stored as final, and when with its summary. Nothing is
 * copied and no stream kept, unlike in the reference of the tests: a busy connection has 20,000 versions.
 */
function notingStore(calls: readonly TraceCall[], now: () => Date) {
  const indexOf = new Map(calls.map(({ id }, index) => [id, index]));
  const stored = new Map<string, StoredCall>();
  const finalSeenAt: (number | undefined)[] = [];
  const updateSeenAt: (number | undefined)[] = [];
  const store: CallStore = {
    get: async (_connection, ids) =>
      new Map(
        ids.flatMap((id): [string, StoredCall][] => {
          const known = stored.get(id);
          return known ? [[id, known]] : [];
        }),
      ),
    write: async (next) => {
      const { id, summary } = next.call;
      if ((stored.get(id)?.version ?? 0) !== next.version - 1) return false;
      stored.set(id, { ...next, raw: null });
      const index = indexOf.get(id) ?? -1;
      if (next.revision > 0) finalSeenAt[index] ??= now().getTime();
      if (summary !== null) updateSeenAt[index] ??= now().getTime();
      return true;
    },
    notify: async () => true,
  };
  return { store, finalSeenAt, updateSeenAt };
}

/** The beginning of the minute, as dispatch counts them, that an instant lies in. */
const minuteOf = (at: number, { start }: Period): Date => new Date(at - ((at - start) % MINUTE_MS));

/** Records what a provider told by itself, as polling records what it reads. */
async function takeHint(call: TraceCall, settings: ConnectionSettings, deps: PollDeps) {
  const at = deps.now();
  const record = samva.detail?.read(samvaRecord(call, at.getTime()));
  if (!record || !isListed(record)) throw new Error('A record of the trace cannot be read');
  const seen = {
    call: normalizeCall(record.facts, samva, settings),
    seenAt: at.toISOString(),
    receivedAt: at.toISOString(),
    endedBy: null,
    rowPrint: null,
    raw: [record.raw],
  };
  const known = (await deps.calls.get(settings.id, [call.id])).get(call.id);
  const policy = { baselineAt: null, announceWithinMs: 7 * 24 * HOUR_MS, withheld: [], now: at };
  await recordObservation(seen, known, policy, deps);
}

/**
 * The production code over one connection: what `dispatch` would send each minute, each tick polled at
 * its instant, over Samva's wire format and stores in memory.
 */
export async function watchWithCallwire(
  traced: Traced,
  { poll, hints }: Contestant,
  period: Period,
): Promise<Watched> {
  const { id, calls } = traced;
  const written = { id, provider: samva.id, key: 'env:KEY', poll, firstRun: 'all' };
  const settings = connectionSchema.parse(written);
  const clock = virtualClock(period.start);
  const random = createRandom(1);
  const states = memoryPollStates();
  const { store, finalSeenAt, updateSeenAt } = notingStore(calls, clock.now);
  const deps: Omit<PollDeps, 'deadline'> = {
    calls: store,
    states,
    quarantine: memoryQuarantine(),
    raws: memoryRawBucket(),
    http: samvaOver(calls, clock.now),
    now: clock.now,
    random: random.next,
    secret: async () => 'key',
  };
  const withDeadline = (): PollDeps => ({ ...deps, deadline: addMs(clock.now(), TIME_MS) });

  const told = calls
    .filter(() => hints !== undefined && random.next() < hints.share)
    .map((call) => ({ call, at: call.endedAt + (hints?.afterMs ?? 0) }))
    .sort((a, b) => a.at - b.at);
  const counts = { requests: 0, detailRequests: 0 };
  const polls: Polled[] = [];
  const sweeps = sweeper(
    id,
    (at) => {
      clock.set(at);
      return {
        ...withDeadline(),
        ...NO_ROUTES,
        connection: async () => written,
        log: () => {},
        count: () => {},
      };
    },
    period,
  );

  async function pollAt(at: number): Promise<void> {
    for (let next = told[0]; next && next.at <= at; next = told[0]) {
      told.shift();
      clock.set(next.at);
      await takeHint(next.call, settings, withDeadline());
    }
    await sweeps.sweepUntil(at);
    clock.set(at);
    const report = await pollConnection(settings, samva, withDeadline());
    if (!report.ok) throw new Error(`A poll failed: ${report.reason}`);
    if (!isMeasured(period, at)) return;
    counts.requests += report.requests;
    counts.detailRequests += report.detailRequests;
  }

  for (let minute = period.start; minute < period.end; ) {
    const state = states.states.get(id);
    // Each minute is dispatched by the state at its start. While that does not change, so do not the
    // instants, and an hour of them can be had at once.
    const until = Math.min(period.end, minute + HOUR_MS);
    let dispatchedUntil = until;
    for (const at of dueInstants(settings, state, new Date(minute), new Date(until))) {
      if (at >= dispatchedUntil) break;
      polls.push({ at, by: latestStart(at, pollInterval(settings, state, minuteOf(at, period))) });
      await pollAt(at);
      const isAsDispatched = states.states.get(id)?.version === state?.version;
      if (!isAsDispatched) {
        const nextMinute = minuteOf(at, period).getTime() + MINUTE_MS;
        dispatchedUntil = Math.min(dispatchedUntil, nextMinute);
      }
    }
    minute = dispatchedUntil;
  }

  await sweeps.sweepUntil(Number.POSITIVE_INFINITY);
  return { ...counts, sweepRequests: await sweeps.requests(), polls, finalSeenAt, updateSeenAt };
}

export const HINTS: Hints = { share: 0.99, afterMs: 3 * SECOND_MS };
