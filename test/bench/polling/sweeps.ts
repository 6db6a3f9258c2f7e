import { dueSweeps } from '../../../lib/ranges/due-sweeps.ts';
import type { RangeDeps, RangeMessage } from '../../../lib/ranges/ports.ts';
import { workOnRange } from '../../../lib/ranges/work-on-range.ts';
import { DAY_MS } from '../../../lib/time.ts';
import { memoryRangeJobs } from '../../support/range-world.ts';
import type { Period } from './trace.ts';

/** The daily sweeps of one connection, by the production code, beside its polls. */
export interface Sweeper {
  /** Works on all that is due by an instant. */
  sweepUntil(at: number): Promise<void>;
  /** Requests of the last sweep: the one whose 48 hours all lie in the trace. */
  requests(): Promise<number>;
}

interface Waiting {
  readonly message: RangeMessage;
  readonly at: number;
}

/** One sweep a day. The weekly one is left out: a trace of three days holds no month. */
function dailySweeps(connection: string, { start, sweptUntil }: Period): Waiting[] {
  const length = Math.ceil((sweptUntil - start) / DAY_MS);
  const days = Array.from({ length }, (_, day) => day * DAY_MS);
  return days
    .flatMap((day) => dueSweeps(connection, new Date(start + day), new Date(start + day + DAY_MS)))
    .filter(({ message, at }) => message.kind === 'daily' && at.getTime() < sweptUntil)
    .map(({ message, at }) => ({ message, at: at.getTime() }));
}

/**
 * Time stands still within a slice: it reads the list as it is when it begins, and rests afterwards for as
 * long as its requests should have taken.
 *
 * @param depsAt sets the clock
 */
export function sweeper(
  connection: string,
  depsAt: (at: number) => Omit<RangeDeps, 'jobs' | 'send' | 'sleep'>,
  period: Period,
): Sweeper {
  const jobs = memoryRangeJobs();
  let queue = dailySweeps(connection, period);
  return {
    sweepUntil: async (until) => {
      for (let next = queue[0]; next && next.at <= until; next = queue[0]) {
        const { at, message } = next;
        queue.shift();
        const send: RangeDeps['send'] = async (follower, delayMs) => {
          queue = [...queue, { message: follower, at: at + delayMs }].sort((a, b) => a.at - b.at);
        };
        await workOnRange(message, { ...depsAt(at), jobs, send, sleep: async () => {} });
      }
    },
    requests: async () => {
      const last = await jobs.load(connection, 'daily');
      if (last?.state !== 'done') throw new Error(`The last sweep of ${connection} did not end`);
      return last.counts.requests + last.counts.detailRequests;
    },
  };
}
