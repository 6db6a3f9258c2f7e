import type { EventBus } from '../../lib/events/event-bus.ts';
import {
  type Change,
  publishTransitions,
  republish,
} from '../../lib/events/publish-transitions.ts';
import { hash, type Random } from '../../lib/local/simulators/random.ts';
import { MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import type { Faults } from './faults.ts';
import type { Kernel, Process } from './kernel.ts';
import type { Stores } from './memory-stores.ts';
import type { Witness } from './witness.ts';

/** As the stack has it: `parallelizationFactor`, `batchSize` (smaller here) and `retryAttempts`. */
const LANES = 3;
const BATCH = 12;
const RETRIES = 5;

const RATE = 0.03;

interface Entry {
  readonly position: string;
  readonly key: string;
  readonly change: Change;
}

interface Lane {
  readonly queue: Entry[];
  isBusy: boolean;
  attempts: number;
  /** How many entries the next batch may have: half as many after each failure. */
  limit: number;
  /** Everything fails until this batch has been given up. */
  isCursed: boolean;
}

/**
 * The stream and what Lambda does with it: the changes of one item in order, those of different items
 * in any; a batch that fails comes again, in halves, and after some tries it is given up, which is told
 * to `republish`.
 */
export function createOutbox(
  kernel: Kernel,
  faults: Faults,
  random: Random,
  witness: Witness,
  itemOf: (key: string) => ReturnType<Stores['itemOf']>,
) {
  const lanes = Array.from(
    { length: LANES },
    (): Lane => ({ queue: [], isBusy: false, attempts: 0, limit: BATCH, isCursed: false }),
  );
  let positions = 0;
  let lastPublished = 0;

  const bus = (process: Process, isCursed: boolean, isRepublished: boolean): EventBus => ({
    put: (events) => {
      if (events.length === 0) return Promise.resolve(new Set());
      const takesNone = isCursed || faults.strikes('bus: takes none and fails', RATE);
      const failsAfter = !takesNone && faults.strikes('bus: takes all and fails', RATE);
      const takesSome = !takesNone && !failsAfter && faults.strikes('bus: takes some', RATE);
      const taken = takesNone
        ? []
        : takesSome
          ? events.filter(() => random.next() < 0.5)
          : [...events];
      return kernel.step(process, `puts ${events.length} events`, 30, () => {
        for (const event of taken) witness.announce(event, isRepublished);
        if (takesNone) {
          if (!isCursed) faults.hit('bus: takes none and fails');
          throw new Error('the bus is not there');
        }
        if (failsAfter) {
          faults.hit('bus: takes all and fails');
          throw new Error('the bus did not answer');
        }
        if (taken.length < events.length) faults.hit('bus: takes some');
        const accepted = new Set(taken.map(({ id }) => id));
        return new Set(events.map(({ id }) => id).filter((id) => !accepted.has(id)));
      });
    },
  });

  function wake(lane: Lane, delayMs: number): void {
    if (lane.isBusy || lane.queue.length === 0) return;
    lane.isBusy = true;
    kernel.after(delayMs, () => publish(lane));
  }

  function publish(lane: Lane): void {
    const batch = lane.queue.slice(0, lane.limit);
    if (lane.attempts === 0 && faults.strikes('stream: batch given up', RATE)) lane.isCursed = true;
    const first = Number(batch[0]?.position);
    if (first < lastPublished) faults.hit('stream: keys overtake each other');
    let failed: string | undefined;
    kernel.spawn(
      'publish',
      async (process) => {
        const transitions = batch.map(({ position, change }) => ({ position, read: () => change }));
        failed = await publishTransitions(transitions, {
          bus: bus(process, lane.isCursed, false),
          log: () => {},
        });
      },
      (ending) => {
        lane.isBusy = false;
        if (ending === 'done' && failed === undefined) succeed(lane, batch);
        else fail(lane, batch, failed);
        wake(lane, nextDelay(lane));
      },
      MINUTE_MS,
    );
  }

  const nextDelay = ({ attempts }: Lane): number => (attempts > 0 ? SECOND_MS * 2 ** attempts : 50);

  function succeed(lane: Lane, batch: readonly Entry[]): void {
    lastPublished = Math.max(lastPublished, Number(batch.at(-1)?.position));
    lane.attempts = 0;
    lane.limit = BATCH;
    // Its checkpoint was lost, so it comes again.
    if (faults.strikes('stream: batch delivered twice', RATE)) {
      faults.hit('stream: batch delivered twice');
      return;
    }
    lane.queue.splice(0, batch.length);
  }

  function fail(lane: Lane, batch: readonly Entry[], position: string | undefined): void {
    const done =
      position === undefined ? 0 : batch.findIndex((entry) => entry.position === position);
    lane.queue.splice(0, done);
    lane.attempts = done > 0 ? 1 : lane.attempts + 1;
    const left = batch.length - done;
    if (position === undefined && left > 1) {
      faults.hit('stream: batch bisected');
      lane.limit = Math.ceil(left / 2);
    }
    if (lane.attempts <= RETRIES) return;
    faults.hit('stream: batch given up');
    const lost = lane.queue.splice(0, Math.min(left, lane.limit));
    lane.attempts = 0;
    lane.limit = BATCH;
    lane.isCursed = false;
    announceAgain([...new Set(lost.map(({ key }) => key))]);
  }

  function announceAgain(keys: readonly string[]): void {
    kernel.after(random.between(1, 60) * SECOND_MS, () => {
      kernel.spawn(
        'republish',
        async (process) => {
          const items = await kernel.step(process, `reads ${keys.length} items`, 10, () =>
            keys.flatMap((key) => itemOf(key) ?? []),
          );
          const { refused } = await republish(items, { bus: bus(process, false, true) });
          if (refused > 0) throw new Error('the bus refused some');
        },
        (ending) => {
          if (ending !== 'done') announceAgain(keys);
        },
        MINUTE_MS,
      );
    });
  }

  return {
    /** A change was committed. */
    append(key: string, change: Change): void {
      positions += 1;
      const lane = lanes[hash(key) % LANES];
      if (!lane) return;
      lane.queue.push({ position: String(positions), key, change });
      const isHeldUp = faults.strikes('stream: keys overtake each other', 4 * RATE);
      wake(lane, isHeldUp ? random.between(5, 90) * SECOND_MS : random.between(50, 300));
    },
    isEmpty: () => lanes.every(({ queue }) => queue.length === 0),
  };
}
