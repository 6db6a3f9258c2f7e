import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Change, Transition } from '../events/publish-transitions.ts';
import { CLIENT_OPTIONS } from './aws-clients.ts';
import { type CallsItem, fromCallsItem } from './call-item.ts';
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
  const before = oldImage && itemOf(oldImage);
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
  eventName: z.enum(['INSERT', 'MODIFY']),
  dynamodb: z.object({
    SequenceNumber: z.string(),
    Keys: z.object({ pk: z.object({ S: z.string() }) }),
  }),
});

/** Decimal numbers of up to 40 digits, of no fixed width. */
const isAfter = (a: string, b: string): boolean => BigInt(a) > BigInt(b);

/** Reads again which items a failed batch was about; the stream keeps that for 24 hours. */
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
  const keys = new Set<string>();
  let iterator = ShardIterator;
  while (iterator) {
    const { Records = [], NextShardIterator } = await client.send(
      new GetRecordsCommand({ ShardIterator: iterator }),
    );
    if (Records.length === 0) break;
    for (const record of Records) {
      const change = keysSchema.safeParse(record).data;
      if (change && isAfter(change.dynamodb.SequenceNumber, endSequenceNumber)) return [...keys];
      if (change) keys.add(change.dynamodb.Keys.pk.S);
    }
    iterator = NextShardIterator;
  }
  return [...keys];
}

/** The items of the Calls table behind these keys, as they are now. */
export async function readCallsItems(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly string[],
): Promise<CallsItem[]> {
  const items = await batchGet(
    client,
    table,
    keys.map((pk) => ({ pk })),
    { consistent: true },
  );
  return items.map((item) => fromCallsItem(item));
}
