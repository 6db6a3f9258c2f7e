import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callKey } from '../../lib/adapters/call-item.ts';
import { dynamoCalls } from '../../lib/adapters/dynamo-calls.ts';
import {
  dynamoPollStates,
  dynamoQuarantine,
  fromQuarantineItem,
  loadConfig,
  loadPollStates,
} from '../../lib/adapters/dynamo-control.ts';
import { dynamoRangeJobs, loadConnection } from '../../lib/adapters/dynamo-ranges.ts';
import { nextVersion } from '../../lib/calls/version.ts';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { initialState } from '../../lib/polling/poll-state.ts';
import { connection, FAILED, look, NOW, policy } from '../support/calls.ts';
import { startDynamoDbLocal, whyNoDynamoDbLocal } from '../support/dynamodb-local.ts';
import { memoryCalls, memoryPollStates, memoryRawBucket } from '../support/memory-calls.ts';
import { memoryRangeJobs } from '../support/range-world.ts';
import { LOCAL } from '../support/sdk.ts';
import { callStoreContract, pollStateContract, rangeJobContract } from './stores.contract.ts';

callStoreContract('the reference', async () => memoryCalls());
pollStateContract('the reference', async () => memoryPollStates());
rangeJobContract('the reference', async () => memoryRangeJobs());

const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' as const });
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' as const });

const tables = {
  Calls: { keys: [hash('pk')], attributes: ['pk', 't', 'f', 'n', 'at'] },
  Control: { keys: [hash('pk'), range('sk')], attributes: ['pk', 'sk'] },
};
const callIndexes = [
  ['byTime', 't'],
  ['failedByDay', 'f'],
  ['byNumber', 'n'],
] as const;

/** A DynamoDB to run the suites on: ours, or Amazon's. */
interface Dynamo {
  readonly client: DynamoDBDocumentClient;
  freshTable(kind: keyof typeof tables): Promise<string>;
  stop(): Promise<void>;
}

async function connect(endpoint: string, stop: () => Promise<void>): Promise<Dynamo> {
  const base = new DynamoDBClient({ endpoint, ...LOCAL });
  let made = 0;
  return {
    client: DynamoDBDocumentClient.from(base, { marshallOptions: { removeUndefinedValues: true } }),
    freshTable: async (kind) => {
      made += 1;
      const TableName = `${kind}-${made}`;
      const { keys, attributes } = tables[kind];
      const input: CreateTableCommandInput = {
        TableName,
        KeySchema: keys,
        AttributeDefinitions: attributes.map(attribute),
        BillingMode: 'PAY_PER_REQUEST',
        ...(kind === 'Calls' && {
          GlobalSecondaryIndexes: callIndexes.map(([IndexName, key]) => ({
            IndexName,
            KeySchema: [hash(key), range('at')],
            Projection: { ProjectionType: 'KEYS_ONLY' as const },
          })),
        }),
      };
      await base.send(new CreateTableCommand(input));
      return TableName;
    },
    stop: async () => {
      base.destroy();
      await stop();
    },
  };
}

async function embedded(): Promise<Dynamo> {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: () => Date.now() });
  const server = await startAwsServer({ json: [service] });
  const dynamo = await connect(server.endpoint, async () => {
    await server.close();
    db.close();
  });
  let made = 0;
  return {
    ...dynamo,
    freshTable: async (kind) => {
      made += 1;
      const name = `${kind}-${made}`;
      const { keys, attributes } = tables[kind];
      service.createTable({
        name,
        keySchema: keys,
        attributeDefinitions: attributes.map(attribute),
        indexes: (kind === 'Calls' ? callIndexes : []).map(([index, key]) => ({
          name: index,
          keySchema: [hash(key), range('at')],
          projection: { ProjectionType: 'KEYS_ONLY' },
        })),
        streamView: kind === 'Calls' ? 'NEW_AND_OLD_IMAGES' : undefined,
        ttlAttribute: 'expiresAt',
      });
      return name;
    },
  };
}

async function amazons(): Promise<Dynamo> {
  const { endpoint, stop } = await startDynamoDbLocal();
  return connect(endpoint, stop);
}

const noLocal = whyNoDynamoDbLocal();
if (noLocal) it.skip(noLocal, () => {});

const kinds: [string, () => Promise<Dynamo>][] = [
  ['the embedded DynamoDB', embedded],
  ...(noLocal ? [] : [['DynamoDB Local', amazons] satisfies [string, () => Promise<Dynamo>]]),
];

describe.each(kinds)('on %s', (name, start) => {
  let dynamo: Dynamo;
  beforeAll(async () => {
    dynamo = await start();
  });
  afterAll(() => dynamo.stop());

  callStoreContract(name, async () => dynamoCalls(dynamo.client, await dynamo.freshTable('Calls')));
  rangeJobContract(name, async () =>
    dynamoRangeJobs(dynamo.client, await dynamo.freshTable('Control')),
  );
  pollStateContract(name, async () =>
    dynamoPollStates(dynamo.client, await dynamo.freshTable('Control')),
  );

  it('stores numbers and failed days only where there are any', async () => {
    const table = await dynamo.freshTable('Calls');
    const store = dynamoCalls(dynamo.client, table);
    const item = async (id: string) =>
      (
        await dynamo.client.send(
          new GetCommand({ TableName: table, Key: { pk: callKey('clinic', id) } }),
        )
      ).Item;
    const write = async (facts: Parameters<typeof look>[1]) => {
      const next = nextVersion(undefined, look(0, facts), policy());
      if (next) await store.write(next);
    };
    await write({ id: 'plain', contactNumber: 'anonymous' });
    await write({ ...FAILED, id: 'failed', contactNumber: '+966551234567' });

    expect(Object.keys((await item('plain')) ?? {})).not.toEqual(expect.arrayContaining(['f']));
    expect(await item('plain')).not.toHaveProperty('n');
    expect(await item('failed')).toMatchObject({
      n: '+966551234567',
      t: 'clinic#2026-11-20',
    });
    expect((await item('failed'))?.f).toMatch(/^2026-11-20#\d$/);
  });

  it('reads many states at once, and leaves out one that is broken', async () => {
    const table = await dynamo.freshTable('Control');
    const states = dynamoPollStates(dynamo.client, table);
    const ids = Array.from({ length: 120 }, (_, id) => `c${id}`);
    const state = { ...initialState(connection(), NOW), version: 1 };
    await Promise.all(ids.map((id) => states.save(id, state, '')));
    await dynamo.client.send(
      new PutCommand({
        TableName: table,
        Item: { pk: 'state', sk: 'c0', state: { v: 99 } },
      }),
    );

    const loaded = await loadPollStates(dynamo.client, table);

    expect(loaded.size).toBe(119);
    expect(loaded.get('c1')).toEqual(state);
    await expect(states.load('c0')).rejects.toThrow();
  });

  it('reads a state as states were stored at first, and goes on from its version', async () => {
    const table = await dynamo.freshTable('Control');
    const states = dynamoPollStates(dynamo.client, table);
    const state = { ...initialState(connection(), NOW), version: 4, lookBackMs: 7_200_000 };
    await dynamo.client.send(
      new PutCommand({
        TableName: table,
        Item: { pk: 'state', sk: 'clinic', version: 4, state },
      }),
    );

    expect((await states.load('clinic')).state).toEqual(state);
    const next = { ...state, version: 5 };
    expect(await states.save('clinic', next, '')).toBe(true);
    expect((await loadPollStates(dynamo.client, table)).get('clinic')).toEqual(next);
  });

  it('takes over a state from where states lay at first, and goes on from its version', async () => {
    const table = await dynamo.freshTable('Control');
    const states = dynamoPollStates(dynamo.client, table);
    const state = { ...initialState(connection(), NOW), version: 4, lookBackMs: 7_200_000 };
    await dynamo.client.send(
      new PutCommand({
        TableName: table,
        Item: { pk: 'connection#clinic', sk: 'state#hot', version: 4, state },
      }),
    );

    expect((await states.load('clinic')).state).toEqual(state);
    expect((await loadPollStates(dynamo.client, table)).get('clinic')).toEqual(state);
    const next = { ...state, version: 5, lookBackMs: 14_400_000 };
    expect(await states.save('clinic', next, '')).toBe(true);
    expect((await states.load('clinic')).state).toEqual(next);
  });

  it('reads what the operator wrote, page by page, in the order of ids', async () => {
    const table = await dynamo.freshTable('Control');
    const long = 'x'.repeat(50_000);
    for (let id = 39; id >= 0; id -= 1) {
      const sk = String(id).padStart(2, '0');
      await dynamo.client.send(
        new PutCommand({
          TableName: table,
          Item: { pk: 'config#connections', sk, settings: { id: sk, long } },
        }),
      );
    }

    const settings = await loadConfig(dynamo.client, table, 'connections');

    expect(settings).toHaveLength(40);
    expect(settings[39]).toEqual({ id: '39', long });
    expect(await loadConnection(dynamo.client, table, '39')).toEqual({ id: '39', long });
    expect(await loadConnection(dynamo.client, table, '40')).toBeUndefined();
  });

  it('quarantines a record, however large, with field and rule', async () => {
    const table = await dynamo.freshTable('Control');
    const raws = memoryRawBucket();
    const quarantine = dynamoQuarantine(dynamo.client, table, raws);
    const noise = Array.from({ length: 60_000 }, (_, at) => (at * 2_654_435_761) % 4_294_967_296);
    const rejected = { field: 'duration', rule: 'not a number' };

    await quarantine.keep('clinic', { ...rejected, id: 'small', raw: { a: 1 } }, NOW);
    await quarantine.keep('clinic', { ...rejected, id: undefined, raw: { noise } }, NOW);

    const key = { pk: 'connection#clinic', sk: 'quarantine#small' };
    const { Item } = await dynamo.client.send(new GetCommand({ TableName: table, Key: key }));
    expect(Item).toMatchObject(rejected);
    expect(fromQuarantineItem(Item)).toEqual({ connection: 'clinic', raw: { a: 1 } });
    expect([...raws.objects.keys()]).toEqual([expect.stringMatching(/^quarantine\/clinic\//)]);
    const all = await dynamo.client.send(new ScanCommand({ TableName: table }));
    expect(all.Items?.map(fromQuarantineItem)).toContainEqual({
      connection: 'clinic',
      raw: undefined,
    });
    expect(fromQuarantineItem({ ...key, sk: 'state#hot' })).toBeUndefined();
  });
});
