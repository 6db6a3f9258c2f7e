import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atomically, openDatabase } from '../../../lib/local/database.ts';
import { createDynamoService } from '../../../lib/local/dynamodb/dynamo-service.ts';
import type { DynamoService, TableDefinition } from '../../../lib/local/services.ts';
import { DAY_MS } from '../../../lib/time.ts';
import { callsTable, key, streamOf } from './calls-table.ts';

const START = Date.parse('2026-11-20T13:00:00Z');
let now: number;
let service: DynamoService;

const open = (path = ':memory:') => createDynamoService({ db: openDatabase(path), now: () => now });
const put = (Item: Record<string, unknown>, to = service) =>
  to.handle('PutItem', { TableName: 'calls', Item });
const get = (pk: string) => service.handle('GetItem', { TableName: 'calls', Key: key(pk) });

beforeEach(() => {
  now = START;
  service = open();
  service.createTable(callsTable);
});

describe('the stream of a table', () => {
  it('has records in the shape that an event source mapping hands on', () => {
    const eventID: unknown = expect.stringMatching(/^[0-9a-f]{32}$/);
    const SequenceNumber: unknown = expect.stringMatching(/^\d{21}$/);

    put({ ...key('1'), n: { N: '10' } });

    expect(streamOf(service)).toEqual([
      {
        eventID,
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
        eventSourceARN:
          'arn:aws:dynamodb:us-east-1:000000000000:table/calls/stream/2026-11-20T13:00:00.000',
        dynamodb: {
          ApproximateCreationDateTime: START / 1_000,
          Keys: key('1'),
          NewImage: { ...key('1'), n: { N: '10' } },
          SequenceNumber,
          SizeBytes: 15,
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
      },
    ]);
  });

  it('keeps all changes of a key in one shard, in order, and spreads the keys', () => {
    for (const n of ['1', '2', '3']) {
      for (let pk = 0; pk < 20; pk += 1) put({ ...key(String(pk)), n: { N: n } });
    }

    const shards = [0, 1].map((shard) => service.readStream('calls', shard, 0, 100).records);

    const seen = new Map<string, string>();
    for (const [shard, records] of shards.entries()) {
      expect(records.length).toBeGreaterThan(0);
      for (const { dynamodb } of records) {
        const pk = JSON.stringify(dynamodb.Keys);
        seen.set(pk, `${seen.get(pk) ?? ''}${shard}:${String(dynamodb.NewImage?.n?.N)} `);
      }
    }
    expect(seen.size).toBe(20);
    for (const path of seen.values()) expect(path).toMatch(/^(0:1 0:2 0:3 |1:1 1:2 1:3 )$/);
  });

  it('is read from a position on, as far as the limit', () => {
    for (const n of ['1', '2', '3']) put({ ...key('1'), n: { N: n } });
    const shard =
      [0, 1].find((one) => service.readStream('calls', one, 0, 1).records.length > 0) ?? 0;

    const first = service.readStream('calls', shard, 0, 2);
    const second = service.readStream('calls', shard, first.position, 2);
    const third = service.readStream('calls', shard, second.position, 2);

    expect(first.records.map(({ dynamodb }) => dynamodb.NewImage?.n)).toEqual([
      { N: '1' },
      { N: '2' },
    ]);
    expect(second.records.map(({ dynamodb }) => dynamodb.NewImage?.n)).toEqual([{ N: '3' }]);
    expect(third).toEqual({ records: [], position: second.position });
  });

  it.each([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
  ] as const)('holds the images of its view, %s', (streamView, images) => {
    service.createTable({ ...callsTable, name: 'viewed', streamView });
    const write = (n: string) =>
      service.handle('PutItem', { TableName: 'viewed', Item: { ...key('1'), n: { N: n } } });

    write('1');
    write('2');

    const record = streamOf(service, 'viewed').at(-1)?.dynamodb ?? {};
    expect(Object.keys(record).filter((member) => member.endsWith('Image'))).toEqual(images);
  });

  it('is written with the item or not at all', () => {
    const db = openDatabase(':memory:');
    service = createDynamoService({ db, now: () => now });
    service.createTable(callsTable);
    db.exec('DROP TABLE dynamodb_change');

    expect(() => put(key('1'))).toThrow('no such table');

    expect(get('1')).toEqual({});
  });

  it('tells listeners after the commit, once for a transaction, and not of what changed nothing', async () => {
    const told: string[] = [];
    service.onChange((table) => told.push(`${table} with ${streamOf(service).length}`));

    service.handle('TransactWriteItems', {
      TransactItems: ['1', '2'].map((pk) => ({ Put: { TableName: 'calls', Item: key(pk) } })),
    });
    put(key('1'));
    await Promise.resolve();

    expect(told).toEqual(['calls with 2']);
  });

  it('tells listeners of a write within a wider transaction when that is over', async () => {
    const db = openDatabase(':memory:');
    service = createDynamoService({ db, now: () => now });
    service.createTable(callsTable);
    const wasOpen: boolean[] = [];
    service.onChange(() => wasOpen.push(db.isTransaction));

    atomically(db, () => put(key('1')));
    await Promise.resolve();

    expect(wasOpen).toEqual([false]);
    expect(get('1')).toHaveProperty('Item');
  });

  it('is taken back with the wider transaction that fails', () => {
    const db = openDatabase(':memory:');
    service = createDynamoService({ db, now: () => now });
    service.createTable(callsTable);
    const failing = () =>
      atomically(db, () => {
        put(key('1'));
        throw new Error('no');
      });

    expect(failing).toThrow('no');

    expect(get('1')).toEqual({});
    expect(streamOf(service)).toEqual([]);
  });
});

describe('expiry', () => {
  it('removes what is due, as the service, and keeps the rest', () => {
    const seconds = START / 1_000;
    put({ ...key('due'), expiresAt: { N: String(seconds - 1) } });
    put({ ...key('later'), expiresAt: { N: String(seconds + 60) } });
    put({ ...key('never') });
    put({ ...key('text'), expiresAt: { S: '1' } });
    put({ ...key('milliseconds-as-zero'), expiresAt: { N: '0' } });
    expect(get('due')).toHaveProperty('Item');

    service.expire();

    expect(service.handle('Scan', { TableName: 'calls', Select: 'COUNT' })).toMatchObject({
      Count: 4,
    });
    expect(get('due')).toEqual({});
    const removals = streamOf(service).filter(({ eventName }) => eventName === 'REMOVE');
    expect(removals).toMatchObject([
      {
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
        dynamodb: { Keys: key('due') },
      },
    ]);
  });

  it('marks no removal that somebody asked for', () => {
    put(key('1'));
    service.handle('DeleteItem', { TableName: 'calls', Key: key('1') });

    expect(streamOf(service).at(-1)).not.toHaveProperty('userIdentity');
  });

  it('removes stream records after a day, and never gives a position twice', () => {
    put(key('1'));
    const [old] = streamOf(service);
    now += DAY_MS + 1;

    service.expire();
    const left = streamOf(service);
    put({ ...key('1'), n: { N: '1' } });

    expect(left).toEqual([]);
    const [fresh] = streamOf(service);
    expect(Number(fresh?.dynamodb.SequenceNumber)).toBeGreaterThan(
      Number(old?.dynamodb.SequenceNumber),
    );
  });
});

describe('a table that is there already', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'callwire-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Opens the same file twice, as two runs would, with a table defined one way and then another. */
  function restart(definition: TableDefinition) {
    const path = join(folder, 'local.sqlite');
    const first = open(path);
    first.createTable(callsTable);
    put(
      { ...key('1'), day: { S: 'monday' }, rank: { N: '7' }, diesAt: { N: '1795000000' } },
      first,
    );
    put({ ...key('2'), rank: { S: 'not a number' } }, first);
    service = open(path);
    service.createTable(definition);
  }
  const query = (IndexName: string, condition: string, value: Record<string, string>) =>
    service.handle('Query', {
      TableName: 'calls',
      IndexName,
      KeyConditionExpression: condition,
      ExpressionAttributeValues: { ':v': value },
    });
  const byRank: TableDefinition = {
    ...callsTable,
    attributeDefinitions: [
      ...callsTable.attributeDefinitions,
      { AttributeName: 'rank', AttributeType: 'N' },
    ],
    indexes: [
      {
        name: 'byRank',
        keySchema: [{ AttributeName: 'rank', KeyType: 'HASH' }],
        projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  };

  it('is taken up with its items, indexes and stream', () => {
    restart(callsTable);

    expect(get('1')).toMatchObject({ Item: { day: { S: 'monday' } } });
    expect(query('byDay', 'day = :v', { S: 'monday' })).toMatchObject({ Count: 1 });
    expect(streamOf(service)).toHaveLength(2);
  });

  it('gets an index it lacked, with the items that fit, and loses one it no longer has', () => {
    restart(byRank);

    expect(query('byRank', 'rank = :v', { N: '7' })).toMatchObject({
      Items: [{ ...key('1'), rank: { N: '7' } }],
    });
    expect(() => query('byDay', 'day = :v', { S: 'monday' })).toThrow(
      'The table does not have the specified index: byDay',
    );
  });

  it('expires by another attribute when the definition says so', () => {
    restart({ ...callsTable, ttlAttribute: 'diesAt' });
    now = 1_795_000_001_000;

    service.expire();

    expect(get('1')).toEqual({});
    expect(get('2')).toHaveProperty('Item');
  });

  it('is not given another key', () => {
    expect(() =>
      restart({ ...callsTable, keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] }),
    ).toThrow(
      'The table calls is stored with the key pk:S sk:S and is now defined with pk:S. A table cannot change its key',
    );
  });
});

describe('the service', () => {
  it('says what it does not know', () => {
    expect(() => service.handle('RestoreTable', {})).toThrow(
      expect.objectContaining({ name: 'UnknownOperationException' }),
    );
    expect(() =>
      service.handle('Scan', { TableName: 'calls', Segment: 0, TotalSegments: 2 }),
    ).toThrow(/Segment/);
  });
});
