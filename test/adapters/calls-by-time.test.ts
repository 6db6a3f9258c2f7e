import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCallItem } from '../../lib/adapters/call-item.ts';
import { callsByTime } from '../../lib/adapters/calls-by-time.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { stored } from '../cli/taps.ts';
import { serve } from '../local/dynamodb/embedded.ts';
import { callsTable } from '../support/calls-table.ts';

describe('calls by time', () => {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: Date.now });
  service.createTable(callsTable);
  let served: Awaited<ReturnType<typeof serve>>;
  let client: DynamoDBDocumentClient;
  const unreadable: string[] = [];

  beforeAll(async () => {
    served = await serve(service);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint: served.endpoint, region: 'us-east-1', credentials }),
    );
    const times = {
      before: '2026-11-18T23:59:59.999Z',
      first: '2026-11-19T00:00:00.000Z',
      evening: '2026-11-19T23:59:59.999Z',
      'next-day': '2026-11-20T00:00:00.000Z',
      after: '2026-11-20T09:00:00.000Z',
    };
    const mine = Object.entries(times).map(([id, createdAt]) => stored({ id, createdAt }));
    const theirs = stored({ id: 'theirs', connection: 'other', createdAt: times.first });
    for (const call of [...mine, theirs]) {
      await client.send(new PutCommand({ TableName: callsTable.name, Item: toCallItem(call) }));
    }
  });
  afterAll(() => {
    client.destroy();
    served.stop();
    db.close();
  });

  async function between(from: string, to: string): Promise<string[]> {
    const range = { connection: 'clinic-riyadh', from: new Date(from), to: new Date(to) };
    const ids: string[] = [];
    for await (const page of callsByTime(client, callsTable.name, range, (error) =>
      unreadable.push(error.message),
    )) {
      ids.push(...page.flatMap((item) => ('call' in item ? [item.call.call.id] : [])));
    }
    return ids.sort();
  }

  it('are those of one connection, from the first instant and before the last', async () => {
    expect(await between('2026-11-19T00:00:00Z', '2026-11-20T09:00:00Z')).toEqual([
      'evening',
      'first',
      'next-day',
    ]);
  });

  it('end with the day before when the end is a midnight', async () => {
    expect(await between('2026-11-19', '2026-11-20')).toEqual(['evening', 'first']);
  });

  it('go on after one that cannot be read, which is named without what it holds', async () => {
    const createdAt = '2026-11-10T12:00:00.000Z';
    const spoiled = toCallItem(stored({ id: 'spoiled', createdAt, contactNumber: '+96650' }));
    const secret = { attributes: '+966501234567 is no JSON' };
    for (const Item of [
      { ...spoiled, call: secret },
      toCallItem(stored({ id: 'later', createdAt: '2026-11-10T12:00:01.000Z' })),
    ]) {
      await client.send(new PutCommand({ TableName: callsTable.name, Item }));
    }

    expect(await between('2026-11-10', '2026-11-11')).toEqual(['later']);
    expect(unreadable).toEqual(['clinic-riyadh/spoiled cannot be read: SyntaxError']);
  });

  it('may lie within one day', async () => {
    expect(await between('2026-11-19T12:00:00Z', '2026-11-19T23:59:59.999Z')).toEqual([]);
    expect(await between('2026-11-19T12:00:00Z', '2026-11-20T00:00:00Z')).toEqual(['evening']);
  });
});
