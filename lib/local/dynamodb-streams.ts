import * as z from 'zod';
import { readRequest } from './dynamodb/requests.ts';
import { shardNumber } from './mappings/shard-id.ts';
import { AwsError, type DynamoService, type JsonService, type StreamRecord } from './services.ts';

const MOST_RECORDS = 1_000;

const iteratorSchema = z.object({
  StreamArn: z.string(),
  ShardId: z.string(),
  ShardIteratorType: z.enum(['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER', 'TRIM_HORIZON']),
  SequenceNumber: z.string().regex(/^\d+$/).optional(),
});

const recordsSchema = z.object({
  ShardIterator: z.string(),
  Limit: z.int().min(1).max(MOST_RECORDS).default(MOST_RECORDS),
});

/** Where an iterator stands; it never runs out of date here. */
const positionSchema = z.object({ table: z.string(), shard: z.int(), after: z.int() });

/**
 * The part of the DynamoDB Streams API that reads discarded records again, over the streams that
 * the mappings read.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
export function createStreamService(dynamo: DynamoService): JsonService {
  function getShardIterator(input: unknown) {
    const { StreamArn, ShardId, ShardIteratorType, SequenceNumber } = readRequest(
      iteratorSchema,
      input,
    );
    const [, table] = StreamArn.match(/:table\/([^/]+)\/stream\//) ?? [];
    const shard = shardNumber(ShardId);
    if (table === undefined || !(shard >= 0 && shard < dynamo.shards)) {
      throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    }
    return {
      ShardIterator: JSON.stringify({
        table,
        shard,
        after: startOf(ShardIteratorType, SequenceNumber),
      }),
    };
  }

  function getRecords(input: unknown) {
    const { ShardIterator, Limit } = readRequest(recordsSchema, input);
    const { table, shard, after } = readRequest(positionSchema, JSON.parse(ShardIterator));
    const { records, position } = dynamo.readStream(table, shard, after, Limit);
    return {
      Records: records.map(toWire),
      // Shards are open for ever, so there always is a next.
      NextShardIterator: JSON.stringify({ table, shard, after: position }),
    };
  }

  return {
    target: 'DynamoDBStreams_20120810',
    handle(operation, input) {
      if (operation === 'GetShardIterator') return getShardIterator(input);
      if (operation === 'GetRecords') return getRecords(input);
      throw new AwsError('UnknownOperationException', `Streams have no ${operation} here.`);
    },
  };
}

/** The position to read on from. In the local store a sequence number is a record's position, padded. */
function startOf(type: z.infer<typeof iteratorSchema>['ShardIteratorType'], number = '0'): number {
  switch (type) {
    case 'TRIM_HORIZON':
      return 0;
    case 'AT_SEQUENCE_NUMBER':
      return Number(number) - 1;
    case 'AFTER_SEQUENCE_NUMBER':
      return Number(number);
  }
}

/** The API spells what identifies the expiry with capitals, and leaves the stream's ARN out. */
function toWire({ eventSourceARN: _known, userIdentity, ...record }: StreamRecord) {
  return {
    ...record,
    ...(userIdentity && {
      userIdentity: { Type: userIdentity.type, PrincipalId: userIdentity.principalId },
    }),
  };
}
