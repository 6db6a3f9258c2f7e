import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  ListTablesCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  TransactGetItemsCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TableDefinition } from '../../../lib/local/services.ts';

/** A store under test: Amazon's own, or ours. */
export interface Store {
  readonly client: DynamoDBClient;
  createTable(definition: TableDefinition): Promise<void>;
  /** What the table's stream holds, each key's changes in order. */
  changes(table: string): Promise<Change[]>;
  stop(): Promise<void>;
}

export interface Change {
  readonly eventName: string | undefined;
  readonly Keys: unknown;
  readonly NewImage?: unknown;
  readonly OldImage?: unknown;
}

type Item = Record<string, AttributeValue>;

const definition = (name: string): TableDefinition => ({
  name,
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'day', AttributeType: 'S' },
    { AttributeName: 'rank', AttributeType: 'N' },
  ],
  indexes: [
    {
      name: 'byDay',
      keySchema: [
        { AttributeName: 'day', KeyType: 'HASH' },
        { AttributeName: 'rank', KeyType: 'RANGE' },
      ],
      projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
    },
    {
      name: 'keysByDay',
      keySchema: [{ AttributeName: 'day', KeyType: 'HASH' }],
      projection: { ProjectionType: 'KEYS_ONLY' },
    },
    {
      name: 'allByDay',
      keySchema: [{ AttributeName: 'day', KeyType: 'HASH' }],
      projection: { ProjectionType: 'ALL' },
    },
  ],
  streamView: 'NEW_AND_OLD_IMAGES',
  ttlAttribute: undefined,
});

/** The cases that both the embedded store and DynamoDB Local must pass. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name}: a DynamoDB table`, () => {
    let store: Store;
    let table: string;
    let tables = 0;

    const key = (pk: string, sk = 'a') => ({ pk: { S: pk }, sk: { S: sk } });
    const put = (Item: Item, input: Partial<PutItemCommandInput> = {}) =>
      store.client.send(new PutItemCommand({ TableName: table, Item, ...input }));
    const get = async (pk: string, input: Partial<GetItemCommandInput> = {}) => {
      const request = new GetItemCommand({ TableName: table, Key: key(pk), ...input });
      return (await store.client.send(request)).Item;
    };
    const update = (pk: string, input: Partial<UpdateItemCommandInput>) =>
      store.client.send(new UpdateItemCommand({ TableName: table, Key: key(pk), ...input }));
    const remove = (pk: string, input: Partial<DeleteItemCommandInput> = {}) =>
      store.client.send(new DeleteItemCommand({ TableName: table, Key: key(pk), ...input }));
    const query = (input: Partial<QueryCommandInput>) =>
      store.client.send(new QueryCommand({ TableName: table, ...input }));
    const scan = (input: Partial<ScanCommandInput> = {}) =>
      store.client.send(new ScanCommand({ TableName: table, ...input }));
    const transact = (...TransactItems: TransactWriteItem[]) =>
      store.client.send(new TransactWriteItemsCommand({ TransactItems }));
    const putMany = async (...items: Item[]) => {
      for (const item of items) await put(item);
    };
    const sortKeys = (items: readonly Item[] | undefined) => items?.map((item) => item.sk?.S);

    beforeAll(async () => {
      store = await open();
      return () => store.stop();
    });

    beforeEach(async () => {
      tables += 1;
      table = `calls-${tables}`;
      await store.createTable(definition(table));
    });

    describe('reading and writing', () => {
      it('gives back every type as it was put, numbers normalized', async () => {
        const item: Item = {
          ...key('1'),
          text: { S: 'héllo 🎧' },
          empty: { S: '' },
          number: { N: '-12.50' },
          large: { N: '12345678901234567890123456789012345678' },
          tiny: { N: '1e-5' },
          flag: { BOOL: false },
          nothing: { NULL: true },
          list: { L: [{ N: '1' }, { M: { deep: { S: 'x' } } }] },
          constructor: { S: 'an awkward name' },
        };

        await put(item);

        expect(await get('1')).toEqual({
          ...item,
          number: { N: '-12.5' },
          tiny: { N: '0.00001' },
        });
      });

      it('keeps binary values and sets', async () => {
        await put({
          ...key('1'),
          data: { B: new Uint8Array([0, 255, 7]) },
          words: { SS: ['b', 'a'] },
          numbers: { NS: ['10', '9.0'] },
        });

        const item = await get('1');

        expect([...(item?.data?.B ?? [])]).toEqual([0, 255, 7]);
        expect(item?.words?.SS?.sort()).toEqual(['a', 'b']);
        expect(item?.numbers?.NS?.sort()).toEqual(['10', '9']);
      });

      it('serves the document client', async () => {
        const documents = DynamoDBDocumentClient.from(store.client);
        await documents.send(
          new PutCommand({ TableName: table, Item: { pk: '1', sk: 'a', at: { seconds: 35 } } }),
        );

        const { Item } = await documents.send(
          new GetCommand({ TableName: table, Key: { pk: '1', sk: 'a' } }),
        );

        expect(Item).toEqual({ pk: '1', sk: 'a', at: { seconds: 35 } });
      });

      it('has no item where none was put', async () => {
        expect(await get('absent')).toBeUndefined();
      });

      it('projects nested paths in their place', async () => {
        await put({
          ...key('1'),
          map: { M: { keep: { S: 'k' }, drop: { S: 'd' } } },
          list: { L: [{ N: '0' }, { N: '1' }, { N: '2' }] },
        });

        const item = await get('1', {
          ProjectionExpression: '#m.keep, #l[2], #l[0], absent',
          ExpressionAttributeNames: { '#m': 'map', '#l': 'list' },
        });

        expect(item).toEqual({
          map: { M: { keep: { S: 'k' } } },
          list: { L: [{ N: '0' }, { N: '2' }] },
        });
      });

      it('writes and reads in batches', async () => {
        await put(key('old'));
        await store.client.send(
          new BatchWriteItemCommand({
            RequestItems: {
              [table]: [
                { PutRequest: { Item: { ...key('new'), note: { S: 'n' } } } },
                { DeleteRequest: { Key: key('old') } },
              ],
            },
          }),
        );

        const { Responses, UnprocessedKeys } = await store.client.send(
          new BatchGetItemCommand({
            RequestItems: {
              [table]: {
                Keys: [key('old'), key('new')],
                ProjectionExpression: '#n',
                ExpressionAttributeNames: { '#n': 'note' },
              },
            },
          }),
        );

        expect(Responses?.[table]).toEqual([{ note: { S: 'n' } }]);
        expect(UnprocessedKeys).toEqual({});
      });

      it('describes and lists its tables', async () => {
        const { Table } = await store.client.send(new DescribeTableCommand({ TableName: table }));
        const { TableNames } = await store.client.send(new ListTablesCommand({}));

        expect(Table).toMatchObject({
          TableName: table,
          TableStatus: 'ACTIVE',
          KeySchema: definition(table).keySchema,
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
        });
        expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual([
          'allByDay',
          'byDay',
          'keysByDay',
        ]);
        expect(TableNames).toContain(table);
      });
    });

    describe('returned values', () => {
      it.each([
        ['NONE', undefined],
        ['ALL_OLD', { ...key('1'), n: { N: '1' }, same: { S: 's' } }],
        ['UPDATED_OLD', { n: { N: '1' } }],
        ['ALL_NEW', { ...key('1'), n: { N: '2' }, same: { S: 's' }, added: { S: 'x' } }],
        ['UPDATED_NEW', { n: { N: '2' }, added: { S: 'x' } }],
      ] as const)('are %s of an update', async (ReturnValues, expected) => {
        await put({ ...key('1'), n: { N: '1' }, same: { S: 's' } });

        const { Attributes } = await update('1', {
          UpdateExpression: 'SET n = n + :one, added = :x',
          ExpressionAttributeValues: { ':one': { N: '1' }, ':x': { S: 'x' } },
          ReturnValues,
        });

        expect(Attributes).toEqual(expected);
      });

      it('are the parts of a document an update touched', async () => {
        await put({ ...key('1'), m: { M: { a: { N: '1' }, b: { N: '2' } } } });

        const { Attributes } = await update('1', {
          UpdateExpression: 'SET m.a = :v REMOVE m.b',
          ExpressionAttributeValues: { ':v': { N: '9' } },
          ReturnValues: 'UPDATED_NEW',
        });

        expect(Attributes).toEqual({ m: { M: { a: { N: '9' } } } });
      });

      it('are the old item of a put or a deletion', async () => {
        await put({ ...key('1'), n: { N: '1' } });

        const replaced = await put({ ...key('1'), n: { N: '2' } }, { ReturnValues: 'ALL_OLD' });
        const removed = await remove('1', { ReturnValues: 'ALL_OLD' });
        const again = await remove('1', { ReturnValues: 'ALL_OLD' });

        expect(replaced.Attributes).toEqual({ ...key('1'), n: { N: '1' } });
        expect(removed.Attributes).toEqual({ ...key('1'), n: { N: '2' } });
        expect(again.Attributes).toBeUndefined();
      });
    });

    describe('conditions', () => {
      it('let a first put pass and refuse the second', async () => {
        const first = { ConditionExpression: 'attribute_not_exists(pk)' };

        await put({ ...key('1'), n: { N: '1' } }, first);

        await expect(put({ ...key('1'), n: { N: '2' } }, first)).rejects.toMatchObject({
          name: 'ConditionalCheckFailedException',
          message: 'The conditional request failed',
        });
        expect((await get('1'))?.n).toEqual({ N: '1' });
      });

      it('show the item that failed them when asked, and only then', async () => {
        await put({ ...key('1'), n: { N: '1' } });
        const condition = { ConditionExpression: 'attribute_not_exists(pk)' };

        await expect(put(key('1'), condition)).rejects.toHaveProperty('Item', undefined);
        await expect(
          remove('1', { ...condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
        ).rejects.toMatchObject({ Item: { ...key('1'), n: { N: '1' } } });
        await expect(
          remove('absent', {
            ConditionExpression: 'attribute_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
      });

      it.each([
        ['n = :n', true],
        ['n <> :n', false],
        ['absent = :n', false],
        ['absent <> :n', true],
        ['absent < :n', false],
        ['NOT absent < :n', true],
        ['t <> :n', true],
        ['t < :n', false],
        ['n < :big AND n > :small', true],
        ['n = :small OR n = :n AND n = :small', false],
        ['(n = :small OR n = :n) and NOT n = :small', true],
        ['n BETWEEN :small AND :big', true],
        ['n BETWEEN :small AND :n AND t = :t', true],
        ['n IN (:small, :n)', true],
        ['absent IN (:small, :n)', false],
        ['attribute_exists(m.deep[1])', true],
        ['attribute_exists(m.deep[7])', false],
        ['attribute_exists(t.deep)', false],
        ['attribute_type(m, :map)', true],
        ['attribute_type(n, :map)', false],
        ['begins_with(t, :prefix)', true],
        ['begins_with(n, :prefix)', false],
        ['contains(t, :prefix)', true],
        ['contains(words, :t)', true],
        ['contains(words, :prefix)', false],
        ['contains(m.deep, :n)', true],
        ['contains(:t, t)', true],
        ['size(t) = :five', true],
        ['size(m.deep) = :two', true],
        ['size(words) = :one', true],
        ['size(n) = :one', false],
        ['size(absent) = :one', false],
        ['m.deep[0] = n', true],
        ['t = :t and m = :sameMap', true],
        ['exact > :almost', true],
      ])('evaluate %s as %s', async (FilterExpression, expected) => {
        await put({
          ...key('1'),
          n: { N: '5' },
          t: { S: 'hello' },
          m: { M: { deep: { L: [{ N: '5.0' }, { S: 'x' }] } } },
          words: { SS: ['hello'] },
          exact: { N: '12345678901234567890.2' },
        });
        const values: Item = {
          ':n': { N: '5' },
          ':small': { N: '-4' },
          ':big': { N: '10' },
          ':t': { S: 'hello' },
          ':prefix': { S: 'hel' },
          ':map': { S: 'M' },
          ':one': { N: '1' },
          ':two': { N: '2' },
          ':five': { N: '5' },
          ':sameMap': { M: { deep: { L: [{ N: '5' }, { S: 'x' }] } } },
          ':almost': { N: '12345678901234567890.1' },
        };
        const used = Object.entries(values).filter(([name]) =>
          new RegExp(`${name}\\b`).test(FilterExpression),
        );

        const { Count, ScannedCount } = await scan({
          FilterExpression,
          ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
        });

        expect({ Count, ScannedCount }).toEqual({ Count: expected ? 1 : 0, ScannedCount: 1 });
      });
    });

    describe('updates', () => {
      it.each([
        ['SET n = n - :two', { n: { N: '-1' } }],
        ['SET fresh = (if_not_exists(fresh, :two) + :two)', { fresh: { N: '4' } }],
        ['SET n = if_not_exists(n, :two), twin = n', { twin: { N: '1' } }],
        ['SET l = list_append(:list, l)', { l: ['9', '0', '1', '2'] }],
        ['SET l = list_append(if_not_exists(absent, :list), l)', { l: ['9', '0', '1', '2'] }],
        ['SET l[1] = :two, l[9] = :two', { l: ['0', '2', '2', '2'] }],
        ['REMOVE l[0], l[1]', { l: ['2'] }],
        ['SET l[5] = :two REMOVE l[0]', { l: ['1', '2', '2'] }],
        ['REMOVE absent, m.absent', {}],
        ['SET m.fresh = :two', { m: { M: { a: { N: '1' }, fresh: { N: '2' } } } }],
        ['REMOVE m.a', { m: { M: {} } }],
        ['ADD n :two, fresh :two', { n: { N: '3' }, fresh: { N: '2' } }],
        ['ADD m.a :two', { m: { M: { a: { N: '3' } } } }],
        ['ADD words :words', { words: { SS: ['a', 'b', 'c'] } }],
        ['DELETE words :words', { words: { SS: ['a'] } }],
        ['DELETE absent :words', {}],
        ['SET n = :two ADD words :words REMOVE m', { n: '2', words: 'abc', m: undefined }],
        ['set n = big + :two', { n: { N: '12345678901234567890123456789012345680' } }],
      ])('carry out %s', async (UpdateExpression, expected) => {
        const before: Item = {
          ...key('1'),
          n: { N: '1' },
          big: { N: '12345678901234567890123456789012345678' },
          l: { L: [{ N: '0' }, { N: '1' }, { N: '2' }] },
          m: { M: { a: { N: '1' } } },
          words: { SS: ['a', 'b'] },
        };
        await put(before);
        const values: Item = {
          ':two': { N: '2' },
          ':list': { L: [{ N: '9' }] },
          ':words': { SS: ['b', 'c'] },
        };
        const used = Object.entries(values).filter(([name]) =>
          new RegExp(`${name}\\b`).test(UpdateExpression),
        );

        await update('1', {
          UpdateExpression,
          ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
        });

        const after = await get('1');
        after?.words?.SS?.sort();
        const changes = Object.entries(expected).map(([attribute, value]) => [
          attribute,
          wire(value),
        ]);
        expect(after).toEqual({ ...before, ...Object.fromEntries(changes) });
      });

      it('create an item that is not there, from its key', async () => {
        await update('1', {});

        expect(await get('1')).toEqual(key('1'));
      });

      it('remove the attribute of a set they empty', async () => {
        await put({ ...key('1'), words: { SS: ['a'] } });

        await update('1', {
          UpdateExpression: 'DELETE words :a',
          ExpressionAttributeValues: { ':a': { SS: ['a', 'b'] } },
        });

        expect(await get('1')).toEqual(key('1'));
      });
    });

    describe('refusals', () => {
      const one = { ':one': { N: '1' } };
      const refused: [string, () => Promise<unknown>][] = [
        ['a value that is not defined', () => update('1', { UpdateExpression: 'SET n = :x' })],
        ['a name that is not defined', () => update('1', { UpdateExpression: 'REMOVE #x' })],
        [
          'an unused value',
          () => update('1', { UpdateExpression: 'REMOVE n', ExpressionAttributeValues: one }),
        ],
        [
          'an unused name',
          () =>
            update('1', {
              UpdateExpression: 'REMOVE n',
              ExpressionAttributeNames: { '#x': 'x' },
            }),
        ],
        ['an empty expression', () => put(key('1'), { ConditionExpression: '' })],
        ['a syntax error', () => put(key('1'), { ConditionExpression: 'attribute_exists(pk' })],
        ['a stray character', () => put(key('1'), { ConditionExpression: 'pk = $' })],
        ['an unknown function', () => put(key('1'), { ConditionExpression: 'exists(pk)' })],
        ['a section twice', () => update('1', { UpdateExpression: 'REMOVE a REMOVE b' })],
        ['overlapping paths', () => update('1', { UpdateExpression: 'REMOVE a, a.b' })],
        ['an update of the key', () => update('1', { UpdateExpression: 'REMOVE sk' })],
        ['a missing path', () => update('1', { UpdateExpression: 'SET n = absent' })],
        [
          'a path through nothing',
          () => update('1', { UpdateExpression: 'SET a.b = :one', ExpressionAttributeValues: one }),
        ],
        [
          'arithmetic with text',
          () =>
            update('1', { UpdateExpression: 'SET n = pk + :one', ExpressionAttributeValues: one }),
        ],
        ['an empty key', () => put({ pk: { S: '' }, sk: { S: 'a' } })],
        ['a key of the wrong type', () => put({ pk: { N: '1' }, sk: { S: 'a' } })],
        ['an item without its key', () => put({ pk: { S: '1' } })],
        ['a partial key', () => get('1', { Key: { pk: { S: '1' } } })],
        ['an index key of the wrong type', () => put({ ...key('1'), day: { N: '1' } })],
        ['an empty index key', () => put({ ...key('1'), day: { S: '' } })],
        ['an item over 400 KB', () => put({ ...key('1'), text: { S: 'x'.repeat(410_000) } })],
        ['what is no number', () => put({ ...key('1'), n: { N: 'one' } })],
        ['a number of 39 digits', () => put({ ...key('1'), n: { N: `1${'2'.repeat(38)}` } })],
        ['an empty set', () => put({ ...key('1'), words: { SS: [] } })],
        ['a set with repeats', () => put({ ...key('1'), words: { SS: ['a', 'a'] } })],
        [
          'a query without a partition key',
          () =>
            query({
              KeyConditionExpression: 'sk = :one',
              ExpressionAttributeValues: { ':one': { S: 'a' } },
            }),
        ],
        [
          'a filter on a key',
          () =>
            query({
              KeyConditionExpression: 'pk = :p',
              FilterExpression: 'sk = :p',
              ExpressionAttributeValues: { ':p': { S: 'a' } },
            }),
        ],
        [
          'a consistent read of an index',
          () =>
            query({
              IndexName: 'byDay',
              ConsistentRead: true,
              KeyConditionExpression: '#d = :d',
              ExpressionAttributeNames: { '#d': 'day' },
              ExpressionAttributeValues: { ':d': { S: 'd' } },
            }),
        ],
        [
          'an index that is not there',
          () =>
            query({
              IndexName: 'none',
              KeyConditionExpression: 'pk = :p',
              ExpressionAttributeValues: { ':p': { S: 'a' } },
            }),
        ],
        [
          'an index asked for what it does not project',
          () =>
            query({
              IndexName: 'byDay',
              KeyConditionExpression: '#d = :d',
              ProjectionExpression: 'extra',
              ExpressionAttributeNames: { '#d': 'day' },
              ExpressionAttributeValues: { ':d': { S: 'd' } },
            }),
        ],
        [
          'a start outside of what is asked for',
          () =>
            query({
              KeyConditionExpression: 'pk = :p AND sk > :s',
              ExpressionAttributeValues: { ':p': { S: '1' }, ':s': { S: 'b' } },
              ExclusiveStartKey: key('1', 'a'),
            }),
        ],
        [
          'an empty partition key in a query',
          () =>
            query({
              KeyConditionExpression: 'pk = :p',
              ExpressionAttributeValues: { ':p': { S: '' } },
            }),
        ],
        ['a comparison with itself', () => put(key('1'), { ConditionExpression: 'pk = pk' })],
        [
          'an order of what has none',
          () =>
            put(key('1'), {
              ConditionExpression: 'n < :flag',
              ExpressionAttributeValues: { ':flag': { BOOL: true } },
            }),
        ],
        [
          'bounds the wrong way round',
          () =>
            put(key('1'), {
              ConditionExpression: 'n BETWEEN :two AND :one',
              ExpressionAttributeValues: { ...one, ':two': { N: '2' } },
            }),
        ],
        [
          'a deletion from a set in nothing',
          () =>
            update('1', {
              UpdateExpression: 'DELETE absent.words :words',
              ExpressionAttributeValues: { ':words': { SS: ['a'] } },
            }),
        ],
        [
          'a transaction that names an item twice',
          () =>
            transact(
              { Put: { TableName: table, Item: key('1') } },
              { Delete: { TableName: table, Key: key('1') } },
            ),
        ],
      ];

      it.each(refused)('meet %s', async (_, attempt) => {
        await expect(attempt()).rejects.toHaveProperty('name', 'ValidationException');
      });

      it('meet a table that is not there', async () => {
        await expect(put(key('1'), { TableName: 'none' })).rejects.toHaveProperty(
          'name',
          'ResourceNotFoundException',
        );
      });
    });

    describe('queries', () => {
      beforeEach(() =>
        putMany(
          key('q', 'a'),
          key('q', 'ab'),
          { ...key('q', 'b'), note: { S: 'beta' } },
          key('q', 'é'),
          key('q', '🎧'),
          key('q', '～'),
          key('other', 'a'),
        ),
      );

      it.each([
        ['sk = :a', { ':a': 'ab' }, ['ab']],
        [':a > sk', { ':a': 'b' }, ['a', 'ab']],
        ['sk < :a', { ':a': 'b' }, ['a', 'ab']],
        ['sk <= :a', { ':a': 'b' }, ['a', 'ab', 'b']],
        ['sk > :a', { ':a': 'b' }, ['é', '～', '🎧']],
        ['sk >= :a', { ':a': 'b' }, ['b', 'é', '～', '🎧']],
        ['sk BETWEEN :a AND :b', { ':a': 'ab', ':b': 'é' }, ['ab', 'b', 'é']],
        ['begins_with(sk, :a)', { ':a': 'a' }, ['a', 'ab']],
      ])('select by %s, in the order of bytes', async (condition, values, expected) => {
        const typed = Object.entries(values).map(([name, S]): [string, AttributeValue] => [
          name,
          { S },
        ]);

        const { Items } = await query({
          KeyConditionExpression: `pk = :pk AND ${condition}`,
          ExpressionAttributeValues: { ':pk': { S: 'q' }, ...Object.fromEntries(typed) },
        });

        expect(sortKeys(Items)).toEqual(expected);
      });

      it.each([true, false])('page through everything, forward: %s', async (forward) => {
        const pages: (string | undefined)[][] = [];
        let ExclusiveStartKey: Item | undefined;
        do {
          const page = await query({
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: 'q' } },
            Limit: 2,
            ScanIndexForward: forward,
            ...(ExclusiveStartKey && { ExclusiveStartKey }),
          });
          pages.push(sortKeys(page.Items) ?? []);
          ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey);

        const all = ['a', 'ab', 'b', 'é', '～', '🎧'];
        expect(pages.flat()).toEqual(forward ? all : all.reverse());
        // A page that is full does not know that nothing follows.
        expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 0]);
      });

      it('count what a filter lets through, and what it looked at', async () => {
        const input = {
          KeyConditionExpression: 'pk = :pk',
          FilterExpression: 'note = :note',
          ExpressionAttributeValues: { ':pk': { S: 'q' }, ':note': { S: 'beta' } },
        };

        const counted = await query({ ...input, Select: 'COUNT' });
        const limited = await query({ ...input, Limit: 2 });

        expect(counted).toMatchObject({ Count: 1, ScannedCount: 6 });
        expect(counted.Items).toBeUndefined();
        expect(limited).toMatchObject({
          Count: 0,
          ScannedCount: 2,
          LastEvaluatedKey: key('q', 'ab'),
        });
      });

      it('end a page at a megabyte', async () => {
        const text = { S: 'x'.repeat(300_000) };
        for (const sk of ['1', '2', '3', '4', '5']) await put({ ...key('large', sk), text });

        const page = await query({
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: 'large' } },
        });

        expect(sortKeys(page.Items)).toEqual(['1', '2', '3', '4']);
        expect(page.LastEvaluatedKey).toEqual(key('large', '4'));
      });

      it('scan everything, page by page', async () => {
        const seen: Item[] = [];
        let ExclusiveStartKey: Item | undefined;
        do {
          const page = await scan({ Limit: 3, ...(ExclusiveStartKey && { ExclusiveStartKey }) });
          seen.push(...(page.Items ?? []));
          ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey);

        expect(seen).toHaveLength(7);
        expect(new Set(seen.map((item) => `${item.pk?.S} ${item.sk?.S}`)).size).toBe(7);
      });
    });

    describe('indexes', () => {
      const onDay = (IndexName: string, input: Partial<QueryCommandInput> = {}) =>
        query({
          IndexName,
          KeyConditionExpression: '#day = :day',
          ExpressionAttributeNames: { '#day': 'day' },
          ExpressionAttributeValues: { ':day': { S: 'monday' } },
          ...input,
        });
      const onMonday = (sk: string, rank: string): Item => ({
        ...key('1', sk),
        day: { S: 'monday' },
        rank: { N: rank },
        note: { S: `note ${sk}` },
        extra: { S: 'not projected' },
      });

      it('hold the items that have their key, with the projected attributes', async () => {
        await putMany(onMonday('a', '1'), key('1', 'b'), {
          ...key('1', 'c'),
          day: { S: 'monday' },
        });
        const { extra: _, ...included } = onMonday('a', '1');

        const including = await onDay('byDay');
        const keysOnly = await onDay('keysByDay');
        const all = await onDay('allByDay');

        expect(including.Items).toEqual([included]);
        expect(keysOnly.Items).toHaveLength(2);
        expect(keysOnly.Items).toContainEqual({ ...key('1', 'a'), day: { S: 'monday' } });
        expect(all.Items).toContainEqual(onMonday('a', '1'));
      });

      it('sort by number, not by text', async () => {
        const ranks = ['10', '9', '-1', '-20', '0', '1.5', '1e3', '0.002', '-1.23', '-1.2'];
        await putMany(...ranks.map((rank, position) => onMonday(String(position), rank)));

        const { Items } = await onDay('byDay');

        expect(Items?.map(({ rank }) => Number(rank?.N))).toEqual(
          ranks.map(Number).sort((a, b) => a - b),
        );
      });

      it('follow an item whose key for them changes, and forget one that loses it', async () => {
        await putMany(onMonday('a', '1'));
        const names = { ExpressionAttributeNames: { '#r': 'rank' } };

        await update('1', {
          UpdateExpression: 'SET #r = :two',
          ...names,
          ExpressionAttributeValues: { ':two': { N: '2' } },
        });
        const moved = await onDay('byDay');
        await update('1', { UpdateExpression: 'REMOVE #r', ...names });
        const lost = await onDay('byDay');
        const kept = await onDay('keysByDay');

        expect(moved.Items?.map(({ rank }) => rank?.N)).toEqual(['2']);
        expect(lost.Items).toEqual([]);
        expect(kept.Items).toHaveLength(1);
      });

      it('page through items that share a key of theirs', async () => {
        await putMany(...['a', 'b', 'c', 'd', 'e'].map((sk) => onMonday(sk, '1')));
        const seen: (string | undefined)[] = [];
        let ExclusiveStartKey: Item | undefined;
        do {
          const page = await onDay('byDay', {
            Limit: 2,
            ScanIndexForward: false,
            ...(ExclusiveStartKey && { ExclusiveStartKey }),
          });
          seen.push(...(sortKeys(page.Items) ?? []));
          ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey);

        expect(seen.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
      });
    });

    describe('transactions', () => {
      it('write all of their items', async () => {
        await putMany({ ...key('1'), n: { N: '1' } }, key('2'), key('3'));

        await transact(
          {
            Update: {
              TableName: table,
              Key: key('1'),
              UpdateExpression: 'SET n = n + :one',
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
          },
          { Delete: { TableName: table, Key: key('2') } },
          {
            ConditionCheck: {
              TableName: table,
              Key: key('3'),
              ConditionExpression: 'attribute_exists(pk)',
            },
          },
          { Put: { TableName: table, Item: key('4') } },
        );

        const { Responses } = await store.client.send(
          new TransactGetItemsCommand({
            TransactItems: ['1', '2', '4'].map((pk) => ({
              Get: { TableName: table, Key: key(pk) },
            })),
          }),
        );
        expect(Responses?.map(({ Item }) => Item)).toEqual([
          { ...key('1'), n: { N: '2' } },
          undefined,
          key('4'),
        ]);
      });

      it('write nothing when one condition fails, and say which', async () => {
        const message: unknown = expect.stringContaining('[None, ConditionalCheckFailed, None]');
        await put({ ...key('2'), n: { N: '1' } });
        const ConditionExpression = 'attribute_not_exists(pk)';

        const error: unknown = await transact(
          { Put: { TableName: table, Item: key('1') } },
          {
            Put: {
              TableName: table,
              Item: key('2'),
              ConditionExpression,
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
          { Put: { TableName: table, Item: key('3'), ConditionExpression } },
        ).catch((reason: unknown) => reason);

        expect(error).toBeInstanceOf(TransactionCanceledException);
        expect(error).toMatchObject({
          message,
          CancellationReasons: [
            { Code: 'None' },
            {
              Code: 'ConditionalCheckFailed',
              Message: 'The conditional request failed',
              Item: { ...key('2'), n: { N: '1' } },
            },
            { Code: 'None' },
          ],
        });
        expect(await get('1')).toBeUndefined();
        expect(await get('3')).toBeUndefined();
      });
    });

    describe('streams', () => {
      it('hold one change for each write that changed an item', async () => {
        await put({ ...key('1'), n: { N: '1' }, words: { SS: ['a', 'b'] } });
        await put({ ...key('1'), words: { SS: ['b', 'a'] }, n: { N: '1.0' } });
        await update('1', {
          UpdateExpression: 'SET n = :same',
          ExpressionAttributeValues: { ':same': { N: '1' } },
        });
        await update('1', {
          UpdateExpression: 'SET n = :two REMOVE words',
          ExpressionAttributeValues: { ':two': { N: '2' } },
        });
        await remove('1');
        await remove('1');

        const changes = await store.changes(table);

        const first = { ...key('1'), n: { N: '1' }, words: { SS: ['a', 'b'] } };
        const second = { ...key('1'), n: { N: '2' } };
        expect(changes).toEqual([
          { eventName: 'INSERT', Keys: key('1'), NewImage: first },
          { eventName: 'MODIFY', Keys: key('1'), OldImage: first, NewImage: second },
          { eventName: 'REMOVE', Keys: key('1'), OldImage: second },
        ]);
      });

      it('hold nothing of a write that was refused', async () => {
        await put(key('1'));
        const ConditionExpression = 'attribute_not_exists(pk)';

        await expect(put(key('1'), { ConditionExpression })).rejects.toThrow();
        await expect(
          transact(
            { Put: { TableName: table, Item: key('2') } },
            { Put: { TableName: table, Item: key('1'), ConditionExpression } },
          ),
        ).rejects.toThrow();

        expect(await store.changes(table)).toHaveLength(1);
      });

      it('hold every change of a batch and of a transaction', async () => {
        await transact(
          { Put: { TableName: table, Item: key('1') } },
          { Put: { TableName: table, Item: key('2') } },
        );
        await store.client.send(
          new BatchWriteItemCommand({
            RequestItems: { [table]: [{ PutRequest: { Item: key('3') } }] },
          }),
        );

        const changes = await store.changes(table);

        expect(changes.map(({ eventName }) => eventName)).toEqual(['INSERT', 'INSERT', 'INSERT']);
      });
    });
  });
}

/** Short forms for the tables above: a list of numbers, a number, a set of letters, nothing. */
function wire(value: unknown): unknown {
  if (Array.isArray(value)) return { L: value.map((N: unknown) => ({ N })) };
  if (typeof value !== 'string') return value;
  return /^\d+$/.test(value) ? { N: value } : { SS: [...value] };
}
