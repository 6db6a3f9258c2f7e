import { randomUUID } from 'node:crypto';
import { isoSeconds } from '../iso-seconds.ts';
import { shardId } from './shard-id.ts';
import type { Discarded } from './stream-batch.ts';

/**
 * The message Lambda sends to the on-failure destination of a stream mapping. It names the discarded
 * range and holds none of the records: whoever reads it has to look them up.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export function failureMessage(
  { records, condition, attempts }: Discarded,
  {
    functionArn,
    shard,
    now,
  }: {
    functionArn: string;
    shard: number;
    now: number;
  },
) {
  const first = records.at(0)?.dynamodb;
  const last = records.at(-1)?.dynamodb;
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn,
      condition,
      approximateInvokeCount: attempts,
    },
    // Records that were never tried have no response.
    ...(condition === 'RetryAttemptsExhausted' && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: 'Unhandled',
      },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: shardId(shard),
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: seconds(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: seconds(last?.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn: records.at(0)?.eventSourceARN,
    },
  };
}

function seconds(epochSeconds = 0): string {
  return isoSeconds(new Date(epochSeconds * 1000));
}
