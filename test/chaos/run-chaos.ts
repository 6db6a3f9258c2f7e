import type { DestinationSettings } from '../../lib/config/settings.ts';
import { watchBreakers } from '../../lib/delivery/breaker-book.ts';
import { deliver } from '../../lib/delivery/deliver.ts';
import type { DelayedQueue, DeliverDeps } from '../../lib/delivery/deliver-deps.ts';
import { type Delivery, type DeliveryMessage, keyOf } from '../../lib/delivery/delivery.ts';
import { resumeDeliveries } from '../../lib/delivery/resume.ts';
import type { Sender } from '../../lib/destinations/destination.ts';
import { createRandom, type Random } from '../../lib/local/simulators/random.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { callEvent } from '../delivery/events.ts';
import { createKernel, type Doom, type Kernel, type Process } from '../simulation/kernel.ts';
import {
  memoryBreakers,
  memoryDeliveries,
  memoryDeliveryLists,
  memoryIncidents,
  memoryPaceBook,
} from '../support/memory-deliveries.ts';
import { createReceiver, type Receiver, type ReceiverKind, switchedOff } from './receivers.ts';

/** What became of one world. */
export interface ChaosResult {
  /** Events that the receiver has twice or more. */
  readonly doubled: number;
  /** Events that it has not, and that nobody is told to look for. */
  readonly missing: number;
  /** Events of which a person has to look whether they arrived. */
  readonly uncertain: number;
  readonly kills: number;
}

type Worker = 'deliver' | 'resume';

const START = Date.parse('2026-11-20T10:00:00.000Z');
const LIFE_MS = 2 * DAY_MS;
const CALLS = 6;
const TIMEOUT_MS = MINUTE_MS;
const VISIBILITY_MS = 6 * MINUTE_MS;

/** A delivery takes about ten steps, and looking after a destination four and three for each row. */
const DEEPEST = { deliver: 12, resume: 12 } as const;

/**
 * One destination, a few calls, and workers that are killed: in its turn at each step that a worker takes,
 * before what the step does or after it, and elsewhere by chance. All of it follows from the seed.
 *
 * @param mutate plants a bug into what the engine is given
 */
export async function runChaos(
  seed: number,
  kind: ReceiverKind,
  mutate: (deps: DeliverDeps) => DeliverDeps = (deps) => deps,
): Promise<ChaosResult> {
  const random = createRandom(seed);
  let kills = 0;
  const kernel = createKernel<Worker>({
    random,
    start: START,
    dooms: doomsOf(seed, random),
    trace: undefined,
    onKill: () => {
      kills += 1;
    },
  });
  const receiver = createReceiver(kind, random);
  const { store, queue, resume } = createSystem(kernel, random, receiver, mutate);

  const messages = Array.from({ length: CALLS }, (_, call) => wordsOf(call, kernel)).flat();
  for (const [index, message] of messages.entries()) {
    kernel.at(START + index * 7 * SECOND_MS, () => queue.add(message, 0));
  }
  for (
    let at = START + MINUTE_MS;
    at < START + LIFE_MS;
    at += at < START + HOUR_MS * 4 ? MINUTE_MS : HOUR_MS / 4
  ) {
    kernel.at(at, resume);
  }
  await kernel.run(START + LIFE_MS);

  const result = { doubled: 0, missing: 0, uncertain: 0, kills };
  for (const message of messages) {
    const times = receiver.taken.get(message.event.id) ?? 0;
    const row = await store.read(keyOf(message));
    if (times > 1) result.doubled += 1;
    if (row?.state === 'uncertain') result.uncertain += 1;
    else if (times === 0) result.missing += 1;
  }
  return result;
}

/** How each call ended, and what was learned later. */
const wordsOf = (call: number, kernel: Kernel<Worker>): DeliveryMessage[] =>
  [1, 2].map((revision) => ({
    event: callEvent(
      {
        id: `call-${call}-${revision}`,
        type: revision === 1 ? 'call.failed' : 'call.updated',
        revision,
        recordedAt: kernel.now().toISOString(),
      },
      { id: `call-${call}` },
    ),
    destination: 'ops',
    heldMs: 0,
  }));

/** The first death goes through all steps from seed to seed; the others are by chance. */
function doomsOf(seed: number, random: Random): Doom<Worker>[] {
  const systematic: Doom<Worker> = {
    kind: 'deliver',
    from: START,
    step: 1 + (Math.floor(seed / 2) % DEEPEST.deliver),
    afterwards: seed % 2 === 0,
  };
  const others = Array.from({ length: 5 }, (_, index): Doom<Worker> => {
    const kind = index === 0 ? 'resume' : 'deliver';
    return {
      kind,
      from: START + random.between(0, 5 * MINUTE_MS),
      step: 1 + Math.floor(random.between(0, DEEPEST[kind])),
      afterwards: random.next() < 0.5,
    };
  });
  return [systematic, ...others];
}

/** The functions, their queue and their table: everything they do outside themselves is a step. */
function createSystem(
  kernel: Kernel<Worker>,
  random: Random,
  receiver: Receiver,
  mutate: (deps: DeliverDeps) => DeliverDeps,
) {
  const store = memoryDeliveries();
  const paceBook = memoryPaceBook();
  const incidents = memoryIncidents(store);
  const book = memoryBreakers();
  const lists = memoryDeliveryLists(store.rows);
  const settings: DestinationSettings = { id: 'ops', kind: receiver.definition.kind };
  // In one world of three somebody revokes its token for a while.
  const offFrom = START + random.between(0, MINUTE_MS);
  const offUntil = offFrom + (random.next() < 0.33 ? random.between(0, 20 * MINUTE_MS) : 0);
  const isOff = () => kernel.time() >= offFrom && kernel.time() < offUntil;

  /** Everything of a port, as steps of a process. */
  const stepped = <T extends object>(process: Process<Worker>, port: T, maxMs: number): T =>
    new Proxy(port, {
      get: (target, name, receiverOf) => {
        const value: unknown = Reflect.get(target, name, receiverOf);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) =>
          kernel.step(process, String(name), random.between(1, maxMs), (): unknown =>
            Reflect.apply(value, target, args),
          );
      },
    });

  const queue = {
    add: (message: DeliveryMessage, delaySeconds: number): void =>
      kernel.after(delaySeconds * SECOND_MS + random.between(0, 100), () => receive(message)),
  };
  const queueOf = (process: Process<Worker>): DelayedQueue =>
    stepped(
      process,
      { send: async (message, delaySeconds) => queue.add(message, delaySeconds) },
      20,
    );

  function receive(message: DeliveryMessage): void {
    kernel.spawn(
      'deliver',
      async (process) => {
        await deliver(message, mutate(depsOf(process)));
      },
      // What is not answered for is received again.
      (ending) => {
        if (ending !== 'done') kernel.after(VISIBILITY_MS, () => receive(message));
      },
      TIMEOUT_MS,
    );
    // Standard queues now and then deliver what they have delivered.
    if (random.next() < 0.02) kernel.after(random.between(0, MINUTE_MS), () => receive(message));
  }

  function senderOf(process: Process<Worker>): Sender {
    const { definition, take, find } = receiver;
    const answer = <T>(what: string, effect: () => T) =>
      kernel.step(process, what, random.between(20, 3_000), () => {
        if (isOff()) throw switchedOff();
        return effect();
      });
    return {
      definition,
      send: ({ event }) => answer('sends', () => take(event.id)),
      incidents: {
        reply: ({ event, events }) =>
          answer('replies', () =>
            take(...(events.length > 0 ? events : [event]).map(({ id }) => id)),
          ),
        amend: () => answer('amends', () => undefined),
      },
      ...(find && { find: ({ event }) => answer('looks', () => find(event.id)) }),
    };
  }

  const depsOf = (process: Process<Worker>): DeliverDeps => ({
    store: stepped(process, store, 20),
    paceBook: stepped(process, paceBook, 20),
    incidents: stepped(process, incidents, 20),
    breakers: watchBreakers(stepped(process, book, 20), kernel.now),
    sender: senderOf(process),
    queue: queueOf(process),
    queueOf: () => undefined,
    settingsOf: async () => settings,
    secretOf: async () => '',
    now: kernel.now,
    sleep: (ms) => kernel.step(process, 'sleeps', ms, () => undefined),
    random: () => random.next(),
    log: () => undefined,
    count: () => undefined,
  });

  const resume = (): void =>
    kernel.spawn(
      'resume',
      (process) =>
        resumeDeliveries({
          destinations: async () => [settings],
          lists: stepped(process, lists, 20),
          breakers: watchBreakers(stepped(process, book, 20), kernel.now),
          settingsOf: async () => settings,
          queueOf: () => queueOf(process),
          announce: async () => undefined,
          now: kernel.now,
          log: () => undefined,
        }),
      () => undefined,
      TIMEOUT_MS,
    );

  return {
    store: {
      read: (key: Parameters<typeof store.read>[0]): Promise<Delivery | undefined> =>
        store.read(key),
    },
    queue,
    resume,
  };
}
