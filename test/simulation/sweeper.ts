import type { SweepMessage } from '../../lib/ranges/ports.ts';
import { sweepMessageSchema } from '../../lib/ranges/ports.ts';
import { workOnSweep } from '../../lib/ranges/work-on-sweep.ts';
import { MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { NO_ROUTES } from '../support/no-routes.ts';
import type { Process } from './kernel.ts';
import { beginLog, type PollLog } from './poll-log.ts';
import type { PollerParts } from './poller.ts';

/** As the stack has it: how long a slice may take, and how much earlier it is told to end. */
const SWEEP_TIMEOUT_MS = 5 * MINUTE_MS;
const RESERVE_MS = 15 * SECOND_MS;

/** As long as the queue hides a message from others that nobody has finished. */
const HIDDEN_MS = 30 * MINUTE_MS;

/** A message that was handed out so often is among the dead letters. */
const MAX_RECEIVES = 5;

const RATE = 0.05;

/** Sweeps and watch lists: their queue, and the function that reads it. */
export function createSweeper({
  kernel,
  faults,
  random,
  witness,
  stores,
  network,
  connections,
}: PollerParts) {
  const running = new Map<Process, PollLog>();

  function work(body: string, receives: number): void {
    const message = sweepMessageSchema.parse(JSON.parse(body));
    const { connection: id, kind } = message;
    const log = beginLog(id, kernel.time(), kind);
    const logOf = () => log;
    kernel.spawn(
      'sweep',
      async (process) => {
        const isBeside = running
          .values()
          .some((other) => other.connection === id && other.kind === kind);
        if (isBeside && kind !== 'watch') faults.hit('sweeps: overlap');
        running.set(process, log);
        if (witness.sweepBegins(log)) faults.hit('sweep: beside a poll');
        await workOnSweep(message, {
          ...NO_ROUTES,
          calls: stores.callStore(process, logOf),
          states: stores.stateStore(process, logOf),
          jobs: stores.jobStore(process, log),
          quarantine: stores.quarantine(process, logOf),
          raws: stores.raws(process),
          http: network(process, logOf),
          now: kernel.now,
          random: random.next,
          secret: () => kernel.step(process, 'reads a key', 5, () => `key-of-${id}`),
          connection: () =>
            kernel.step(
              process,
              `reads the settings of ${id}`,
              5,
              () => connections.find((one) => one.id === id)?.written,
            ),
          send: (next, delayMs) =>
            kernel.step(process, `asks for step ${next.step} of ${id}`, 10, () =>
              enqueue(next, delayMs),
            ),
          sleep: (ms) => kernel.step(process, 'rests', ms, () => undefined),
          deadline: new Date(kernel.time() + SWEEP_TIMEOUT_MS - RESERVE_MS),
          log: (_level, text, fields) => kernel.note(() => `${text} ${JSON.stringify(fields)}`),
          count: () => {},
        });
      },
      (ending, process) => {
        running.delete(process);
        witness.sweepEnds(log);
        if (ending === 'done') return;
        if (receives < MAX_RECEIVES) kernel.after(HIDDEN_MS, () => work(body, receives + 1));
        // The next time that a watch list is due is the next try.
        else if (kind !== 'watch') witness.wrong('no sweep ends among the dead letters', id, body);
      },
      SWEEP_TIMEOUT_MS,
    );
  }

  /** The queue: at least once, and not always soon. */
  function enqueue(message: SweepMessage, delayMs: number): void {
    const body = JSON.stringify(message);
    const deliver = (ms: number) => kernel.after(delayMs + ms, () => work(body, 1));
    const isLate = faults.strikes('sweep: message delayed', RATE);
    if (isLate) faults.hit('sweep: message delayed');
    deliver(isLate ? random.between(1, 90) * MINUTE_MS : random.between(20, 900));
    if (!faults.strikes('sweep: message twice', RATE)) return;
    faults.hit('sweep: message twice');
    // Soon, as queues do; or as late as after a death.
    deliver(random.between(0, random.pick([10, 40 * 60])) * SECOND_MS);
  }

  return {
    enqueue,
    /** Ends every process at once, as a crash of everything would. */
    killAll(): void {
      for (const process of [...running.keys()]) kernel.kill(process, 'all end');
    },
  };
}
export type Sweeper = ReturnType<typeof createSweeper>;
