import {
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { createStreamService } from '../../lib/local/dynamodb-streams.ts';
import { shardId } from '../../lib/local/mappings/shard-id.ts';

/** Three changes of one key, and an SDK client to read them with. */
async function changed() {
  const dynamo = createDynamoService({ db: openDatabase(':memory:'), now: Date.now });
  dynamo.createTable({
    name: 'Calls',
    keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    attributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    indexes: [],
    streamView: 'NEW_IMAGE',
    ttlAttribute: undefined,
  });
  for (const version of ['1', '2', '3']) {
    const Item = { pk: { S: 'call' }, version: { N: version } };
    dynamo.handle('PutItem', { TableName: 'Calls', Item });
  }
  const shard = [...Array(dynamo.shards).keys()].find(
    (candidate) => dynamo.readStream('Calls', candidate, 0, 1).records.length > 0,
  );
  const { records } = dynamo.readStream('Calls', shard ?? 0, 0, 10);

  const server = await startAwsServer({ json: [createStreamService(dynamo)] });
  onTestFinished(server.close);
  const client = new DynamoDBStreamsClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const read = async (
    ShardIteratorType: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER' | 'TRIM_HORIZON',
    index?: number,
  ) => {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamArn: records[0]?.eventSourceARN,
        ShardId: shardId(shard ?? 0),
        ShardIteratorType,
        SequenceNumber: index === undefined ? undefined : records[index]?.dynamodb.SequenceNumber,
      }),
    );
    const { Records = [], NextShardIterator } = await client.send(
      new GetRecordsCommand({ ShardIterator }),
    );
    return { versions: Records.map((r) => r.dynamodb?.NewImage?.version?.N), NextShardIterator };
  };
  return { client, read };
}

describe('the streams API', () => {
  it('reads from a sequence number on, as a failure message gives it', async () => {
    const { read } = await changed();

    expect((await read('AT_SEQUENCE_NUMBER', 1)).versions).toEqual(['2', '3']);
    expect((await read('AFTER_SEQUENCE_NUMBER', 1)).versions).toEqual(['3']);
    expect((await read('TRIM_HORIZON')).versions).toEqual(['1', '2', '3']);
  });

  it('goes on behind what was read', async () => {
    const { client, read } = await changed();
    const { NextShardIterator } = await read('TRIM_HORIZON');

    const { Records } = await client.send(
      new GetRecordsCommand({ ShardIterator: NextShardIterator }),
    );

    expect(Records).toEqual([]);
  });

  it('refuses a shard that is not there', async () => {
    const { client } = await changed();

    await expect(
      client.send(
        new GetShardIteratorCommand({
          StreamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Calls/stream/x',
          ShardId: shardId(99),
          ShardIteratorType: 'TRIM_HORIZON',
        }),
      ),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
