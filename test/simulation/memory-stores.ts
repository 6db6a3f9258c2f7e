import { packState } from '../../lib/adapters/packed-state.ts';
import type { CallStore } from '../../lib/calls/call-store.ts';
import type { RawBucket } from '../../lib/calls/raw-record.ts';
import type { StoredCall } from '../../lib/calls/version.ts';
import type { NoticeEvent } from '../../lib/events/notice.ts';
import type { Change } from '../../lib/events/publish-transitions.ts';
import type { Random } from '../../lib/local/simulators/random.ts';
import { migrate, type PollState } from '../../lib/polling/poll-state.ts';
import type { Memory, PollStateStore, Quarantine } from '../../lib/polling/ports.ts';
import type { RangeJobStore } from '../../lib/ranges/ports.ts';
import { migrateJob, type RangeJob } from '../../lib/ranges/range-job.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import type { Faults } from './faults.ts';
import type { Kernel, Process } from './kernel.ts';
import type { PollLog } from './poll-log.ts';
import type { Witness } from './witness.ts';

/** How likely each kind of trouble that a seed has is at each operation. */
const RATE = 0.006;
const STALE_RATE = 0.06;
const MAX_PLAIN = 1_024;
const MAX_STALENESS_MS = 3 * MINUTE_MS;

const NOTHING: Memory = { state: undefined, recents: '' };

interface Past<T> {
  readonly at: number;
  readonly value: T;
}

/** What a process writes through: the log of the poll that it is part of, if it is one. */
export type LogOf = (connection: string) => PollLog | undefined;

/**
 * The tables and the bucket: versioned conditional writes, reads that may be a moment old where that is
 * allowed, and a stream of everything that was committed to the Calls table.
 */
export function createStores(
  kernel: Kernel,
  faults: Faults,
  random: Random,
  witness: Witness,
  onCommit: (key: string, change: Change) => void,
) {
  const calls = new Map<string, Past<StoredCall>[]>();
  const jobs = new Map<string, RangeJob>();
  const notices = new Map<string, NoticeEvent>();
  const memories = new Map<string, Past<Memory>[]>();

  const latency = () => Math.round(random.next() < 0.02 ? random.between(200, 4_000) : 5);

  /** A read: it may fail. */
  const read = <T>(process: Process, what: string, effect: () => T): Promise<T> => {
    const fails = faults.strikes('store: fails before it commits', RATE);
    return kernel.step(process, what, latency(), () => {
      if (fails) throw fault('store: fails before it commits');
      return effect();
    });
  };

  /** A write: it may fail, before it has happened or after. */
  const write = <T>(process: Process, what: string, effect: () => T): Promise<T> => {
    const before = faults.strikes('store: fails before it commits', RATE);
    const after = !before && faults.strikes('store: fails after it committed', RATE);
    return kernel.step(process, what, latency(), () => {
      if (before) throw fault('store: fails before it commits');
      const result = effect();
      if (after) throw fault('store: fails after it committed');
      return result;
    });
  };

  /** A conditional write; the client asks again after a lost answer, and is then told of a conflict with itself. */
  const writeIf = (process: Process, what: string, effect: () => boolean): Promise<boolean> => {
    const isAskedAgain = faults.strikes('store: commits and says conflict', RATE);
    return write(process, what, () => {
      const isCommitted = effect();
      if (!isCommitted || !isAskedAgain) return isCommitted;
      faults.hit('store: commits and says conflict');
      return false;
    });
  };

  function fault(
    kind: 'store: fails before it commits' | 'store: fails after it committed',
  ): Error {
    faults.hit(kind);
    return new Error('the table is busy');
  }

  /** What was stored, as of now or a while ago. */
  function latest<T>(past: readonly Past<T>[] | undefined, asOf: number): T | undefined {
    return past?.findLast(({ at }) => at <= asOf)?.value;
  }

  const keyOf = (connection: string, id: string) => `${connection} ${id}`;

  const callStore = (process: Process, logOf: LogOf): CallStore => ({
    get: (connection, ids, { fresh } = { fresh: false }) => {
      if (ids.length === 0) return Promise.resolve(new Map());
      const isStale = !fresh && faults.strikes('store: stale read of calls', STALE_RATE);
      const ageMs = isStale ? random.between(0, MAX_STALENESS_MS) : 0;
      return read(process, `reads ${ids.length} calls of ${connection}`, () => {
        const now = kernel.time();
        const found = ids.flatMap((id) => {
          const past = calls.get(keyOf(connection, id));
          const stored = latest(past, now - ageMs);
          if (stored !== past?.at(-1)?.value) faults.hit('store: stale read of calls');
          return stored ?? [];
        });
        return new Map(found.map((stored) => [stored.call.id, stored]));
      });
    },
    write: (next) =>
      writeIf(process, `writes ${next.call.id} v${next.version} ${next.call.outcome}`, () => {
        const { connection, id } = next.call;
        const key = keyOf(connection, id);
        const past = calls.get(key) ?? [];
        const before = past.at(-1)?.value;
        if ((before?.version ?? 0) !== next.version - 1) return false;
        // As a store would give it back. JSON knows no types.
        const after = JSON.parse(JSON.stringify({ ...next, raw: null })) as StoredCall;
        past.push({ at: kernel.time(), value: after });
        calls.set(key, past);
        const log = logOf(connection);
        if (log) log.writes.calls += 1;
        witness.committed(log, before, after);
        onCommit(key, { before, after });
        return true;
      }),
    notify: (event) =>
      writeIf(process, `writes notice ${event.type}`, () => {
        if (notices.has(event.id)) return false;
        notices.set(event.id, event);
        const log = 'connection' in event ? logOf(event.connection.id) : undefined;
        // That trouble begins or is over may follow from time alone, and from rows that are gone.
        if (log && event.type === 'provider.drifted') log.writes.notices += 1;
        onCommit(event.id, { notice: event });
        return true;
      }),
  });

  const stateStore = (process: Process, logOf: LogOf): PollStateStore => ({
    load: (connection, { fresh } = { fresh: false }) => {
      const isStale = !fresh && faults.strikes('store: stale read', STALE_RATE);
      const ageMs = isStale ? random.between(0, MAX_STALENESS_MS) : 0;
      return read(process, `loads the state of ${connection}${fresh ? ' afresh' : ''}`, () => {
        const now = kernel.time();
        const memory = latest(memories.get(connection), now - ageMs);
        if (memory !== latest(memories.get(connection), now)) {
          faults.hit('store: stale read');
          const log = logOf(connection);
          if (log) log.hadStaleState = true;
        }
        return memory ?? NOTHING;
      });
    },
    save: (connection, state, recents) =>
      writeIf(process, `saves the state of ${connection} v${state.version}`, () => {
        const past = memories.get(connection) ?? [];
        const before = past.at(-1)?.value;
        if ((before?.state?.version ?? 0) !== state.version - 1) return false;
        const text = JSON.stringify(state);
        const after = { state: migrate(JSON.parse(text)), recents };
        past.push({ at: kernel.time(), value: after });
        memories.set(connection, past);
        const log = logOf(connection);
        if (log) {
          log.writes.state += 1;
          if (recents !== (before?.recents ?? '')) log.writes.recents += 1;
        }
        // What is small as text is smaller packed, and packing takes longer than all else.
        const size = text.length > MAX_PLAIN ? packState(state).byteLength : text.length;
        const bytes = { state: size, recents: recents.length };
        witness.remembered(connection, before?.state, state, bytes, kernel.time());
        return true;
      }),
  });

  const jobStore = (process: Process, log: PollLog): RangeJobStore => ({
    load: (connection, kind) =>
      read(process, `loads the ${kind} job of ${connection}`, () =>
        jobs.get(keyOf(connection, kind)),
      ),
    save: (connection, job) =>
      writeIf(process, `saves step ${job.step} of ${connection}, ${job.state}`, () => {
        const key = keyOf(connection, job.kind);
        const before = jobs.get(key);
        if ((before?.version ?? 0) !== job.version - 1) return false;
        jobs.set(key, migrateJob(JSON.parse(JSON.stringify(job))));
        witness.swept(log, job, kernel.time());
        return true;
      }),
  });

  const quarantine = (process: Process, logOf: LogOf): Quarantine => ({
    keep: (connection, rejected) =>
      write(process, `sets a record of ${connection} aside`, () => {
        const log = logOf(connection);
        if (log) log.writes.quarantine += 1;
        witness.setAside(connection, rejected);
      }),
  });

  const raws = (process: Process): RawBucket => ({
    put: (key) => write(process, `puts ${key}`, () => undefined),
  });

  return {
    callStore,
    stateStore,
    jobStore,
    quarantine,
    raws,
    /** What dispatch reads: many states at once, each perhaps a moment old. */
    states: (process: Process) => {
      const ageMs = faults.strikes('store: stale read', STALE_RATE)
        ? random.between(0, MAX_STALENESS_MS)
        : 0;
      return read(process, 'reads the states', () => {
        const asOf = kernel.time() - ageMs;
        const found = memories.entries().flatMap(([id, past]): [string, PollState][] => {
          const state = latest(past, asOf)?.state;
          return state ? [[id, state]] : [];
        });
        return new Map(found);
      });
    },
    /** The item behind a key of the stream, as it is now. */
    itemOf: (key: string) => {
      const call = calls.get(key)?.at(-1)?.value;
      const notice = notices.get(key);
      return call ? { call } : notice ? { notice } : undefined;
    },
    stored: (connection: string, id: string) => calls.get(keyOf(connection, id))?.at(-1)?.value,
    stateOf: (connection: string) => memories.get(connection)?.at(-1)?.value.state,
  };
}
export type Stores = ReturnType<typeof createStores>;
