import * as z from 'zod';
import type { DestinationSettings } from '../../lib/config/settings.ts';
import { type BreakerBook, watchBreakers } from '../../lib/delivery/breaker-book.ts';
import { deliver } from '../../lib/delivery/deliver.ts';
import type { DelayedQueue, DeliverDeps, Freshness } from '../../lib/delivery/deliver-deps.ts';
import { type Delivery, type DeliveryMessage, keyOf } from '../../lib/delivery/delivery.ts';
import { resumeDeliveries } from '../../lib/delivery/resume.ts';
import type { DeliverResult } from '../../lib/delivery/work.ts';
import {
  defineDestination,
  destinationFields,
  type Finding,
  type Pace,
  type Sender,
} from '../../lib/destinations/destination.ts';
import type { DeliveryEvent } from '../../lib/events/event.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import {
  memoryBreakers,
  memoryDeliveries,
  memoryDeliveryLists,
  memoryIncidents,
  memoryPaceBook,
} from '../support/memory-deliveries.ts';
import { failedCall } from './events.ts';

export const START = new Date('2026-11-20T10:00:00.000Z');

const chat = defineDestination({
  kind: 'chat',
  docs: 'https://example.com',
  audience: 'people',
  settings: z.strictObject({
    ...destinationFields,
    kind: z.literal('chat'),
    token: z.string(),
    everyMs: z.number().optional(),
  }),
  secrets: ['token'],
  pace: ({ everyMs }) => (everyMs === undefined ? undefined : { key: 'room', everyMs }),
});

interface Sent {
  readonly eventId: string;
  readonly destination: string;
  readonly atMs: number;
  readonly secret: string | undefined;
}

/** A destination with a queue and a clock of their own: what is sent is noted, what goes wrong is chosen. */
export function deliveryWorld(settings: Partial<DestinationSettings> = {}) {
  let nowMs = START.getTime();
  const now = () => new Date(nowMs);
  const store = memoryDeliveries();
  const queued: { message: DeliveryMessage; atMs: number; delaySeconds: number }[] = [];
  const elsewhere: DeliveryMessage[] = [];
  const sent: Sent[] = [];
  /** What the next requests meet, oldest first: an error to throw; beyond them, success. */
  const troubles: (Error | undefined)[] = [];
  const logged: { level: string; message: string }[] = [];
  const counted: string[] = [];
  const breakerTraffic = { reads: 0, writes: 0 };
  /** `down` is what every request meets while it is set. */
  const world: { down: (() => Error) | undefined } = { down: undefined };
  const configured = new Map<string, DestinationSettings>([
    ['ops', { id: 'ops', kind: 'chat', token: 'env:TOKEN', ...settings }],
  ]);
  const queue: DelayedQueue = {
    async send(message, delaySeconds) {
      if (delaySeconds > 900) throw new Error('SQS delays by 900 seconds at most');
      queued.push({ message, atMs: nowMs + delaySeconds * 1000, delaySeconds });
    },
  };
  const sender: Sender = {
    definition: chat,
    async send({ event, settings: { id }, secrets }) {
      sent.push({
        eventId: event.id,
        destination: id,
        atMs: nowMs - START.getTime(),
        secret: secrets.token,
      });
      const trouble = troubles.shift() ?? world.down?.();
      if (trouble !== undefined) throw trouble;
      return { ts: `${sent.length}` };
    },
    find: async (): Promise<Finding> => ({ state: 'absent' }),
  };
  const deps = {
    store,
    paceBook: memoryPaceBook(),
    breakers: watchBreakers(counting(memoryBreakers(), breakerTraffic), now),
    incidents: memoryIncidents(store),
    sender,
    queue,
    queueOf: (kind: string): DelayedQueue | undefined =>
      kind === 'chat' ? { send: async (message) => void elsewhere.push(message) } : undefined,
    settingsOf: async (id: string, _options: Freshness) => configured.get(id),
    secretOf: async (reference: string, _options: Freshness) => `value of ${reference}`,
    now,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
    random: () => 0.5,
    log: (level: string, message: string) => void logged.push({ level, message }),
    count: (metric: string) => void counted.push(metric),
  } satisfies DeliverDeps;

  const lists = memoryDeliveryLists(store.rows);
  const announced: DeliveryEvent[] = [];
  const resume = () =>
    resumeDeliveries({
      ...deps,
      lists,
      destinations: async () => [...configured.values()],
      queueOf: (kind) => (kind === 'chat' ? queue : undefined),
      announce: async (event) => void announced.push(event),
    });

  const messageOf = (id = 'evt-1', destination = 'ops'): DeliveryMessage => ({
    event: { ...failedCall(), id },
    destination,
    heldMs: 0,
  });

  /** So many that whoever comes after them has to wait for longer than one sleeps. */
  const othersLineUp = async ({ key, everyMs }: Pace): Promise<void> => {
    for (let others = 0; others < 4; others += 1) await deps.paceBook.lineUp(key, everyMs, now());
  };

  return Object.assign(world, {
    deps,
    othersLineUp,
    breakerTraffic,
    queued,
    elsewhere,
    sent,
    troubles,
    logged,
    counted,
    configured,
    messageOf,
    elapse: (ms: number) => {
      nowMs += ms;
    },
    deliver: (message = messageOf()): Promise<DeliverResult> => deliver(message, deps),
    lists,
    announced,
    resume,
    /** Lives for so long: messages come when they are due, and every minute what is parked is looked after. */
    async live(ms: number): Promise<void> {
      const end = nowMs + ms;
      for (;;) {
        queued.sort((a, b) => a.atMs - b.atMs);
        const minute = Math.ceil((nowMs + 1) / MINUTE_MS) * MINUTE_MS;
        const next = queued[0];
        const at = Math.min(minute, Math.max(next?.atMs ?? minute, nowMs));
        if (at > end) break;
        nowMs = Math.max(nowMs, at);
        if (next && next.atMs <= at) {
          queued.shift();
          await deliver(next.message, deps);
        } else await resume();
      }
      nowMs = Math.max(nowMs, end);
    },
    breaker: () => deps.breakers.look('ops'),
    async row(message = messageOf()): Promise<Delivery> {
      const row = await store.read(keyOf(message));
      if (row === undefined) throw new Error('There is no such delivery');
      return row;
    },
    /** Hands in many events while other workers have the next turns, so that all of these have to wait. */
    async deliverMany(ids: readonly string[], turn: Pace): Promise<void> {
      await othersLineUp(turn);
      for (const id of ids) await deliver(messageOf(id), deps);
      if (sent.length > 0) throw new Error('Somebody did not wait');
    },
    /** Works the queue off in the order in which its messages become visible. */
    async drain(): Promise<void> {
      for (let turns = 0; queued.length > 0; turns += 1) {
        if (turns > 1000) throw new Error('The queue never became empty');
        queued.sort((a, b) => a.atMs - b.atMs);
        const next = queued.shift();
        if (next === undefined) return;
        nowMs = Math.max(nowMs, next.atMs);
        await deliver(next.message, deps);
      }
    },
  });
}

const counting = (book: BreakerBook, traffic: { reads: number; writes: number }): BreakerBook => ({
  read: (...args) => {
    traffic.reads += 1;
    return book.read(...args);
  },
  save: (...args) => {
    traffic.writes += 1;
    return book.save(...args);
  },
});
