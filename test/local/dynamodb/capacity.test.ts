import { beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../lib/local/database.ts';
import type { Consumption } from '../../../lib/local/dynamodb/capacity.ts';
import { createDynamoService } from '../../../lib/local/dynamodb/dynamo-service.ts';
import type { DynamoService } from '../../../lib/local/services.ts';
import { callsTable, key } from './calls-table.ts';

const KB = 1_024;
let service: DynamoService;
let consumed: Consumption[];

beforeEach(() => {
  consumed = [];
  service = createDynamoService(
    { db: openDatabase(':memory:'), now: Date.now },
    { onConsumed: (consumption) => consumed.push(consumption) },
  );
  service.createTable(callsTable);
});

/** The item of that key, filled up to exactly `size` bytes. */
function itemOf(size: number, pk = '1', rest: Record<string, unknown> = {}) {
  const fixed = 'pk'.length + pk.length + 'sk'.length + 1 + 'body'.length;
  const others = Object.entries(rest).reduce(
    (sum, [name, value]) => sum + name.length + Object.values(value as object).join('').length,
    0,
  );
  return { ...key(pk), ...rest, body: { S: 'x'.repeat(size - fixed - others) } };
}

function put(Item: Record<string, unknown>, more: Record<string, unknown> = {}) {
  service.handle('PutItem', { TableName: 'calls', Item, ...more });
  return consumed.at(-1);
}

describe('a read', () => {
  it.each([
    [4 * KB, false, 0.5],
    [4 * KB + 1, false, 1],
    [4 * KB, true, 1],
    [8 * KB + 1, true, 3],
  ])('of %i bytes, consistent: %s, takes %d units', (size, ConsistentRead, units) => {
    put(itemOf(size));

    const answer = service.handle('GetItem', {
      TableName: 'calls',
      Key: key('1'),
      ConsistentRead,
      ReturnConsumedCapacity: 'TOTAL',
    });

    expect(answer).toMatchObject({
      ConsumedCapacity: { TableName: 'calls', CapacityUnits: units },
    });
  });

  it('of an item that is not there takes half a unit', () => {
    service.handle('GetItem', { TableName: 'calls', Key: key('absent') });

    expect(consumed.at(-1)).toMatchObject({ kind: 'read', tableUnits: 0.5 });
  });

  it('by query adds up what was looked at before it rounds', () => {
    for (const sk of ['1', '2', '3']) put({ ...itemOf(1.5 * KB, 'q'), sk: { S: sk } });

    const answer = service.handle('Query', {
      TableName: 'calls',
      KeyConditionExpression: 'pk = :q',
      FilterExpression: 'attribute_exists(nothing_has_this)',
      ExpressionAttributeValues: { ':q': { S: 'q' } },
      ReturnConsumedCapacity: 'INDEXES',
    });

    expect(answer).toMatchObject({
      Count: 0,
      ConsumedCapacity: { CapacityUnits: 1, Table: { CapacityUnits: 1 } },
    });
  });

  it('by batch rounds every item up on its own', () => {
    put(itemOf(100, '1'));
    put(itemOf(100, '2'));

    const answer = service.handle('BatchGetItem', {
      RequestItems: { calls: { Keys: [key('1'), key('2')], ConsistentRead: true } },
      ReturnConsumedCapacity: 'TOTAL',
    });

    expect(answer).toMatchObject({ ConsumedCapacity: [{ CapacityUnits: 2 }] });
  });

  it('of an index counts what is projected, on the index', () => {
    put(itemOf(20 * KB, '1', { day: { S: 'monday' } }));

    service.handle('Query', {
      TableName: 'calls',
      IndexName: 'byDay',
      KeyConditionExpression: '#day = :day',
      ExpressionAttributeNames: { '#day': 'day' },
      ExpressionAttributeValues: { ':day': { S: 'monday' } },
    });

    expect(consumed.at(-1)).toMatchObject({ tableUnits: 0, indexUnits: { byDay: 0.5 } });
  });

  it('in a transaction takes two units per 4 KB', () => {
    put(itemOf(100));

    service.handle('TransactGetItems', {
      TransactItems: [{ Get: { TableName: 'calls', Key: key('1') } }],
    });

    expect(consumed.at(-1)).toMatchObject({ kind: 'read', tableUnits: 2 });
  });
});

describe('a write', () => {
  it.each([
    [1 * KB, 1],
    [1 * KB + 1, 2],
    [3.5 * KB, 4],
  ])('of %i bytes takes %i units', (size, units) => {
    expect(put(itemOf(size))).toMatchObject({ kind: 'write', tableUnits: units });
  });

  it('counts the larger of what was and what is, also when an item goes or nothing changes', () => {
    put(itemOf(3 * KB));

    expect(put(itemOf(3 * KB))).toMatchObject({ tableUnits: 3 });
    expect(put(itemOf(1 * KB))).toMatchObject({ tableUnits: 3 });
    service.handle('DeleteItem', { TableName: 'calls', Key: key('1') });
    expect(consumed.at(-1)).toMatchObject({ tableUnits: 1 });
    service.handle('DeleteItem', { TableName: 'calls', Key: key('1') });
    expect(consumed.at(-1)).toMatchObject({ tableUnits: 1 });
  });

  it('is billed by the stored item when its condition fails', () => {
    put(itemOf(2.5 * KB));

    expect(() => put(itemOf(100), { ConditionExpression: 'attribute_not_exists(pk)' })).toThrow(
      'The conditional request failed',
    );

    expect(consumed.at(-1)).toMatchObject({ kind: 'write', tableUnits: 3 });
  });

  it('takes twice as much of the table in a transaction, and of its indexes as much as ever', () => {
    const answer = service.handle('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: 'calls', Item: itemOf(1.5 * KB, '1', { day: { S: 'd' } }) } },
        {
          ConditionCheck: {
            TableName: 'calls',
            Key: key('absent'),
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
      ],
      ReturnConsumedCapacity: 'INDEXES',
    });

    expect(answer).toEqual({
      ConsumedCapacity: [
        {
          TableName: 'calls',
          CapacityUnits: 7,
          Table: { CapacityUnits: 6 },
          GlobalSecondaryIndexes: { byDay: { CapacityUnits: 1 } },
        },
      ],
    });
  });

  it('takes units of an index only when its part of the item changes', () => {
    const day = { day: { S: 'monday' } };
    const note = { note: { S: 'x'.repeat(1.5 * KB) } };

    expect(put(itemOf(100))).toMatchObject({ indexUnits: {} });
    expect(put(itemOf(100, '1', day))).toMatchObject({ indexUnits: { byDay: 1 } });
    expect(put(itemOf(200, '1', day))).toMatchObject({ indexUnits: {} });
    expect(put(itemOf(2 * KB, '1', { ...day, ...note }))).toMatchObject({
      indexUnits: { byDay: 2 },
    });
    // Another index key is a deletion and an insertion, by size; losing it is a deletion.
    expect(put(itemOf(2 * KB, '1', { day: { S: 'friday' }, ...note }))).toMatchObject({
      indexUnits: { byDay: 4 },
    });
    expect(put(itemOf(100))).toMatchObject({ indexUnits: { byDay: 2 } });
  });

  it('is told of in the answer as asked: not at all, in total, or by index', () => {
    const answers = [undefined, 'NONE', 'TOTAL', 'INDEXES'].map((ReturnConsumedCapacity, number) =>
      service.handle('PutItem', {
        TableName: 'calls',
        Item: itemOf(100, String(number), { day: { S: 'monday' } }),
        ReturnConsumedCapacity,
      }),
    );

    expect(answers).toEqual([
      {},
      {},
      { ConsumedCapacity: { TableName: 'calls', CapacityUnits: 2 } },
      {
        ConsumedCapacity: {
          TableName: 'calls',
          CapacityUnits: 2,
          Table: { CapacityUnits: 1 },
          GlobalSecondaryIndexes: { byDay: { CapacityUnits: 1 } },
        },
      },
    ]);
  });

  it('counts names, numbers, lists and maps as DynamoDB does', () => {
    // pk1 (3) sk a (3), n (1) and 3 digits (2 + 1), l (1) with two members (3 + 2 + 2), and m (1) with one
    // member k (3 + 1 + 1 + 1 for true): 24 bytes, so that a body of 4 + 996 fills the kilobyte.
    const item = {
      ...key('1'),
      n: { N: '123' },
      l: { L: [{ BOOL: true }, { NULL: true }] },
      m: { M: { k: { BOOL: true } } },
    };

    expect(put({ ...item, body: { S: 'x'.repeat(995) } })).toMatchObject({ tableUnits: 1 });
    expect(put({ ...item, body: { S: 'x'.repeat(997) } })).toMatchObject({ tableUnits: 2 });
  });
});
