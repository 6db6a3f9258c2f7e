import type { Random } from '../../lib/local/simulators/random.ts';
import { dispatchPolls } from '../../lib/polling/dispatch-polls.ts';
import type { PollReport } from '../../lib/polling/poll-connection.ts';
import { pollTick, type Tick, tickSchema } from '../../lib/polling/tick.ts';
import { MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import type { Faults } from './faults.ts';
import type { Kernel, Process } from './kernel.ts';
import type { Stores } from './memory-stores.ts';
import type { createNetwork } from './network.ts';
import { type Plan, START } from './plan.ts';
import { beginLog, type PollLog } from './poll-log.ts';
import type { SimConnection } from './sim-connection.ts';
import { createSweeper } from './sweeper.ts';
import type { Witness } from './witness.ts';

/** As the stack has it: a poll is stopped after so long, and told to end this much earlier. */
const POLL_TIMEOUT_MS = 2 * MINUTE_MS;
const RESERVE_MS = 15 * SECOND_MS;
const DISPATCH_TIMEOUT_MS = 30 * SECOND_MS;

const RATE = 0.03;
/** For what happens at each of many minutes. */
const MINUTE_RATE = 0.005;

export interface PollerParts {
  readonly plan: Plan;
  readonly kernel: Kernel;
  readonly faults: Faults;
  readonly random: Random;
  readonly witness: Witness;
  readonly stores: Stores;
  readonly network: ReturnType<typeof createNetwork>;
  readonly connections: readonly SimConnection[];
}

/** The clock, and what it drives: schedule → dispatch → queue → poll, each as unreliable as on AWS. */
export function createPoller(parts: PollerParts) {
  const { plan, kernel, faults, random, witness, stores, network, connections } = parts;
  const sweeper = createSweeper(parts);
  const running = new Map<Process, Map<string, PollLog>>();

  function poll(message: string): void {
    const logs = new Map<string, PollLog>();
    const reports: PollReport[] = [];
    kernel.spawn(
      'poll',
      async (process) => {
        running.set(process, logs);
        const tick = tickSchema.parse(JSON.parse(message));
        const logOf = (connection: string): PollLog => {
          const log = logs.get(connection) ?? beginLog(connection, process.startedAt, 'poll');
          if (!logs.has(connection)) {
            logs.set(connection, log);
            if (isPolledBy(connection, process)) faults.hit('polls: overlap');
            if (witness.pollBegins(log)) faults.hit('sweep: beside a poll');
          }
          return log;
        };
        const report = await pollTick(tick, {
          calls: stores.callStore(process, logOf),
          states: stores.stateStore(process, logOf),
          quarantine: stores.quarantine(process, logOf),
          raws: stores.raws(process),
          http: network(process, logOf),
          now: kernel.now,
          random: random.next,
          secret: (ref) =>
            kernel.step(process, 'reads a key', 5, () => {
              const owner = connections.find(({ written }) => written.key === ref);
              return `key-of-${owner?.id}`;
            }),
          deadline: new Date(kernel.time() + POLL_TIMEOUT_MS - RESERVE_MS),
          log: (_level, text, fields) => kernel.note(() => `${text} ${JSON.stringify(fields)}`),
          count: () => {},
        });
        if (report.dropped) faults.hit('tick: expired');
        reports.push(...report.polls);
      },
      (ending, process) => {
        running.delete(process);
        // Its message becomes visible again, and is most likely too old by then.
        if (ending === 'died' && !faults.isCalm() && random.next() < 0.5) {
          kernel.after(random.between(2, 12) * MINUTE_MS, () => poll(message));
        }
        for (const log of logs.values()) {
          const report = reports.find(({ connection }) => connection === log.connection);
          witness.pollEnds(log, report, kernel.time());
        }
      },
      POLL_TIMEOUT_MS,
    );
  }

  const isPolledBy = (connection: string, but: Process): boolean =>
    running.entries().some(([process, logs]) => process !== but && logs.has(connection));

  /** The queue: at least once, and not always soon. */
  function enqueue(tick: Tick, delaySeconds: number): void {
    const message = JSON.stringify(tick);
    const deliver = (ms: number) => kernel.after(ms, () => poll(message));
    const isLate = faults.strikes('tick: delayed', RATE);
    if (isLate) faults.hit('tick: delayed');
    const lateMs = isLate ? random.between(10, 1_500) * SECOND_MS : random.between(20, 900);
    deliver(delaySeconds * SECOND_MS + lateMs);
    if (faults.strikes('tick: duplicated', RATE)) {
      faults.hit('tick: duplicated');
      deliver(delaySeconds * SECOND_MS + random.between(20, 240_000));
    }
  }

  function dispatch(scheduledAt: number): void {
    kernel.spawn(
      'dispatch',
      async (process) => {
        await dispatchPolls(new Date(scheduledAt), {
          connections: () =>
            kernel.step(process, 'reads the connections', 5, () =>
              connections.map(({ written }) => written),
            ),
          states: () => stores.states(process),
          send: async (ticks) => {
            if (ticks.length === 0) return;
            const fails = faults.strikes('queue: takes ticks and fails', RATE);
            await kernel.step(process, `sends ${ticks.length} ticks`, 15, () => {
              for (const { tick, delaySeconds } of ticks) enqueue(tick, delaySeconds);
              if (!fails) return;
              faults.hit('queue: takes ticks and fails');
              throw new Error('the queue did not answer');
            });
          },
          sendSweeps: async (sweeps) => {
            if (sweeps.length === 0 || !plan.hasSweeps) return;
            await kernel.step(process, `begins ${sweeps.length} sweeps`, 15, () => {
              for (const { message, delaySeconds } of sweeps) {
                sweeper.enqueue(message, delaySeconds * SECOND_MS);
              }
            });
          },
          now: kernel.now,
          log: (_level, text, fields) => kernel.note(() => `${text} ${JSON.stringify(fields)}`),
          count: () => {},
        });
      },
      (ending) => {
        // The schedule calls once more, within the minute.
        if (ending !== 'done' && !faults.isCalm() && random.next() < 0.5) {
          kernel.after(random.between(1, 40) * SECOND_MS, () => dispatch(scheduledAt));
        }
      },
      DISPATCH_TIMEOUT_MS,
    );
  }

  function minute(at: number): void {
    if (faults.strikes('schedule: minute skipped', MINUTE_RATE)) {
      faults.hit('schedule: minute skipped');
      return;
    }
    dispatch(at);
    if (faults.strikes('schedule: minute twice', MINUTE_RATE)) {
      faults.hit('schedule: minute twice');
      kernel.after(random.between(1, 50) * SECOND_MS, () => dispatch(at));
    }
  }

  return {
    start(): void {
      for (let at = START; at < plan.end; at += MINUTE_MS) {
        kernel.at(at + random.between(0, 900), () => minute(at));
      }
    },
    /** Ends every process at once, as a crash of everything would. */
    killAll(): void {
      for (const process of [...running.keys()]) kernel.kill(process, 'all end');
      sweeper.killAll();
    },
    isPolling: () => running.size > 0,
  };
}
export type Poller = ReturnType<typeof createPoller>;
