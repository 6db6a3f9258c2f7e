import type { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { loadDestinations } from '../adapters/deps/deliver.ts';
import { dynamoBreakers } from '../adapters/dynamo-breakers.ts';
import { dynamoDeliveryLists, readUnsettled } from '../adapters/dynamo-delivery-lists.ts';
import { queuesByKind } from '../adapters/queues.ts';
import type { DestinationSettings } from '../config/settings.ts';
import { type Breakers, watchBreakers } from '../delivery/breaker-book.ts';
import type { DelayedQueue } from '../delivery/deliver-deps.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { DeliveryLists } from '../delivery/delivery-lists.ts';
import { locateLocal, locateStack } from './reach-system.ts';
import type { Session } from './session.ts';

/** Which system: a deployment, or the one on a data folder. */
export interface Where {
  readonly config: string;
  readonly data: string;
  readonly stack?: string | undefined;
}

/** The deliveries of a system, wherever it runs. */
export interface ReachedDeliveries {
  unsettled(): Promise<Delivery[]>;
  destinations(): Promise<DestinationSettings[]>;
  readonly lists: DeliveryLists;
  readonly breakers: Breakers;
  readonly queueOf: (kind: string) => DelayedQueue | undefined;
  /** The system itself, where it runs in this process and ends with it. */
  readonly session: Session | undefined;
  close(): Promise<void>;
}

const urlsSchema = z.record(z.string(), z.url());

/** @param urls the stack's output of that name */
export const deliverQueuesOf = (queues: SQSClient, urls: string): ReachedDeliveries['queueOf'] =>
  queuesByKind(queues, urlsSchema.parse(JSON.parse(urls)));

/** @throws UserError when there is no such system */
export async function reachDeliveries({ config, data, stack }: Where): Promise<ReachedDeliveries> {
  const located = stack === undefined ? await locateLocal(data, config) : locateStack(stack);
  const { tables, queues, output, session } = located;
  const deliveries = await output('DeliveriesTableName');
  const control = await output('ControlTableName');
  const queueOf = deliverQueuesOf(queues, await output('DeliverQueueUrls'));
  return {
    unsettled: () => readUnsettled(tables, deliveries),
    destinations: () => loadDestinations(tables, control),
    lists: dynamoDeliveryLists(tables, deliveries),
    breakers: watchBreakers(dynamoBreakers(tables, deliveries), () => new Date()),
    queueOf,
    session,
    close: async () => {
      queues.destroy();
      await session?.close();
    },
  };
}
