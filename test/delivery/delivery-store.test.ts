import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoBreakers } from '../../lib/adapters/dynamo-breakers.ts';
import { dynamoDeliveries } from '../../lib/adapters/dynamo-deliveries.ts';
import { dynamoDeliveryLists, readUnsettled } from '../../lib/adapters/dynamo-delivery-lists.ts';
import { dynamoIncidents } from '../../lib/adapters/dynamo-incidents.ts';
import { dynamoPaceBook } from '../../lib/adapters/dynamo-pace.ts';
import type { DeliveryStore } from '../../lib/delivery/delivery-store.ts';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { addMs } from '../../lib/time.ts';
import {
  type DynamoDbLocal,
  startDynamoDbLocal,
  whyNoDynamoDbLocal,
} from '../support/dynamodb-local.ts';
import {
  memoryBreakers,
  memoryDeliveries,
  memoryDeliveryLists,
  memoryIncidents,
  memoryPaceBook,
} from '../support/memory-deliveries.ts';
import { LOCAL } from '../support/sdk.ts';
import { breakerBookContract } from './breaker-book.contract.ts';
import { deliveryListsContract } from './delivery-lists.contract.ts';
import { deliveryStoreContract } from './delivery-store.contract.ts';
import { incidentBookContract } from './incident-book.contract.ts';
import { paceBookContract } from './pace-book.contract.ts';

deliveryStoreContract('the reference', async () => memoryDeliveries());
deliveryListsContract('the reference', async () => {
  const store = memoryDeliveries();
  return { store, lists: memoryDeliveryLists(store.rows), incidents: memoryIncidents(store) };
});
breakerBookContract('the reference', async () => memoryBreakers());
incidentBookContract('the reference', async () => {
  const store = memoryDeliveries();
  return { store, book: memoryIncidents(store) };
});
paceBookContract('the reference', async () => {
  const book = memoryPaceBook();
  return { book, another: () => book };
});

const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' as const });
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' as const });

/** The table that infra declares. */
const KEYS = [hash('pk'), range('sk')];
const ATTRIBUTES = ['pk', 'sk', 'u', 'dueAt'].map((AttributeName) => ({
  AttributeName,
  AttributeType: 'S' as const,
}));
const UNSETTLED = [hash('u'), range('dueAt')];
const KEYS_ONLY = { ProjectionType: 'KEYS_ONLY' } as const;

/** Claims one and the same delivery, for nobody in particular. */
const claimIn = (store: DeliveryStore, now: Date) => (lease: string) =>
  store.claim({
    key: { subject: 's', destination: 'ops', eventId: 'e' },
    type: 'call.failed',
    revision: 1,
    heldMs: 0,
    lease,
    now,
    leaseUntil: now,
    dueBy: now,
  });

/** A DynamoDB to run the suites on: ours, or Amazon's. */
interface Server extends DynamoDbLocal {
  createTable(name: string): Promise<void>;
}

async function embedded(): Promise<Server> {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: () => Date.now() });
  const server = await startAwsServer({ json: [service] });
  return {
    endpoint: server.endpoint,
    createTable: async (name) => {
      service.createTable({
        name,
        keySchema: KEYS,
        attributeDefinitions: ATTRIBUTES,
        indexes: [{ name: 'unsettled', keySchema: UNSETTLED, projection: KEYS_ONLY }],
        streamView: undefined,
        ttlAttribute: 'expiresAt',
      });
    },
    stop: async () => {
      await server.close();
      db.close();
    },
  };
}

async function amazons(): Promise<Server> {
  const { endpoint, stop } = await startDynamoDbLocal();
  const admin = new DynamoDBClient({ endpoint, ...LOCAL });
  const index = { IndexName: 'unsettled', KeySchema: UNSETTLED, Projection: KEYS_ONLY };
  return {
    endpoint,
    createTable: async (TableName) => {
      await admin.send(
        new CreateTableCommand({
          TableName,
          KeySchema: KEYS,
          AttributeDefinitions: ATTRIBUTES,
          GlobalSecondaryIndexes: [index],
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
    },
    stop: async () => {
      admin.destroy();
      await stop();
    },
  };
}

const noLocal = whyNoDynamoDbLocal();
if (noLocal) it.skip(noLocal, () => {});

const servers: [string, () => Promise<Server>][] = [['the embedded DynamoDB', embedded]];
if (!noLocal) servers.push(['DynamoDB Local', amazons]);

describe.each(servers)('on %s', (_name, start) => {
  let base: DynamoDBClient;
  let client: DynamoDBDocumentClient;
  let server: Server;
  let tables = 0;

  beforeAll(async () => {
    server = await start();
    base = new DynamoDBClient({ endpoint: server.endpoint, ...LOCAL });
    client = DynamoDBDocumentClient.from(base);
  });
  afterAll(async () => {
    base.destroy();
    await server.stop();
  });

  async function freshTable(): Promise<string> {
    tables += 1;
    const name = `Deliveries-${tables}`;
    await server.createTable(name);
    return name;
  }

  deliveryStoreContract('DynamoDB', async () => dynamoDeliveries(client, await freshTable()));
  deliveryListsContract('DynamoDB', async () => {
    const table = await freshTable();
    return {
      store: dynamoDeliveries(client, table),
      lists: dynamoDeliveryLists(client, table, (error) => {
        throw error;
      }),
      incidents: dynamoIncidents(client, table),
    };
  });
  breakerBookContract('DynamoDB', async () => dynamoBreakers(client, await freshTable()));
  incidentBookContract('DynamoDB', async () => {
    const table = await freshTable();
    return { store: dynamoDeliveries(client, table), book: dynamoIncidents(client, table) };
  });
  paceBookContract('DynamoDB', async () => {
    const table = await freshTable();
    const another = () => dynamoPaceBook(client, table);
    return { book: another(), another };
  });

  it('lists a delivery as unsettled only while it is', async () => {
    const table = await freshTable();
    const store = dynamoDeliveries(client, table);
    const now = new Date('2026-11-20T10:00:00.000Z');
    const unsettled = async () => {
      const scan = new ScanCommand({ TableName: table, IndexName: 'unsettled' });
      return (await client.send(scan)).Items;
    };
    const claim = claimIn(store, now);

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

  it('lists the others beside a row that nobody can read, which is named and not quoted', async () => {
    const table = await freshTable();
    const store = dynamoDeliveries(client, table);
    const now = new Date('2026-11-20T10:00:00.000Z');
    const claim = claimIn(store, now);
    const dueAt = now.toISOString();
    const { row } = await claim('a');
    await store.save({ ...row, state: 'waiting', dueAt }, now);
    // Before it, for a probe asks for the first alone.
    const before = addMs(now, -1_000).toISOString();
    const odd = { pk: 'clinic#1', sk: 'ops#odd', u: 'ops#waiting', dueAt: before, note: 'private' };
    await client.send(new PutCommand({ TableName: table, Item: odd }));
    const named: string[] = [];
    const onUnreadable = ({ message }: Error) => named.push(message);

    const lists = dynamoDeliveryLists(client, table, onUnreadable);
    const waiting = await lists.read('ops', 'waiting', { limit: 1 });
    const unsettled = await readUnsettled(client, table, onUnreadable);

    expect([waiting, unsettled].map((rows) => rows.map(({ state }) => state))).toEqual([
      ['waiting'],
      ['waiting'],
    ]);
    expect(named).toHaveLength(2);
    expect(named[0]).toMatch(/^clinic\/1 \(delivery ops#odd\) cannot be read: /);
    expect(named.join()).not.toContain('private');
  });

  it('keeps the receipt of a call for 13 months and that of a notice for 30 days', async () => {
    const table = await freshTable();
    const store = dynamoDeliveries(client, table);
    const now = new Date('2026-11-20T10:00:00.000Z');
    for (const type of ['call.failed', 'connection.failing'] as const) {
      await store.claim({
        key: { subject: type, destination: 'ops', eventId: 'e' },
        type,
        revision: 1,
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

  describe('a claim whose answer was lost, and which the SDK made again', () => {
    const now = new Date('2026-11-20T10:00:00.000Z');
    const request = (lease: string, at = now) => ({
      key: { subject: 's', destination: 'ops', eventId: 'e' },
      type: 'call.failed' as const,
      revision: 1,
      heldMs: 0,
      lease,
      now: at,
      leaseUntil: addMs(at, 60_000),
      dueBy: at,
    });

    /** A client that carries out its first update and does not hear of it. */
    function deaf(): DynamoDBDocumentClient {
      const lossy = new DynamoDBClient({ endpoint: server.endpoint, ...LOCAL });
      let updates = 0;
      lossy.middlewareStack.add(
        (next) => async (args) => {
          const answer = await next(args);
          updates += 1;
          if (updates > 1) return answer;
          throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
        },
        { step: 'deserialize', priority: 'low' },
      );
      return DynamoDBDocumentClient.from(lossy);
    }

    it('is ours', async () => {
      const lossy = deaf();
      const store = dynamoDeliveries(lossy, await freshTable());

      expect(await store.claim(request('a'))).toMatchObject({
        claimed: true,
        before: undefined,
        row: { state: 'sending', lease: 'a' },
      });
      expect(await store.claim(request('b'))).toMatchObject({ claimed: false });
      lossy.destroy();
    });

    it('still makes us look for what a worker before us may have sent', async () => {
      const lossy = deaf();
      const table = await freshTable();
      await dynamoDeliveries(client, table).claim(request('dead'));

      const claim = await dynamoDeliveries(lossy, table).claim(request('a', addMs(now, 60_000)));

      expect(claim).toMatchObject({
        claimed: true,
        before: { state: 'sending', claimedAt: now.toISOString() },
        row: { lease: 'a', claimedAt: addMs(now, 60_000).toISOString() },
      });
      lossy.destroy();
    });
  });
});
