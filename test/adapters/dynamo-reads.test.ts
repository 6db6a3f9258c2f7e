import { type BatchGetItemInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { batchGet, dynamoCalls } from '../../lib/adapters/dynamo-calls.ts';
import { dynamoPollStates } from '../../lib/adapters/dynamo-control.ts';
import { isOtherSide } from '../../lib/errors.ts';
import { answering, LOCAL } from '../support/sdk.ts';

/** A table that leaves so many keys of each request unprocessed, and what it was asked. */
function setup(unprocessed: (request: number) => number = () => 0) {
  const requests: { keys: unknown[]; consistent: boolean | undefined }[] = [];
  const waits: number[] = [];
  const client = answering(
    DynamoDBDocumentClient.from(new DynamoDBClient(LOCAL)),
    ({ RequestItems }: BatchGetItemInput) => {
      const { Keys = [], ConsistentRead } = RequestItems?.table ?? {};
      requests.push({ keys: Keys, consistent: ConsistentRead });
      const read = Keys.length - unprocessed(requests.length);
      const left = Keys.slice(read);
      return {
        Responses: { table: Keys.slice(0, read) },
        UnprocessedKeys: left.length > 0 ? { table: { Keys: left } } : {},
      };
    },
  );
  const wait = async (ms: number) => {
    waits.push(ms);
  };
  return { client, requests, waits, options: { consistent: false, wait } };
}

const keys = ['a', 'b', 'c'].map((pk) => ({ pk }));

describe('a batch of reads', () => {
  it('asks again for what was left unprocessed only, after ever longer waits', async () => {
    const { client, requests, waits, options } = setup((request) => Math.max(0, 3 - request));

    expect(await batchGet(client, 'table', keys, options)).toEqual(keys);
    expect(requests.map((request) => request.keys.length)).toEqual([3, 2, 1]);
    expect(waits).toEqual([50, 100]);
  });

  it('waits for nothing when all is read at once', async () => {
    const { client, waits, options } = setup();
    await batchGet(client, 'table', keys, options);

    expect(waits).toEqual([]);
  });

  it('gives up on a table that keeps leaving keys, and blames no provider for it', async () => {
    const { client, requests, waits, options } = setup(() => 1);
    const error = await batchGet(client, 'table', keys, options).catch((thrown: unknown) => thrown);

    expect(error).toEqual(new Error('DynamoDB left 1 keys unprocessed, 6 times over'));
    expect(isOtherSide(error)).toBe(false);
    expect(requests).toHaveLength(6);
    expect(waits).toEqual([50, 100, 200, 400, 800]);
  });
});

describe('reads are consistent where they must be', () => {
  const read = async (work: (client: DynamoDBDocumentClient) => Promise<unknown>) => {
    const { client, requests } = setup((request) => (request === 1 ? 1 : 0));
    // The keys that come back are no items of ours: what was asked is what counts here.
    await work(client).catch(() => {});
    return requests.map(({ consistent }) => consistent);
  };

  it.each([true, false])(
    'of calls that must be fresh, also when asked again: %s',
    async (fresh) => {
      expect(
        await read((client) => dynamoCalls(client, 'table').get('clinic', ['a'], { fresh })),
      ).toEqual([fresh, fresh]);
    },
  );

  it('not of calls that may be old', async () => {
    expect(await read((client) => dynamoCalls(client, 'table').get('clinic', ['a']))).toEqual([
      false,
      false,
    ]);
  });

  it.each([true, false])('of a poll state that must be fresh: %s', async (fresh) => {
    expect(
      await read((client) => dynamoPollStates(client, 'table').load('clinic', { fresh })),
    ).toEqual([fresh, fresh]);
  });

  it('not of a poll state that may be old', async () => {
    expect(await read((client) => dynamoPollStates(client, 'table').load('clinic'))).toEqual([
      false,
      false,
    ]);
  });
});
