import type { StoredCall } from '../../lib/calls/version.ts';
import { CANARY_DESTINATION, canaryEvent } from '../../lib/canary/canary.ts';
import { createSender } from '../../lib/canary/null-destination.ts';
import { type CanaryMemory, sendCanary } from '../../lib/canary/send-canary.ts';
import { deliver } from '../../lib/delivery/deliver.ts';
import { deliveryMessageSchema, keyOf } from '../../lib/delivery/delivery.ts';
import type { Event } from '../../lib/events/event.ts';
import { publishTransitions } from '../../lib/events/publish-transitions.ts';
import type { Metric } from '../../lib/log.ts';
import { tell } from '../../lib/routing/tell.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { deliveryWorld } from '../delivery/delivery-world.ts';
import { memoryCalls } from './memory-calls.ts';

/** The way of a canary: its table, publish, route and deliver are the real ones, between stores in memory. */
export function canaryWorld() {
  const world = deliveryWorld();
  const calls = memoryCalls();
  const announced: Event[] = [];
  const counted: Metric[] = [];
  const told: string[] = [];
  let memory: CanaryMemory | undefined;
  let published = 0;
  /** `off`: the queue of the null destination is not read; what is in it stays there. */
  const mapping = { off: false };
  const queue: unknown[] = [];
  const sender = createSender((metric) => void counted.push(metric));
  const deliverDeps = {
    ...world.deps,
    sender,
    settingsOf: async (id: string) =>
      id === CANARY_DESTINATION ? { id, kind: CANARY_DESTINATION } : undefined,
  };
  const tellDeps = {
    routing: async () => ({
      routes: [{ id: 'all', when: {}, to: ['ops'], continue: false }],
      kinds: new Map([['ops', 'chat']]),
      silences: [],
      fallbacks: new Map<string, string>(),
    }),
    send: async (kind: string, message: { event: Event; destination: string }) => {
      told.push(message.destination);
      if (kind === CANARY_DESTINATION) queue.push({ ...message });
    },
    now: world.deps.now,
    log: () => {},
  };

  /** Stream → publish → bus → route → deliver, as far as it goes. */
  async function flow(): Promise<void> {
    const transitions = calls.stream.slice(published).map((change, index) => ({
      position: String(published + index),
      read: () => change,
    }));
    published = calls.stream.length;
    const bus = {
      put: async (events: readonly Event[]) => {
        announced.push(...events);
        for (const event of events) await tell(event, tellDeps);
        return new Set<string>();
      },
    };
    await publishTransitions(transitions, { bus, log: () => {} });
    while (!mapping.off && queue.length > 0) {
      await deliver(deliveryMessageSchema.parse(queue.shift()), deliverDeps);
    }
  }

  const deps = {
    load: async () => memory,
    save: async (next: CanaryMemory) => {
      memory = next;
    },
    write: (canary: StoredCall) => calls.write(canary),
    hasArrived: async (canary: StoredCall) => {
      const event = canaryEvent(canary);
      const key = keyOf({ event, destination: CANARY_DESTINATION, heldMs: 0 });
      return (await world.deps.store.read(key))?.state === 'delivered';
    },
    announce: calls.notify,
    now: world.deps.now,
    log: () => {},
  };

  /** Sends the canary that is due now, and lets everything go its way. */
  async function send(at = world.deps.now()): Promise<void> {
    await sendCanary(at, deps);
    await flow();
  }

  return {
    deps,
    mapping,
    counted,
    told,
    calls,
    elapse: world.elapse,
    flow,
    send,
    /** Lives for so many quarters of an hour, with a canary at the beginning of each. */
    async quarters(count: number): Promise<void> {
      for (let quarter = 0; quarter < count; quarter += 1) {
        await send();
        world.elapse(15 * MINUTE_MS);
      }
    },
    notices: () =>
      announced.flatMap((event) =>
        'delivery' in event ? [[event.type, event.delivery.reason, event.delivery.since]] : [],
      ),
  };
}
