import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyConfig } from '../../lib/adapters/apply-config.ts';
import { connectionsReader } from '../../lib/adapters/config-revision.ts';
import { loadConfig } from '../../lib/adapters/dynamo-control.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { addMs } from '../../lib/time.ts';
import { serve } from '../local/dynamodb/embedded.ts';
import { NOW } from '../support/calls.ts';
import { controlTable } from '../support/control-table.ts';

const clinic = { id: 'clinic', provider: 'hamsa', key: 'env:KEY', poll: { every: '1m' } };
const shop = { id: 'shop', provider: 'hamsa', key: 'env:KEY' };
const ops = { id: 'ops', kind: 'slack', token: 'env:TOKEN', channel: '#ops' };
const routes = [{ id: 'all', to: ['ops'] }];
const CONFIG = { connections: [clinic, shop], destinations: [ops], routes };

const NOTHING = { added: [], changed: [], removed: [] };

describe('applying a configuration', () => {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: Date.now });
  let served: Awaited<ReturnType<typeof serve>>;
  let client: DynamoDBDocumentClient;
  let table: string;
  let tables = 0;

  beforeAll(async () => {
    served = await serve(service);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint: served.endpoint, region: 'us-east-1', credentials }),
    );
  });
  beforeEach(() => {
    tables += 1;
    table = `control-${tables}`;
    service.createTable({ ...controlTable, name: table });
  });
  afterAll(() => {
    client.destroy();
    served.stop();
    db.close();
  });

  const connections = () => loadConfig(client, table, 'connections');

  it('adds what is new, and keeps it as it was written', async () => {
    expect(await applyConfig(client, table, CONFIG)).toEqual({
      added: ['connections/clinic', 'connections/shop', 'destinations/ops', 'routes/routes'],
      changed: [],
      removed: [],
    });

    expect(await connections()).toEqual([clinic, shop]);
    expect(await loadConfig(client, table, 'destinations')).toEqual([ops]);
    expect(await loadConfig(client, table, 'routes')).toEqual([routes]);
  });

  it('is heard of at once by who reads connections again and again, and else nothing is read', async () => {
    const read = connectionsReader(client, table, () => NOW);
    await applyConfig(client, table, CONFIG);
    const first = await read();

    expect(first).toEqual([clinic, shop]);
    expect(await read()).toBe(first);
    await applyConfig(client, table, CONFIG);
    expect(await read()).toBe(first);
    await applyConfig(client, table, { ...CONFIG, connections: [clinic] });
    expect(await read()).toEqual([clinic]);
  });

  it('is heard of in time where it was changed by hand, and at once where nobody ever said so', async () => {
    let now = NOW;
    const read = connectionsReader(client, table, () => now);
    const put = (settings: { id: string }) =>
      client.send(
        new PutCommand({
          TableName: table,
          Item: { pk: 'config#connections', sk: settings.id, settings },
        }),
      );
    await put(clinic);
    expect(await read()).toEqual([clinic]);
    await put(shop);
    expect(await read()).toEqual([clinic, shop]);

    await applyConfig(client, table, CONFIG);
    await read();
    await put({ id: 'by-hand' });
    expect(await read()).toHaveLength(2);
    now = addMs(NOW, 15 * 60_000);
    expect(await read()).toHaveLength(3);
  });

  it('finds nothing to do the second time, in whatever order fields and lists are', async () => {
    await applyConfig(client, table, CONFIG);
    const { key, ...rest } = clinic;

    const again = { ...CONFIG, connections: [shop, { key, ...rest }] };

    expect(await applyConfig(client, table, again)).toEqual(NOTHING);
  });

  it('tells a changed setting, also deep inside, and a changed order of routes', async () => {
    const second = { id: 'second', to: ['ops'] };
    await applyConfig(client, table, { ...CONFIG, routes: [...routes, second] });

    const changed = { ...clinic, poll: { every: '2m' } };
    const difference = await applyConfig(client, table, {
      ...CONFIG,
      connections: [changed, shop],
      routes: [second, ...routes],
    });

    expect(difference).toEqual({ ...NOTHING, changed: ['connections/clinic', 'routes/routes'] });
    expect(await connections()).toEqual([changed, shop]);
  });

  it('removes a connection, and leaves what was remembered of it', async () => {
    await applyConfig(client, table, CONFIG);
    const state = { pk: 'connection#shop', sk: 'state#hot', version: 7 };
    await client.send(new PutCommand({ TableName: table, Item: state }));

    const difference = await applyConfig(client, table, { ...CONFIG, connections: [clinic] });

    expect(difference).toEqual({ ...NOTHING, removed: ['connections/shop'] });
    expect(await connections()).toEqual([clinic]);
    const { pk, sk } = state;
    const kept = await client.send(new GetCommand({ TableName: table, Key: { pk, sk } }));
    expect(kept.Item).toEqual(state);
  });

  it('writes nothing in a dry run', async () => {
    await applyConfig(client, table, CONFIG);

    const empty = { connections: [], destinations: [], routes: [] };
    const difference = await applyConfig(client, table, empty, { dryRun: true });

    expect(difference.removed).toEqual([
      'connections/clinic',
      'connections/shop',
      'destinations/ops',
    ]);
    expect(difference.changed).toEqual(['routes/routes']);
    expect(await connections()).toEqual([clinic, shop]);
  });
});
