import { routingIn } from '../adapters/deps/route.ts';
import { dynamoDeliveries } from '../adapters/dynamo-deliveries.ts';
import { keyOf } from '../delivery/delivery.ts';
import { forecastReplay, type ReplayForecast, replayCalls } from '../routing/replay-calls.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import {
  locateConfiguredStores,
  locateSystem,
  type Stores,
  type System,
  type Where,
  withLocated,
} from './locate.ts';
import { deliverQueuesOf } from './reach-deliveries.ts';
import { forecastLines, replayLines } from './replay-report.ts';
import { checkRange, type Range } from './republish.ts';
import { handleSignals } from './stopping.ts';
import { storedCalls } from './stored-calls.ts';
import { namingUnreadable } from './unreadable.ts';

export interface ReplayOptions extends Where, Range {
  readonly destination: readonly string[];
  readonly dryRun: boolean;
  readonly json: boolean;
}

const DRAIN_MS = 120_000;

const now = (): Date => new Date();

/** @throws UserError when there is no such destination */
async function wantedOf(
  { destination }: ReplayOptions,
  routing: ReturnType<typeof routingIn>,
): Promise<ReadonlySet<string> | undefined> {
  if (destination.length === 0) return undefined;
  const { kinds } = await routing();
  const unknown = destination.find((id) => !kinds.has(id));
  if (unknown === undefined) return new Set(destination);
  throw new UserError(
    `There is no destination ${unknown} there, but ${[...kinds.keys()].join(', ')}. Add it and apply, or name another.`,
  );
}

async function forecast(stores: Stores, options: ReplayOptions): Promise<number> {
  const { tables, output } = stores;
  const routing = routingIn(tables, await output('ControlTableName'), now);
  const only = await wantedOf(options, routing);
  const deliveries = dynamoDeliveries(tables, await output('DeliveriesTableName'));
  const recipients = new Map<string, ReplayForecast>();
  const { onUnreadable, unreadable } = namingUnreadable();
  let calls = 0;
  for await (const page of storedCalls(stores, options, onUnreadable)) {
    await forecastReplay(page, only, recipients, {
      routing,
      now,
      isKnown: async (event, destination) =>
        (await deliveries.read(keyOf({ event, destination, heldMs: 0 }))) !== undefined,
    });
    calls += page.length;
    if (page.length > 0) console.error(`${calls} calls read`);
  }
  const to = Object.fromEntries(recipients);
  const result = { dryRun: true, calls, unreadable: unreadable(), to };
  if (options.json) console.log(JSON.stringify(result));
  else console.log(forecastLines(calls, unreadable(), recipients).join('\n'));
  return unreadable() === 0 ? EXIT.allIsWell : EXIT.needsALook;
}

async function tellAgain(system: System, options: ReplayOptions): Promise<number> {
  const { tables, queues, output, bus, session } = system;
  const routing = routingIn(tables, await output('ControlTableName'), now);
  const only = await wantedOf(options, routing);
  const queueOf = deliverQueuesOf(queues, await output('DeliverQueueUrls'));
  const sum = { calls: 0, events: 0, refused: 0, deliveries: 0 };
  const { onUnreadable, unreadable } = namingUnreadable();
  for await (const page of storedCalls(system, options, onUnreadable)) {
    const replayed = await replayCalls(page, only, {
      ...{ routing, now, bus },
      send: async (kind, message) => {
        const queue = queueOf(kind);
        if (!queue)
          throw new UserError(`This system has no queue for destinations of kind ${kind}.`);
        await queue.send({ ...message, heldMs: 0 }, 0);
      },
    });
    sum.calls += page.length;
    sum.events += replayed.events;
    sum.refused += replayed.refused;
    sum.deliveries += replayed.deliveries;
    if (page.length > 0) console.error(`${sum.calls} calls announced again`);
  }
  // Where nothing else runs on this data, they are told here and now.
  const drained = (await session?.drain(DRAIN_MS)) ?? true;
  const done = { ...sum, unreadable: unreadable(), drained };
  if (options.json) console.log(JSON.stringify({ dryRun: false, ...done }));
  else console.log(replayLines({ ...done, only }));
  const isWell = sum.calls > 0 && unreadable() === 0 && sum.refused === 0 && drained;
  return isWell ? EXIT.allIsWell : EXIT.needsALook;
}

/** Announces the stored calls of a range again, as a replay. Returns the exit status. */
export async function replay(options: ReplayOptions): Promise<number> {
  checkRange(options);
  handleSignals();
  return options.dryRun
    ? withLocated(locateConfiguredStores(options), (stores) => forecast(stores, options))
    : withLocated(locateSystem(options), (system) => tellAgain(system, options));
}
