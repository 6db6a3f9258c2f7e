import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentClient } from '../../lib/adapters/aws-clients.ts';
import { dynamoCheckStore, eventBridgeCheck } from '../../lib/adapters/check-system.ts';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { createBusService } from '../../lib/local/eventbridge.ts';
import { createQueueService } from '../../lib/local/sqs/queue-service.ts';
import { LOCAL } from '../support/sdk.ts';

describe('store and bus that are checked', () => {
  const db = openDatabase(':memory:');
  const context = { db, now: Date.now };
  const dynamo = createDynamoService(context);
  const queues = createQueueService(context);
  const buses = createBusService(context, queues);
  const sources: string[] = [];
  let endpoint = '';
  let close = async () => {};
  beforeAll(async () => {
    dynamo.createTable({
      name: 'Control',
      keySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      attributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      indexes: [],
      streamView: undefined,
      ttlAttribute: 'expiresAt',
    });
    buses.createBus('calls');
    buses.onEvent(({ source }) => void sources.push(source));
    const server = await startAwsServer({ json: [dynamo, queues, buses] });
    ({ endpoint, close } = server);
  });
  afterAll(async () => {
    await close();
    db.close();
  });

  it('keep what is written until it was read, and nothing after', async () => {
    const client = documentClient({ ...LOCAL, endpoint });

    expect(await dynamoCheckStore(client, 'Control').roundTrip('a-mark')).toBe('a-mark');

    expect((await client.send(new ScanCommand({ TableName: 'Control' }))).Items).toEqual([]);
    await expect(dynamoCheckStore(client, 'Other').roundTrip('a-mark')).rejects.toThrow();
  });

  it('are told of an event that is nobody’s business', async () => {
    const bus = eventBridgeCheck(new EventBridgeClient({ ...LOCAL, endpoint }), 'calls');

    expect([await bus.exists(), await bus.putTest()]).toEqual([true, true]);
    expect(sources).toEqual(['callwire.check']);
  });

  it('notice a bus that is not there, which accepts events all the same', async () => {
    const bus = eventBridgeCheck(new EventBridgeClient({ ...LOCAL, endpoint }), 'cals');

    expect([await bus.exists(), await bus.putTest()]).toEqual([false, true]);
  });
});
