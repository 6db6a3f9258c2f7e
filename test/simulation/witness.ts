import { isFinal } from '../../lib/calls/call.ts';
import type { StoredCall } from '../../lib/calls/version.ts';
import type { Event } from '../../lib/events/event.ts';
import type { PollReport } from '../../lib/polling/poll-connection.ts';
import type { PollState } from '../../lib/polling/poll-state.ts';
import type { Rejected } from '../../lib/providers/provider.ts';
import type { RangeJob } from '../../lib/ranges/range-job.ts';
import {
  type CallEvidence,
  isCovered,
  learn,
  mustBeTold,
  noEvidence,
  REDEPLOY_MS,
  truthOf,
  unlearn,
} from './evidence.ts';
import type { Finding } from './finding.ts';
import type { PollLog } from './poll-log.ts';
import type { Answer } from './provider-server.ts';
import { type SimCall, versionAt } from './sim-call.ts';
import type { SimConnection } from './sim-connection.ts';

/**
 * The aim of the design, also with twenty open calls and sixteen whose details are waited for. Ids are
 * short here; of UUIDs, which cannot be packed, about 25 fit.
 */
const MAX_STATE_BYTES = 1_024;

/** What one read unit reads, where a moment's staleness is allowed. */
const MAX_MEMORY_BYTES = 8_192;

/** What the world saw of one connection. */
export interface ConnectionRecord {
  readonly connection: SimConnection;
  readonly evidence: Map<SimCall, CallEvidence>;
  /** Undefined: nothing is silent, or nothing was stored yet. */
  baselineAt: number | undefined;
  state: PollState | undefined;
  firstAskedAt: number | undefined;
  /** Malformed records that a successful poll was shown, and those that were set aside. */
  readonly malformedShown: Set<string>;
  readonly setAside: Set<string>;
  readonly malformedSent: Set<string>;
  /** Waits that a poll was told of, and had written down by `from`. */
  readonly waits: { readonly from: number; readonly until: number }[];
  /** The last poll that ended, with the rows as it was shown them last: an answer may be from before another. */
  last:
    | { readonly log: PollLog; readonly end: number; readonly rows: ReadonlySet<string> }
    | undefined;
  running: number;
  /** Slices of sweeps that are read at the moment. */
  sweeping: number;
  /** Whether polls or sweeps began since the last poll ended that was alone. */
  overlaps: boolean;
  /** The sweep that goes on, of each kind. */
  readonly sweeps: Map<RangeJob['kind'], Sweep>;
  /** When the last daily sweep was completed. */
  sweptAt: number;
  /** Whether a daily sweep was shown less than there was, and could not know. */
  isDeceived: boolean;
  /** When the last two polls began that may have moved the watermark, the later one last. */
  successes: readonly number[];
  /** Writes of the state by polls that saw nothing new. */
  idleWrites: number;
  polls: number;
}

/** One sweep, over all of its slices. */
interface Sweep {
  readonly job: string;
  readonly start: number;
  /** Nothing that it was shown hid anything. */
  isHonest: boolean;
}

export interface Announced {
  readonly event: Event;
  readonly isRepublished: boolean;
}

const sansLinks = (text: string): string => text.replaceAll(/\?signature=\d+/g, '');

/** What a `Retry-After` asks for, read here once more: a checker that shares the reading shares its mistakes. */
function waitOf(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
}

/** Watches everything that crosses the seam, and says what must never be seen there. */
export function createWitness(connections: readonly SimConnection[]) {
  const findings: Finding[] = [];
  const announced: Announced[] = [];
  const records = new Map(
    connections.map((connection): [string, ConnectionRecord] => [
      connection.id,
      {
        connection,
        evidence: new Map(),
        baselineAt: undefined,
        state: undefined,
        firstAskedAt: undefined,
        malformedShown: new Set(),
        setAside: new Set(),
        malformedSent: new Set(),
        waits: [],
        last: undefined,
        running: 0,
        sweeping: 0,
        sweeps: new Map(),
        sweptAt: Number.NEGATIVE_INFINITY,
        isDeceived: false,
        overlaps: false,
        successes: [],
        idleWrites: 0,
        polls: 0,
      },
    ]),
  );

  const wrong = (invariant: string, about: string, detail: string): void => {
    findings.push({ verdict: 'wrong', invariant, about, detail });
  };

  function recordOf(connection: string): ConnectionRecord {
    const record = records.get(connection);
    if (!record) throw new Error(`nobody knows ${connection}`);
    return record;
  }

  function evidenceOf(record: ConnectionRecord, call: SimCall): CallEvidence {
    const evidence = record.evidence.get(call) ?? noEvidence();
    record.evidence.set(call, evidence);
    return evidence;
  }

  /** A version of a call was shown to the system, whatever became of it. */
  function shown(record: ConnectionRecord, call: SimCall, version: number, at: number): void {
    const evidence = evidenceOf(record, call);
    const truth = truthOf(record.connection, call, version, at);
    if (truth?.outcome === 'open') evidence.everOpen = true;
    else evidence.everFinal = true;
  }

  /** A poll that is shown only what the one before it was shown has nothing to write. */
  function checkIdle(record: ConnectionRecord, log: PollLog, rows: ReadonlySet<string>): void {
    const { last, connection } = record;
    const isAlone = !record.overlaps && last !== undefined && last.end <= log.start;
    const hasNews = !last || !rows.isSubsetOf(last.rows) || log.detailRequests > 0;
    const isRedeployed =
      last !== undefined &&
      connection.knownFrom <= log.start &&
      connection.knownFrom + REDEPLOY_MS >= last.log.start;
    if (!isAlone || hasNews || isRedeployed || log.hadStaleState || log.overdue > 0) return;
    const { calls, notices, quarantine, state } = log.writes;
    record.idleWrites += state;
    if (calls + notices + (connection.wire.hasWindow ? quarantine : 0) > 0) {
      wrong(
        'an empty poll writes nothing',
        connection.id,
        `poll of ${new Date(log.start).toISOString()}: ${JSON.stringify(log.writes)}`,
      );
    }
  }

  /** A sweep was first to record how a call ended: hot polls may not have had their chance yet. */
  function checkMissed(record: ConnectionRecord, { call: { id } }: StoredCall): void {
    const call = record.connection.traffic.calls.find((one) => one.id === id);
    if (!call) return;
    const evidence = evidenceOf(record, call);
    if (evidence.proofs < 2 || !mustBeTold(record.connection, call, evidence, record.baselineAt))
      return;
    findings.push({
      verdict: 'lost',
      invariant: 'what was listed as final in two successful polls is left to no sweep',
      about: id,
      detail: JSON.stringify(evidence),
    });
  }

  return {
    findings,
    announced,
    records,
    wrong,

    /** A request is sent. */
    asked(log: PollLog, kind: Answer['kind'], at: number): void {
      const record = recordOf(log.connection);
      if (kind === 'list') log.listRequests += 1;
      else log.detailRequests += 1;
      record.firstAskedAt ??= at;
      const wait = record.waits.find(({ from, until }) => from <= log.start && at < until);
      if (at < log.askedToWaitUntil || (wait && !log.hadStaleState)) {
        const until = new Date(wait?.until ?? log.askedToWaitUntil).toISOString();
        wrong('Retry-After is obeyed', log.connection, `asked again before ${until}`);
      }
    },

    /** An answer has arrived. */
    answered(log: PollLog, answer: Answer, now: Date): void {
      const record = recordOf(log.connection);
      log.pages = Math.max(log.pages, answer.pages);
      log.hides ||= answer.hides;
      if (answer.status === 429) {
        const waitMs = waitOf(answer.headers['retry-after'], now);
        if (waitMs !== undefined) {
          log.askedToWaitUntil = Math.max(log.askedToWaitUntil, now.getTime() + waitMs);
        }
      }
      for (const one of answer.served) {
        log.served.push(one);
        const evidence = evidenceOf(record, one.call);
        if (one.isMalformed) record.malformedSent.add(sansLinks(one.text));
        else shown(record, one.call, one.version, now.getTime());
        if (one.version < versionAt(one.call, now.getTime())) unlearn(evidence);
      }
    },

    /** A webhook brought a version of a call. */
    told(call: SimCall, version: number, isOld: boolean): void {
      const record = recordOf(call.connection);
      const evidence = evidenceOf(record, call);
      shown(record, call, version, 0);
      if (isOld) unlearn(evidence);
    },

    /** A version of a call was committed. */
    committed(log: PollLog | undefined, before: StoredCall | undefined, after: StoredCall): void {
      const about = after.call.id;
      if (log && after.staleAt !== null && before?.staleAt !== after.staleAt) log.overdue += 1;
      if (log && log.kind !== 'poll' && after.revision === 1 && before?.revision !== 1) {
        checkMissed(recordOf(log.connection), after);
      }
      // What the last poll saw is not what is known any more.
      if (log && log.kind !== 'poll') recordOf(log.connection).last = undefined;
      if (!before) return;
      const backwards =
        after.revision < before.revision ||
        after.seenAt < before.seenAt ||
        (isFinal(before.call) && !isFinal(after.call)) ||
        (before.silent && !after.silent);
      if (backwards)
        wrong('nothing goes backwards', about, `v${before.version} → v${after.version}`);
      if (after.revision > before.revision + 1) {
        wrong('revisions are counted one by one', about, `${before.revision} → ${after.revision}`);
      }
    },

    /** A state was committed. */
    remembered(
      connection: string,
      before: PollState | undefined,
      state: PollState,
      bytes: { readonly state: number; readonly recents: number },
      at: number,
    ): void {
      const record = recordOf(connection);
      const baselineAt = state.baselineAt === null ? undefined : Date.parse(state.baselineAt);
      if (before && before.baselineAt !== state.baselineAt) {
        wrong('the baseline is fixed for ever', connection, `${state.baselineAt}`);
      }
      if (before && state.watermark < before.watermark) {
        wrong(
          'the watermark never goes back',
          connection,
          `${before.watermark} → ${state.watermark}`,
        );
      }
      if (Date.parse(state.watermark) > at) {
        wrong('the watermark is never ahead of now', connection, state.watermark);
      }
      if (!before && record.firstAskedAt !== undefined) {
        wrong('the baseline is fixed before the first request', connection, `${state.baselineAt}`);
      }
      if (bytes.state > MAX_STATE_BYTES || bytes.state + bytes.recents > MAX_MEMORY_BYTES) {
        wrong('a state is small', connection, `${bytes.state} and ${bytes.recents} bytes`);
      }
      record.baselineAt = baselineAt;
      record.state = state;
    },

    /** A record was set aside. */
    setAside(connection: string, { raw }: Rejected): void {
      const record = recordOf(connection);
      const text = sansLinks(JSON.stringify(raw));
      record.setAside.add(text);
      if (!record.malformedSent.has(text)) {
        wrong('what is set aside is malformed', connection, text.slice(0, 200));
      }
    },

    announce(event: Event, isRepublished: boolean): void {
      announced.push({ event, isRepublished });
    },

    /** @returns whether a sweep is at work beside it */
    pollBegins({ connection }: PollLog): boolean {
      const record = recordOf(connection);
      record.running += 1;
      if (record.running + record.sweeping > 1) record.overlaps = true;
      record.polls += 1;
      return record.sweeping > 0;
    },

    /** @returns whether a poll is at work beside it */
    sweepBegins({ connection }: PollLog): boolean {
      const record = recordOf(connection);
      record.sweeping += 1;
      if (record.running > 0) record.overlaps = true;
      return record.running > 0;
    },

    /** A sweep's slice is over, one way or another. */
    sweepEnds({ connection }: PollLog): void {
      recordOf(connection).sweeping -= 1;
    },

    /** A sweep has come to its next slice, or to its end. */
    swept(log: PollLog, job: RangeJob, end: number): void {
      const record = recordOf(log.connection);
      const known = record.sweeps.get(job.kind);
      const sweep =
        known?.job === job.id ? known : { job: job.id, start: log.start, isHonest: true };
      sweep.isHonest &&= !log.hides && !log.hadStaleState;
      record.sweeps.set(job.kind, sweep);
      record.isDeceived ||= job.kind === 'daily' && log.hides;
      const { unproven, broken } = job.counts;
      if (job.state !== 'done' || unproven + broken > 0) return;
      if (job.kind === 'daily') record.sweptAt = end;
      if (!sweep.isHonest) return;
      const range = { from: Date.parse(job.from), to: Date.parse(job.to) };
      for (const call of record.connection.traffic.calls) {
        const isSeen = isCovered(record.connection, call, range, { start: sweep.start, end });
        if (isSeen) evidenceOf(record, call).swept = true;
      }
    },

    /** A poll is over: with a report, or without one because it broke or died. */
    pollEnds(log: PollLog, report: PollReport | undefined, end: number): void {
      const record = recordOf(log.connection);
      record.running -= 1;
      const rows = new Set(log.served.map(({ text }) => sansLinks(text)));
      const most = 4 * (log.pages + 1) + 4;
      if (log.listRequests > most) {
        wrong('requests stay within bounds', log.connection, `${log.listRequests} of ${most}`);
      }
      if (report && log.askedToWaitUntil > end) {
        record.waits.push({ from: end, until: log.askedToWaitUntil });
      }
      const since = record.successes.at(-2) ?? log.start;
      // What it saved before it failed may rest on an answer that hid rows.
      if (report?.ok || (log.hides && log.writes.state > 0)) {
        record.successes = [...record.successes.slice(-1), log.start];
      }
      if (report?.ok) {
        checkIdle(record, log, rows);
        for (const call of record.connection.traffic.calls) {
          learn(record.connection, call, evidenceOf(record, call), log, { since, end });
        }
        for (const { isMalformed, text } of log.served) {
          if (isMalformed) record.malformedShown.add(sansLinks(text));
        }
      }
      const isPlain = report?.ok && !log.hadStaleState && !record.overlaps;
      const lastShown = new Map(log.served.map(({ call, text }) => [call, sansLinks(text)]));
      record.last = isPlain ? { log, end, rows: new Set(lastShown.values()) } : undefined;
      if (record.running === 0) record.overlaps = false;
    },
  };
}
export type Witness = ReturnType<typeof createWitness>;
