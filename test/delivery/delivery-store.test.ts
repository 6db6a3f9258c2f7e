import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDeliveries, dynamoPaceBook } from '../../lib/adapters/dynamo-deliveries.ts';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { memoryDeliveries, memoryPaceBook } from '../support/memory-deliveries.ts';
import { deliveryStoreContract, paceBookContract } from './delivery-store.contract.ts';

deliveryStoreContract('the reference', async () => memoryDeliveries());
paceBookContract('the reference', async () => memoryPaceBook());

describe('on DynamoDB', () => {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: () => Date.now() });
  let client: DynamoDBDocumentClient;
  let stop: () => Promise<void>;
  let tables = 0;

  beforeAll(async () => {
    const server = await startAwsServer({ json: [service] });
    const { endpoint } = server;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const base = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    client = DynamoDBDocumentClient.from(base);
    stop = async () => {
      base.destroy();
      await server.close();
      db.close();
    };
  });
  afterAll(() => stop());

  /** The table that infra declares. */
  function freshTable(): string {
    tables += 1;
    const name = `Deliveries-${tables}`;
    service.createTable({
      name,
      keySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      attributeDefinitions: ['pk', 'sk', 'u', 'dueAt'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      indexes: [
        {
          name: 'unsettled',
          keySchema: [
            { AttributeName: 'u', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      streamView: undefined,
      ttlAttribute: 'expiresAt',
    });
    return name;
  }

  deliveryStoreContract('DynamoDB', async () => dynamoDeliveries(client, freshTable()));
  paceBookContract('DynamoDB', async () => dynamoPaceBook(client, freshTable()));

  it('lists a delivery as unsettled only while it is', async () => {
    const table = freshTable();
    const store = dynamoDeliveries(client, table);
    const now = new Date('2026-11-20T10:00:00.000Z');
    const unsettled = async () => {
      const scan = new ScanCommand({ TableName: table, IndexName: 'unsettled' });
      return (await client.send(scan)).Items;
    };
    const claim = (lease: string) =>
      store.claim({
        key: { subject: 's', destination: 'ops', eventId: 'e' },
        type: 'call.failed',
        heldMs: 0,
        lease,
        now,
        leaseUntil: now,
        dueBy: now,
      });

    const { row } = await claim('a');
    expect(await unsettled()).toEqual([]);
    await store.save({ ...row, state: 'waiting', dueAt: now.toISOString() }, now);
    const keys = { pk: 's', sk: 'ops#e', dueAt: now.toISOString() };
    expect(await unsettled()).toEqual([{ ...keys, u: 'ops#waiting' }]);

    const again = await claim('b');
    expect(await unsettled()).toEqual([]);
    await store.save({ ...again.row, state: 'delivered' }, now);
    expect(await unsettled()).toEqual([]);
  });

  it('keeps the receipt of a call for 13 months and that of a notice for 30 days', async () => {
    const table = freshTable();
    const store = dynamoDeliveries(client, table);
    const now = new Date('2026-11-20T10:00:00.000Z');
    for (const type of ['call.failed', 'connection.failing'] as const) {
      await store.claim({
        key: { subject: type, destination: 'ops', eventId: 'e' },
        type,
        heldMs: 0,
        lease: 'a',
        now,
        leaseUntil: now,
        dueBy: now,
      });
    }

    const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
    const days = Items.map((item): [string, number] => [
      String(item.pk),
      (Number(item.expiresAt) - now.getTime() / 1000) / 86_400,
    ]);
    expect(Object.fromEntries(days)).toEqual({ 'call.failed': 400, 'connection.failing': 30 });
  });
});
