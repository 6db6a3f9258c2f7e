import { AwsError, type QueueMessage } from '../services.ts';
import { ACCOUNT } from '../template/identity.ts';
import {
  type MessageAttributes,
  md5,
  md5OfAttributes,
  messageAttributesSchema,
} from './message-attributes.ts';
import type { MessageRow } from './message-rows.ts';
import type { ReceiveRequest } from './requests.ts';

/** A handle names one receive of a message: the next receive makes it stale. */
function handleOf({ id, receiveCount }: MessageRow): string {
  return `${id}.${receiveCount}`;
}

/** The message and the receive that a handle names. @throws AwsError ReceiptHandleIsInvalid */
export function parseHandle(handle: string): { id: string; receiveCount: number } {
  const [, id, receiveCount] = /^([\da-f-]{36})\.(\d+)$/.exec(handle) ?? [];
  if (id === undefined) {
    throw new AwsError('ReceiptHandleIsInvalid', 'The receipt handle is not valid.', {
      statusCode: 404,
    });
  }
  return { id, receiveCount: Number(receiveCount) };
}

/** A message as a Lambda event source mapping hands it on. */
export function toQueueMessage(row: MessageRow): QueueMessage {
  const messageAttributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributesOf(row))) {
    messageAttributes[name] = {
      dataType: value.DataType,
      ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
      ...(value.BinaryValue !== undefined && { binaryValue: value.BinaryValue }),
      stringListValues: [],
      binaryListValues: [],
    };
  }
  return {
    messageId: row.id,
    receiptHandle: handleOf(row),
    body: row.body,
    attributes: systemAttributes(row),
    messageAttributes,
  };
}

/** A message as ReceiveMessage answers it, with the attributes that were asked for. */
export function toWire(row: MessageRow, request: ReceiveRequest): Record<string, unknown> {
  const wanted = [...request.AttributeNames, ...request.MessageSystemAttributeNames];
  const system = pick(systemAttributes(row), wanted);
  const attributes = pick(attributesOf(row), request.MessageAttributeNames);
  return {
    MessageId: row.id,
    ReceiptHandle: handleOf(row),
    Body: row.body,
    MD5OfBody: md5(row.body),
    ...(Object.keys(system).length > 0 && { Attributes: system }),
    ...(Object.keys(attributes).length > 0 && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: md5OfAttributes(attributes),
    }),
  };
}

/** The members asked for, by name, by `prefix.*`, or all of them by `All` or `.*`. */
export function pick<T>(members: Record<string, T>, names: readonly string[]): Record<string, T> {
  const isWanted = (member: string) =>
    names.some(
      (name) =>
        name === 'All' ||
        name === member ||
        (name.endsWith('.*') && member.startsWith(name.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(members).filter(([member]) => isWanted(member)));
}

function systemAttributes(row: MessageRow): Record<string, string> {
  return {
    ApproximateFirstReceiveTimestamp: String(row.firstReceivedAt),
    ApproximateReceiveCount: String(row.receiveCount),
    SenderId: ACCOUNT,
    SentTimestamp: String(row.sentAt),
    ...(row.groupId !== null && { MessageGroupId: row.groupId }),
    ...(row.deadLetterSource !== null && { DeadLetterQueueSourceArn: row.deadLetterSource }),
  };
}

function attributesOf(row: MessageRow): MessageAttributes {
  return messageAttributesSchema.parse(JSON.parse(row.attributes));
}
