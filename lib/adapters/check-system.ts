import {
  DescribeEventBusCommand,
  type EventBridgeClient,
  PutEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { CheckBus, CheckStore } from '../check/check-system.ts';
import { EVENT_SOURCE } from '../events/event.ts';
import { HOUR_MS } from '../time.ts';

const markedSchema = z.object({ mark: z.string() });

/** The Control table, in which an item of a check that dies expires by itself. */
export const dynamoCheckStore = (client: DynamoDBDocumentClient, table: string): CheckStore => ({
  async roundTrip(mark) {
    const Key = { pk: 'check', sk: mark };
    const expiresAt = Math.floor((Date.now() + HOUR_MS) / 1000);
    await client.send(new PutCommand({ TableName: table, Item: { ...Key, mark, expiresAt } }));
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key, ConsistentRead: true }),
    );
    await client.send(new DeleteCommand({ TableName: table, Key }));
    return markedSchema.safeParse(Item).data?.mark;
  },
});

/** A source of its own: rules and consumers take `callwire` only. */
const CHECK_SOURCE = `${EVENT_SOURCE}.check`;

export const eventBridgeCheck = (client: EventBridgeClient, bus: string): CheckBus => ({
  async exists() {
    try {
      await client.send(new DescribeEventBusCommand({ Name: bus }));
      return true;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return false;
      throw error;
    }
  },
  async putTest() {
    const entry = { EventBusName: bus, Source: CHECK_SOURCE, DetailType: 'check', Detail: '{}' };
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    return Entries[0]?.EventId !== undefined;
  },
});
