import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoSilences } from '../../lib/adapters/dynamo-silences.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { isInForce, type Silence } from '../../lib/routing/silence.ts';
import { serve } from '../local/dynamodb/embedded.ts';
import { controlTable } from '../support/control-table.ts';
import { LOCAL } from '../support/sdk.ts';

const silence: Silence = {
  id: 'works',
  when: { 'attributes.title': { prefix: 'Test' }, reason: ['busy'] },
  to: ['ops'],
  author: 'Rana',
  comment: 'The provider moves house',
  createdAt: '2026-01-31T09:00:00.000Z',
  until: '2026-01-31T10:00:00.000Z',
};
const HALF_PAST = new Date('2026-01-31T09:30:00.000Z');

describe('silences in the Control table', () => {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: Date.now });
  const table = controlTable.name;
  let served: Awaited<ReturnType<typeof serve>>;
  let client: DynamoDBDocumentClient;

  beforeAll(async () => {
    served = await serve(service);
    service.createTable(controlTable);
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ ...LOCAL, endpoint: served.endpoint }),
    );
  });
  afterAll(() => {
    client.destroy();
    served.stop();
    db.close();
  });

  const expiry = async () => {
    const get = new GetCommand({ TableName: table, Key: { pk: 'silences', sk: 'works' } });
    return new Date(Number((await client.send(get)).Item?.expiresAt) * 1000).toISOString();
  };

  it('are read as they were written, and forgotten 30 days after their end', async () => {
    const silences = dynamoSilences(client, table);
    await silences.put(silence);

    expect(await silences.list()).toEqual([silence]);
    expect(await expiry()).toBe('2026-03-02T10:00:00.000Z');
  });

  it('end when somebody ends them, and stay to be asked about', async () => {
    const silences = dynamoSilences(client, table);
    await silences.put(silence);

    expect(await silences.end('works', HALF_PAST)).toBe(true);
    const [ended] = await silences.list();
    expect(ended && isInForce(ended, HALF_PAST)).toBe(false);
    expect(await expiry()).toBe('2026-03-02T09:30:00.000Z');
    expect(await silences.end('never', HALF_PAST)).toBe(false);
  });

  it('that cannot be read are passed over', async () => {
    const broken = { pk: 'silences', sk: 'broken', silence: { ...silence, to: 'ops' } };
    await client.send(new PutCommand({ TableName: table, Item: broken }));

    expect(await dynamoSilences(client, table).list()).toHaveLength(1);
  });
});
