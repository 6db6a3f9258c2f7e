import type { DestinationSettings } from '../../lib/config/settings.ts';
import { watchBreakers } from '../../lib/delivery/breaker-book.ts';
import { deliver } from '../../lib/delivery/deliver.ts';
import type { DeliverDeps } from '../../lib/delivery/deliver-deps.ts';
import type { DeliveryMessage } from '../../lib/delivery/delivery.ts';
import type { Sender } from '../../lib/destinations/destination.ts';
import { eventIdsIn } from '../../lib/destinations/slack/metadata.ts';
import { sender } from '../../lib/destinations/slack/send.ts';
import type { Event } from '../../lib/events/event.ts';
import { type SlackOptions, startSlack } from '../../lib/local/simulators/slack.ts';
import {
  memoryBreakers,
  memoryDeliveries,
  memoryIncidents,
  memoryPaceBook,
} from './memory-deliveries.ts';
import { virtualClock } from './virtual-clock.ts';

export const START = Date.parse('2026-11-20T10:00:00.000Z');

/** As the template has it (`infra/destination-queue.ts`): so many invocations at once, each with a batch. */
const WORKERS = 2;
const BATCH = 10;

/** Between a message that can be seen and the function that has it, and for a request to Slack, one way. */
const QUEUE_MS = 30;
const NETWORK_MS = 60;

type Kept = Pick<DeliverDeps, 'store' | 'paceBook' | 'incidents'>;

const inMemory = (): Kept => {
  const store = memoryDeliveries();
  return { store, paceBook: memoryPaceBook(), incidents: memoryIncidents(store) };
};

export interface SlackWorldOptions {
  /** Their names; each is a destination of the same name. */
  readonly channels: readonly string[];
  /** Of every destination, beside what it needs. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly slack?: Partial<SlackOptions>;
  readonly kept?: Kept;
}

/**
 * The delivery engine and Slack's look-alike on virtual time: a queue with delays and batches, two
 * workers at once, and requests that take a while.
 */
export async function slackWorld({
  channels,
  settings,
  slack,
  kept = inMemory(),
}: SlackWorldOptions) {
  const clock = virtualClock(START);
  const idOf = (channel: string) => `C0TEST${String(channels.indexOf(channel)).padStart(4, '0')}`;
  const workspace = await startSlack({
    token: 'xoxb-test',
    channels: channels.map((name) => ({ id: idOf(name), name })),
    webhooks: channels.map((name) => ({ path: `/services/${name}`, channel: idOf(name) })),
    now: () => clock.now().getTime(),
    ...slack,
  });
  const configured = new Map<string, DestinationSettings>(
    channels.map((id) => [
      id,
      {
        id,
        kind: 'slack',
        token: 'env:T',
        channel: `#${id}`,
        baseUrl: workspace.apiUrl,
        ...settings,
      },
    ]),
  );

  const slowly =
    <A extends unknown[], T>(ask: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await clock.sleep(NETWORK_MS);
      try {
        return await ask(...args);
      } finally {
        await clock.sleep(NETWORK_MS);
      }
    };
  const { find, incidents } = sender;
  // The engine knows senders by what all kinds have in common, as it does where a bundle names one.
  const slowSender = {
    ...sender,
    send: slowly(sender.send),
    ...(find && { find: slowly(find) }),
    ...(incidents && {
      incidents: { reply: slowly(incidents.reply), amend: slowly(incidents.amend) },
    }),
  } as Sender;

  const visible: DeliveryMessage[] = [];
  const crashes: unknown[] = [];
  const logged: { level: string; message: string; fields: unknown }[] = [];
  let busy = 0;

  const show = async (message: DeliveryMessage): Promise<void> => {
    visible.push(message);
    takeBatch();
  };
  const deps: DeliverDeps = {
    ...kept,
    breakers: watchBreakers(memoryBreakers(), clock.now),
    sender: slowSender,
    queue: {
      send: async (message, delaySeconds) => {
        // A message is text on its way.
        const copy: DeliveryMessage = structuredClone(message);
        clock.after(delaySeconds * 1000 + QUEUE_MS, () => show(copy));
      },
    },
    queueOf: () => undefined,
    settingsOf: async (id) => configured.get(id),
    secretOf: async () =>
      settings?.url === undefined ? 'xoxb-test' : `${workspace.url}/services/${channels[0]}`,
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0.5,
    log: (level, message, fields) => void logged.push({ level, message, fields }),
    count: () => undefined,
  };

  function takeBatch(): void {
    if (busy >= WORKERS || visible.length === 0) return;
    const batch = visible.splice(0, BATCH);
    busy += 1;
    let left = batch.length;
    // Each on its own: whoever sleeps stops no time for the others.
    for (const message of batch) {
      clock.after(0, async () => {
        try {
          await deliver(message, deps);
        } catch (error) {
          crashes.push(error);
          // The queue shows it again after its visibility timeout.
          clock.after(360_000, () => show(message));
        }
        left -= 1;
        if (left > 0) return;
        busy -= 1;
        takeBatch();
      });
    }
  }

  return {
    clock,
    deps,
    workspace,
    configured,
    crashes,
    logged,
    /** Routes an event to a destination so long after now. */
    tell: (event: Event, destination: string, afterMs = 0): void =>
      clock.after(afterMs, () => show({ event, destination, heldMs: 0 })),
    /** Which events each message of a channel names in its metadata, oldest first. */
    told: (channel: string): string[][] =>
      workspace
        .messages()
        .filter(({ channelName }) => channelName === channel)
        .map(({ metadata }) => [...eventIdsIn(metadata)]),
    row: (event: Event, destination: string) =>
      kept.store.read({
        subject: 'call' in event ? `${event.call.connection}#${event.call.id}` : '',
        destination,
        eventId: event.id,
      }),
  };
}
export type SlackWorld = Awaited<ReturnType<typeof slackWorld>>;
