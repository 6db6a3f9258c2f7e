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
import { locateSystem, type Where } from './locate.ts';
import type { Session } from './session.ts';
import { namingUnreadable } from './unreadable.ts';

/** The deliveries of a system, wherever it runs. */
export interface ReachedDeliveries {
  unsettled(): Promise<Delivery[]>;
  /** How many rows could not be read so far, and are left out. */
  unreadable(): number;
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
export async function reachDeliveries(where: Where): Promise<ReachedDeliveries> {
  const { tables, queues, output, session, close } = await locateSystem(where);
  const [deliveries, control] = [
    await output('DeliveriesTableName'),
    await output('ControlTableName'),
  ];
  const { onUnreadable, unreadable } = namingUnreadable();
  return {
    unsettled: () => readUnsettled(tables, deliveries, onUnreadable),
    unreadable,
    destinations: () => loadDestinations(tables, control),
    lists: dynamoDeliveryLists(tables, deliveries, onUnreadable),
    breakers: watchBreakers(dynamoBreakers(tables, deliveries), () => new Date()),
    queueOf: deliverQueuesOf(queues, await output('DeliverQueueUrls')),
    session,
    close,
  };
}
