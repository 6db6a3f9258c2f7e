import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { describe, it } from 'vitest';
import { openDatabase } from '../../../lib/local/database.ts';
import { createDynamoService } from '../../../lib/local/dynamodb/dynamo-service.ts';
import { startDynamoDbLocal, whyNoDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { serve } from './embedded.ts';
import { type Change, type Store, storeContract } from './store.contract.ts';

const access = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

async function openEmbedded(): Promise<Store> {
  const service = createDynamoService({ db: openDatabase(':memory:'), now: Date.now });
  const server = await serve(service);
  const client = new DynamoDBClient({ ...access, endpoint: server.endpoint });
  return {
    client,
    createTable: async (definition) => service.createTable(definition),
    changes: async (table) =>
      Array.from({ length: service.shards }, (_, shard) =>
        service.readStream(table, shard, 0, 1_000),
      )
        .flatMap(({ records }) => records)
        .map(({ eventName, dynamodb }) => change(eventName, dynamodb)),
    stop: async () => {
      client.destroy();
      server.stop();
    },
  };
}

async function openDynamoDbLocal(): Promise<Store> {
  const { endpoint, stop } = await startDynamoDbLocal();
  const client = new DynamoDBClient({ ...access, endpoint });
  const streams = new DynamoDBStreamsClient({ ...access, endpoint });
  return {
    client,
    async createTable({ name, keySchema, attributeDefinitions, indexes, streamView }) {
      await client.send(
        new CreateTableCommand({
          TableName: name,
          KeySchema: [...keySchema],
          AttributeDefinitions: [...attributeDefinitions],
          BillingMode: 'PAY_PER_REQUEST',
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: [...index.keySchema],
            Projection: {
              ProjectionType: index.projection.ProjectionType,
              ...(index.projection.NonKeyAttributes && {
                NonKeyAttributes: [...index.projection.NonKeyAttributes],
              }),
            },
          })),
          StreamSpecification: { StreamEnabled: true, StreamViewType: streamView },
        }),
      );
    },
    changes: (table) => readChanges(streams, table),
    stop: async () => {
      client.destroy();
      streams.destroy();
      await stop();
    },
  };
}

async function readChanges(streams: DynamoDBStreamsClient, TableName: string): Promise<Change[]> {
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  const StreamArn = Streams?.[0]?.StreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const changes: Change[] = [];
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
    for (const { eventName, dynamodb = {} } of Records) changes.push(change(eventName, dynamodb));
  }
  return changes;
}

function change(
  eventName: string | undefined,
  images: { Keys?: unknown; NewImage?: unknown; OldImage?: unknown },
): Change {
  const { Keys, NewImage, OldImage } = images;
  return {
    eventName,
    Keys,
    ...(NewImage !== undefined && { NewImage }),
    ...(OldImage !== undefined && { OldImage }),
  };
}

storeContract('embedded', openEmbedded);

const reason = whyNoDynamoDbLocal();
if (reason === undefined) {
  storeContract('DynamoDB Local', openDynamoDbLocal);
} else {
  console.info(reason);
  describe.skip('DynamoDB Local: a DynamoDB table', () => {
    it(reason, () => {});
  });
}
