import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { settingsIn } from '../../lib/adapters/deps/deliver.ts';
import { answering, LOCAL } from '../support/sdk.ts';

it('reads what is configured for a destination twice a minute, and at once when it has to be fresh', async () => {
  let time = 0;
  let channel = 'old';
  const client = answering(DynamoDBDocumentClient.from(new DynamoDBClient(LOCAL)), () => ({
    Items: [{ sk: 'ops', settings: { id: 'ops', kind: 'slack', channel } }],
  }));
  const settingsOf = settingsIn(client, 'Control', () => new Date(time));
  const read = async (fresh: boolean) => (await settingsOf('ops', { fresh }))?.channel;

  expect(await read(false)).toBe('old');
  channel = 'new';
  time = 29_999;
  expect(await read(false)).toBe('old');
  expect(await read(true)).toBe('new');
  channel = 'newest';
  expect(await read(false)).toBe('new');
  time += 30_000;
  expect(await read(false)).toBe('newest');
  expect(await settingsOf('other', { fresh: true })).toBeUndefined();
});
