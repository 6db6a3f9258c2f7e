import {
  DynamoDBStreamsClient,
  type GetShardIteratorCommandInput,
} from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, it } from 'vitest';
import { keysOfFailedBatch, transitionsOf } from '../../lib/adapters/stream-records.ts';
import { answering, LOCAL } from '../support/sdk.ts';

const record = (position: string, pk: string, eventName = 'MODIFY') => ({
  eventName,
  dynamodb: { SequenceNumber: position, Keys: { pk: { S: pk } } },
});

const message = (start: string, end: string) => ({
  DDBStreamBatchInfo: {
    streamArn: 'arn',
    shardId: 'shard',
    startSequenceNumber: start,
    endSequenceNumber: end,
  },
});

/** A stream whose reads give these records, one list a read, and nothing from then on. */
function stream(...reads: ReturnType<typeof record>[][]) {
  const asked: GetShardIteratorCommandInput[] = [];
  let next = 0;
  const client = answering(
    new DynamoDBStreamsClient(LOCAL),
    (input: GetShardIteratorCommandInput, command) => {
      if (command === 'GetShardIteratorCommand') {
        asked.push(input);
        return { ShardIterator: 'it' };
      }
      next += 1;
      return { Records: reads[next - 1] ?? [], NextShardIterator: 'it' };
    },
  );
  return { client, asked, reads: () => next };
}

describe('a batch that Lambda gave up on', () => {
  it('is read again from its first record to its last, and no further', async () => {
    // Positions have no fixed width: 9 comes before 10.
    const { client, asked, reads } = stream(
      [record('9', 'a'), record('10', 'b')],
      [record('11', 'a'), record('12', 'c')],
    );

    expect(await keysOfFailedBatch(message('9', '11'), client)).toEqual(['a', 'b']);
    expect(asked[0]).toMatchObject({
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      SequenceNumber: '9',
    });
    expect(reads()).toBe(2);
  });

  it('is found behind reads that show nothing yet', async () => {
    const { client } = stream([], [record('9', 'a')], [], [], [record('10', 'b')]);

    expect(await keysOfFailedBatch(message('9', '10'), client)).toEqual(['a', 'b']);
  });

  it('does not announce what expired', async () => {
    const { client } = stream([record('9', 'a', 'REMOVE'), record('10', 'b')]);

    expect(await keysOfFailedBatch(message('9', '10'), client)).toEqual(['b']);
  });

  it('of which the end cannot be found is not taken for done', async () => {
    const { client } = stream([record('9', 'a')]);

    await expect(keysOfFailedBatch(message('9', '10'), client)).rejects.toThrow('does not show');
  });
});

describe('a stream record', () => {
  it('that cannot be read does not keep the batch from being taken apart', () => {
    const [broken] = transitionsOf([
      { dynamodb: { SequenceNumber: '1', NewImage: { pk: { S: 'a' } } } },
    ]);

    expect(broken?.position).toBe('1');
    expect(() => broken?.read()).toThrow();
  });
});
