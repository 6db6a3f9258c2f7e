import type { DatabaseSync } from 'node:sqlite';
import { atomically } from '../database.ts';
import { AwsError, type QueueDefinition } from '../services.ts';
import { ACCOUNT } from '../template/identity.ts';
import { md5, md5OfAttributes } from './message-attributes.ts';
import type { Queues } from './queues.ts';
import { pick, toWire } from './received-message.ts';
import {
  attributeNamesSchema,
  type BatchEntry,
  deleteSchema,
  MAX_MESSAGE_BYTES,
  parse,
  parseBatch,
  parseSend,
  parseSendBatch,
  queueNameSchema,
  queueUrlSchema,
  receiveSchema,
  visibilitySchema,
} from './requests.ts';

/** What an operation does on the queue that its request names; nothing returned is an empty answer. */
type Operation = (queue: QueueDefinition, input: Record<string, unknown>) => object | undefined;

/** The operations of the SQS API by name, from request to answer. */
export function queueOperations(
  queues: Queues,
  db: DatabaseSync,
  endpoint: () => string,
): ReadonlyMap<string, (input: Record<string, unknown>) => object | undefined> {
  const sendMessage = (queue: QueueDefinition, input: unknown) => {
    const request = parseSend(input);
    const { MessageBody: body, MessageAttributes: attributes } = request;
    return {
      MessageId: queues.send(queue, request),
      MD5OfMessageBody: md5(body),
      ...(Object.keys(attributes).length > 0 && {
        MD5OfMessageAttributes: md5OfAttributes(attributes),
      }),
    };
  };

  /** Long polling is left out: a receive answers at once. */
  const receiveMessage = (queue: QueueDefinition, input: unknown) => {
    const request = parse(receiveSchema, input);
    const rows = queues.receive(queue, request.MaxNumberOfMessages, request.VisibilityTimeout);
    return rows.length > 0 ? { Messages: rows.map((row) => toWire(row, request)) } : {};
  };

  const deleteMessage = (queue: QueueDefinition, input: unknown): undefined => {
    queues.remove(queue, parse(deleteSchema, input).ReceiptHandle);
  };

  const changeVisibility = (queue: QueueDefinition, input: unknown): undefined => {
    const { ReceiptHandle, VisibilityTimeout } = parse(visibilitySchema, input);
    queues.changeVisibility(queue, ReceiptHandle, VisibilityTimeout);
  };

  /** Entries succeed and fail one by one; what succeeds is committed together. */
  const forEach = (entries: readonly BatchEntry[], perform: Operation, queue: QueueDefinition) =>
    atomically(db, () => {
      const Successful: Record<string, unknown>[] = [];
      const Failed: Record<string, unknown>[] = [];
      for (const { Id, ...entry } of entries) {
        try {
          Successful.push({ Id, ...perform(queue, entry) });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          Failed.push({ Id, SenderFault: true, Code: error.name, Message: error.message });
        }
      }
      return { Successful, ...(Failed.length > 0 && { Failed }) };
    });

  const getQueueAttributes = (queue: QueueDefinition, input: unknown) => {
    const { AttributeNames: names } = parse(attributeNamesSchema, input);
    return { Attributes: pick(attributesOf(queue, queues.depth(queue)), names) };
  };

  const onQueue: Readonly<Record<string, Operation>> = {
    SendMessage: sendMessage,
    SendMessageBatch: (queue, input) => forEach(parseSendBatch(input), sendMessage, queue),
    ReceiveMessage: receiveMessage,
    DeleteMessage: deleteMessage,
    DeleteMessageBatch: (queue, input) => forEach(parseBatch(input), deleteMessage, queue),
    ChangeMessageVisibility: changeVisibility,
    ChangeMessageVisibilityBatch: (queue, input) =>
      forEach(parseBatch(input), changeVisibility, queue),
    GetQueueAttributes: getQueueAttributes,
    PurgeQueue: (queue): undefined => queues.purge(queue),
  };

  const addressed = Object.entries(onQueue).map(
    ([name, perform]) =>
      [name, (input: Record<string, unknown>) => perform(queueOf(input, queues), input)] as const,
  );
  return new Map([
    ...addressed,
    [
      'GetQueueUrl',
      (input) => {
        const { name } = queues.named(parse(queueNameSchema, input).QueueName);
        return { QueueUrl: `${endpoint()}/${ACCOUNT}/${name}` };
      },
    ],
  ]);
}

function queueOf(input: Record<string, unknown>, queues: Queues): QueueDefinition {
  const { QueueUrl: url } = parse(queueUrlSchema, input);
  return queues.named(url.slice(url.lastIndexOf('/') + 1));
}

function attributesOf(
  queue: QueueDefinition,
  { visible, delayed, inFlight }: ReturnType<Queues['depth']>,
): Record<string, string> {
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    DelaySeconds: String(queue.delaySeconds),
    MaximumMessageSize: String(MAX_MESSAGE_BYTES),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    ReceiveMessageWaitTimeSeconds: '0',
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
    ...(queue.redrive && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: queue.redrive.deadLetterArn,
        maxReceiveCount: queue.redrive.maxReceiveCount,
      }),
    }),
  };
}
