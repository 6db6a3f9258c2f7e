import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { OnUnreadable } from '../calls/unreadable-item.ts';
import type { Change, Transition } from '../events/publish-transitions.ts';
import { CLIENT_OPTIONS } from './aws-clients.ts';
import { type CallsItem, fromCallsItem, readableItems } from './call-item.ts';
import { batchGet } from './dynamo-calls.ts';

type Image = Record<string, AttributeValue>;

/** The part of a stream record that publishing reads; binary values arrive as base64. */
const recordSchema = z.object({
  dynamodb: z.object({
    SequenceNumber: z.string(),
    NewImage: z.custom<Image>((value) => typeof value === 'object' && value !== null),
    OldImage: z.custom<Image>((value) => typeof value === 'object' && value !== null).optional(),
  }),
});

const BASE64_BINARY = z.object({ B: z.string() });

/** Lambda hands a stream record on as JSON, in which binary is base64 text; `unmarshall` wants bytes. */
const withBytes = (image: Image): Image =>
  Object.fromEntries(
    Object.entries(image).map(([name, value]) => {
      const binary = BASE64_BINARY.safeParse(value).data;
      return [name, binary ? { B: Buffer.from(binary.B, 'base64') } : value];
    }),
  );

const itemOf = (image: Image): CallsItem => fromCallsItem(unmarshall(withBytes(image)));

function changeOf(newImage: Image, oldImage: Image | undefined): Change {
  const after = itemOf(newImage);
  if ('notice' in after) return after;
  // What is forgotten says nothing, whatever it was: perhaps an item that nobody could read.
  const before = oldImage && !after.call.forgotten ? itemOf(oldImage) : undefined;
  return { after: after.call, before: before && 'call' in before ? before.call : undefined };
}

/** The records of a stream batch as transitions; reading one may throw, taking the batch apart may not. */
export const transitionsOf = (records: readonly unknown[]): Transition[] =>
  records.map((record) => {
    const { dynamodb } = z
      .object({ dynamodb: z.object({ SequenceNumber: z.string() }) })
      .parse(record);
    return {
      position: dynamodb.SequenceNumber,
      read: () => {
        const { NewImage, OldImage } = recordSchema.parse(record).dynamodb;
        return changeOf(NewImage, OldImage);
      },
    };
  });

/** What Lambda tells of a batch that it gave up on: where it lay, not what was in it. */
const failedBatchSchema = z.object({
  DDBStreamBatchInfo: z.object({
    streamArn: z.string(),
    shardId: z.string(),
    startSequenceNumber: z.string(),
    endSequenceNumber: z.string(),
  }),
});

const keysSchema = z.object({
  eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  dynamodb: z.object({
    SequenceNumber: z.string(),
    Keys: z.object({ pk: z.object({ S: z.string() }) }),
  }),
});

/** "It might take multiple calls to get to a portion of the shard that contains stream records": so many, not more. */
const MAX_EMPTY_READS = 50;

/**
 * Reads again which items a failed batch was about; the stream keeps that for 24 hours.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
 *
 * @throws Error when the stream does not show the end of the batch
 */
export async function keysOfFailedBatch(
  message: unknown,
  client = new DynamoDBStreamsClient(CLIENT_OPTIONS),
): Promise<string[]> {
  const { streamArn, shardId, startSequenceNumber, endSequenceNumber } =
    failedBatchSchema.parse(message).DDBStreamBatchInfo;
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: shardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      SequenceNumber: startSequenceNumber,
    }),
  );
  // Decimal numbers of up to 40 digits, of no fixed width.
  const end = BigInt(endSequenceNumber);
  const keys = new Set<string>();
  let iterator = ShardIterator;
  let emptyReads = 0;
  while (iterator && emptyReads < MAX_EMPTY_READS) {
    const { Records = [], NextShardIterator } = await client.send(
      new GetRecordsCommand({ ShardIterator: iterator }),
    );
    emptyReads = Records.length === 0 ? emptyReads + 1 : 0;
    for (const { eventName, dynamodb } of keysSchema.array().parse(Records)) {
      const position = BigInt(dynamodb.SequenceNumber);
      if (position <= end && eventName !== 'REMOVE') keys.add(dynamodb.Keys.pk.S);
      if (position >= end) return [...keys];
    }
    iterator = NextShardIterator;
  }
  throw new Error(`The stream does not show the batch up to ${endSequenceNumber}`);
}

/**
 * The items of the Calls table behind these keys, as they are now.
 *
 * @param onUnreadable told of each item that is none of ours, which is left out
 */
export async function readCallsItems(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly string[],
  onUnreadable: OnUnreadable,
): Promise<CallsItem[]> {
  const items = await batchGet(
    client,
    table,
    keys.map((pk) => ({ pk })),
    { consistent: true },
  );
  return readableItems(items, onUnreadable);
}
