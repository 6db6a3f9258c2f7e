import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { EventBridgeEvent } from 'aws-lambda';
import type { CallEvent, Event } from 'callwire/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleEvents } from '../../lib/contract/samples.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { serve } from '../local/dynamodb/embedded.ts';
import { LOCAL } from '../support/sdk.ts';
import { createConsumer } from './consumer-example.ts';

const onTheBus = (detail: Event): EventBridgeEvent<string, Event> => ({
  version: '0',
  id: 'of EventBridge',
  'detail-type': detail.type,
  source: 'callwire',
  account: '123456789012',
  time: '2026-01-31T09:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail,
});

describe('the example of a consumer', () => {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: Date.now });
  let served: Awaited<ReturnType<typeof serve>>;
  let client: DynamoDBDocumentClient;
  let tables = 0;
  let time = Date.parse('2026-01-31T09:00:00Z');

  beforeAll(async () => {
    served = await serve(service);
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ ...LOCAL, endpoint: served.endpoint }),
    );
  });
  afterAll(() => {
    client.destroy();
    served.stop();
    db.close();
  });

  function consumer(handle: (event: CallEvent) => Promise<void>) {
    tables += 1;
    const table = `Seen${tables}`;
    service.createTable({
      name: table,
      keySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      attributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      indexes: [],
      streamView: undefined,
      ttlAttribute: 'expiresAt',
    });
    return createConsumer({ client, table, handle, now: () => new Date(time) });
  }

  it('handles an event once, though the bus delivers it three times, twice at once', async () => {
    const handled: string[] = [];
    const handler = consumer(async ({ call }) => {
      handled.push(call.id);
    });
    const event = onTheBus(sampleEvents['call.failed']);

    await Promise.all([handler(event), handler(event)]);
    await handler(event);

    expect(handled).toHaveLength(1);
  });

  it('handles it again where handling it failed', async () => {
    let attempts = 0;
    const handler = consumer(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error('not now');
    });
    const event = onTheBus(sampleEvents['call.failed']);

    await expect(handler(event)).rejects.toThrow('not now');
    await handler(event);
    await handler(event);

    expect(attempts).toBe(2);
  });

  it('handles it again two minutes after a worker that died over it, not before', async () => {
    const handled: number[] = [];
    const handler = consumer(async () => {
      handled.push(time);
      // The first worker never comes back.
      if (handled.length === 1) await new Promise(() => undefined);
    });
    const event = onTheBus(sampleEvents['call.completed']);

    void handler(event);
    await expect.poll(() => handled).toHaveLength(1);
    time += 119_000;
    await handler(event);
    expect(handled).toHaveLength(1);
    time += 1_000;
    await handler(event);
    time += 86_400_000;
    await handler(event);
    expect(handled).toHaveLength(2);
  });

  it('passes over what is about no call', async () => {
    const handler = consumer(() => Promise.reject(new Error('must not be called')));

    await expect(handler(onTheBus(sampleEvents['connection.failing']))).resolves.toBeUndefined();
  });
});
