import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromCallsItem } from '../../lib/adapters/call-item.ts';
import { dynamoCanaries } from '../../lib/adapters/dynamo-canaries.ts';
import { dynamoDeliveries } from '../../lib/adapters/dynamo-deliveries.ts';
import { canaryCall, canaryEvent } from '../../lib/canary/canary.ts';
import { keyOf } from '../../lib/delivery/delivery.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { serve } from '../local/dynamodb/embedded.ts';
import { callsTable } from '../support/calls-table.ts';
import { controlTable } from '../support/control-table.ts';
import { deliveriesTable } from '../support/deliveries-table.ts';
import { LOCAL } from '../support/sdk.ts';

const SENT_AT = new Date('2026-01-31T09:00:00.000Z');
const canary = canaryCall(SENT_AT);
const TWO_DAYS_LATER = Date.parse('2026-02-02T09:00:00.000Z') / 1000;

describe('canaries in the tables', () => {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: Date.now });
  const tables = {
    calls: callsTable.name,
    control: controlTable.name,
    deliveries: deliveriesTable.name,
  };
  let served: Awaited<ReturnType<typeof serve>>;
  let client: DynamoDBDocumentClient;

  beforeAll(async () => {
    served = await serve(service);
    for (const table of [callsTable, controlTable, deliveriesTable]) service.createTable(table);
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ ...LOCAL, endpoint: served.endpoint }),
      { marshallOptions: { removeUndefinedValues: true } },
    );
  });
  afterAll(() => {
    client.destroy();
    served.stop();
    db.close();
  });

  it('are calls like others that stand in no index and are gone after two days', async () => {
    const { write } = dynamoCanaries(client, tables);

    expect(await write(canary)).toBe(true);
    expect(await write(canary)).toBe(false);

    const get = new GetCommand({
      TableName: tables.calls,
      Key: { pk: `callwire.canary#${SENT_AT.toISOString()}` },
    });
    const { Item = {} } = await client.send(get);
    expect(fromCallsItem(Item)).toEqual({ call: canary });
    expect(Item.expiresAt).toBe(TWO_DAYS_LATER);
    for (const IndexName of ['byTime', 'failedByDay', 'byNumber']) {
      const { Count } = await client.send(new ScanCommand({ TableName: tables.calls, IndexName }));
      expect([IndexName, Count]).toEqual([IndexName, 0]);
    }
  });

  it('have arrived once there is a receipt, which is gone after two days as well', async () => {
    const { hasArrived } = dynamoCanaries(client, tables);
    expect(await hasArrived(canary)).toBe(false);

    const event = canaryEvent(canary);
    const key = keyOf({ event, destination: 'canary', heldMs: 0 });
    const at = SENT_AT.toISOString();
    const row = {
      ...{ ...key, type: event.type, createdAt: at, attempts: 1, failures: 0, heldMs: 0 },
      ...{ state: 'delivered' as const, lease: 'one', claimedAt: at, leaseUntil: at },
    };
    await dynamoDeliveries(client, tables.deliveries).save(row, SENT_AT);

    expect(await hasArrived(canary)).toBe(true);
    const { Items = [] } = await client.send(new ScanCommand({ TableName: tables.deliveries }));
    expect(Items.map((item) => Number(item.expiresAt))).toEqual([TWO_DAYS_LATER]);
  });

  it('are remembered, with the trouble and without it', async () => {
    const { load, save } = dynamoCanaries(client, tables);
    const sentAt = SENT_AT.toISOString();
    expect(await load()).toBeUndefined();

    await save({ sentAt, missingSince: sentAt });
    expect(await load()).toEqual({ sentAt, missingSince: sentAt });
    await save({ sentAt, missingSince: undefined });
    expect(await load()).toEqual({ sentAt });
  });
});
