import type { HttpClient } from '../../lib/http.ts';
import type { RangeDeps, RangeJobStore, RangeMessage } from '../../lib/ranges/ports.ts';
import type { RangeJob, RangeKind } from '../../lib/ranges/range-job.ts';
import { workOnRange } from '../../lib/ranges/work-on-range.ts';
import { NO_ROUTES } from './no-routes.ts';
import { pollWorld } from './poll-world.ts';

/** The reference of what keeps jobs. */
export function memoryRangeJobs() {
  const jobs = new Map<string, RangeJob>();
  const count = { saves: 0 };
  const store: RangeJobStore = {
    load: async (connection, kind) => structuredClone(jobs.get(`${connection} ${kind}`)),
    save: async (connection, job) => {
      const key = `${connection} ${job.kind}`;
      if ((jobs.get(key)?.version ?? 0) !== job.version - 1) return false;
      jobs.set(key, structuredClone(job));
      count.saves += 1;
      return true;
    },
  };
  return { ...store, jobs, count };
}

/** As long as the queue hides a message from others that nobody has finished. */
const HIDDEN_MS = 30 * 60_000;

/** A message that was handed out so often is among the dead letters. */
const MAX_RECEIVES = 5;

interface Waiting {
  readonly message: RangeMessage;
  readonly at: number;
  readonly receives: number;
}

/** A poll world with sweeps and backfills, and the queue that drives them, in virtual time. */
export function rangeWorld(
  written: Record<string, unknown> = {},
  { http }: { http?: (now: () => Date) => HttpClient } = {},
) {
  const world = pollWorld(written);
  const jobs = memoryRangeJobs();
  let queue: Waiting[] = [];
  const logged: (readonly unknown[])[] = [];
  const counted: (readonly unknown[])[] = [];
  const dead: RangeMessage[] = [];
  /** What stands in the configuration; undefined once it is removed. */
  const config: { written: unknown } = {
    written: { id: 'clinic', provider: 'hamsa', key: 'env:KEY', firstRun: 'all', ...written },
  };
  const enqueue = (message: RangeMessage, delayMs = 0, receives = 0) => {
    queue.push({ message, at: world.now().getTime() + delayMs, receives });
  };
  const deps: RangeDeps = {
    ...world.deps,
    ...NO_ROUTES,
    ...(http && { http: http(world.now) }),
    jobs,
    connection: async () => config.written,
    send: async (message, delayMs) => enqueue(message, delayMs),
    sleep: async (ms) => world.pass(ms / 1000),
    log: (...line) => logged.push(line),
    count: (...metric) => counted.push(metric),
  };
  const job = (kind: RangeKind): RangeJob => {
    const found = jobs.jobs.get(`clinic ${kind}`);
    if (!found) throw new Error(`There was no ${kind}`);
    return found;
  };
  return {
    ...world,
    deps,
    jobs,
    job,
    config,
    logged,
    counted,
    dead,
    enqueue,
    queued: () => queue.map(({ message }) => message),
    /**
     * Hands out messages, the earliest first, until there are none, or `until` says so. One whose worker
     * dies comes again when it is visible again.
     */
    work: async (
      workWith: (deps: RangeDeps) => RangeDeps = (same) => same,
      until: () => boolean = () => false,
    ): Promise<void> => {
      while (queue.length > 0 && !until()) {
        const [next, ...rest] = queue.toSorted((a, b) => a.at - b.at);
        if (!next) return;
        queue = rest;
        const waitMs = next.at - world.now().getTime();
        if (waitMs > 0) world.pass(waitMs / 1000);
        const deadline = new Date(world.now().getTime() + 285_000);
        try {
          await workOnRange(next.message, workWith({ ...deps, deadline }));
        } catch (error) {
          if (next.receives + 1 < MAX_RECEIVES) {
            enqueue(next.message, HIDDEN_MS, next.receives + 1);
          } else dead.push(next.message);
          if (Object(error).message !== 'dead') logged.push(['threw', error]);
        }
      }
    },
  };
}
export type RangeWorld = ReturnType<typeof rangeWorld>;
