import * as z from 'zod';
import { parseRequest } from '../parse-request.ts';
import { AwsError } from '../services.ts';
import { invalidParameter } from './errors.ts';
import { messageAttributesSchema, messageBytes } from './message-attributes.ts';

/** Limits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html. */
export const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_DELAY_SECONDS = 900;
const MAX_VISIBILITY_SECONDS = 43_200;
const MAX_BATCH_ENTRIES = 10;

/** Characters XML 1.0 cannot hold: https://www.w3.org/TR/REC-xml/#charsets. */
const FORBIDDEN_CHARACTERS = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

const namesSchema = z.array(z.string()).default([]);

const sendSchema = z.object({
  MessageBody: z.string().min(1),
  DelaySeconds: z.int().min(0).max(MAX_DELAY_SECONDS).optional(),
  // Allowed on standard queues too, where it asks for fairness between groups and not for order:
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
  MessageGroupId: z.string().min(1).max(128).optional(),
  MessageDeduplicationId: z.never({ error: 'only FIFO queues take it' }).optional(),
  MessageAttributes: messageAttributesSchema.default({}),
});
const batchSchema = z.object({ Entries: z.array(z.looseObject({ Id: z.string() })).default([]) });

export const receiveSchema = z.object({
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).max(MAX_VISIBILITY_SECONDS).optional(),
  WaitTimeSeconds: z.int().min(0).max(20).optional(),
  AttributeNames: namesSchema,
  MessageSystemAttributeNames: namesSchema,
  MessageAttributeNames: namesSchema,
});
export const deleteSchema = z.object({ ReceiptHandle: z.string() });
export const visibilitySchema = deleteSchema.extend({
  VisibilityTimeout: z.int().min(0).max(MAX_VISIBILITY_SECONDS),
});
export const queueUrlSchema = z.object({ QueueUrl: z.string() });
export const queueNameSchema = z.object({ QueueName: z.string() });
export const attributeNamesSchema = z.object({ AttributeNames: namesSchema });

export type SendRequest = z.infer<typeof sendSchema>;
export type ReceiveRequest = z.infer<typeof receiveSchema>;
export type BatchEntry = z.infer<typeof batchSchema>['Entries'][number];

/** The input as `schema` types it. @throws AwsError InvalidParameterValue, saying what does not fit */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  return parseRequest(schema, input, (reasons) => invalidParameter(`${reasons}.`));
}

export function parseSend(input: unknown): SendRequest {
  const request = parse(sendSchema, input);
  if (FORBIDDEN_CHARACTERS.test(request.MessageBody)) {
    throw new AwsError('InvalidMessageContents', 'Invalid characters in the message body.');
  }
  if (requestBytes(request) > MAX_MESSAGE_BYTES) {
    throw invalidParameter(`Message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`);
  }
  return request;
}

/** The entries of any batch; what is in them is checked one by one. */
export function parseBatch(input: unknown): readonly BatchEntry[] {
  const { Entries: entries } = parse(batchSchema, input);
  const ids = entries.map(({ Id }) => Id);
  if (ids.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (ids.length > MAX_BATCH_ENTRIES) {
    throw new AwsError('TooManyEntriesInBatchRequest', 'A batch has 10 entries at most.');
  }
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id))) {
    throw new AwsError('InvalidBatchEntryId', 'An entry id has 1 to 80 letters, digits, - and _.');
  }
  if (new Set(ids).size < ids.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two entries have the same id.');
  }
  return entries;
}

/** The entries of a SendMessageBatch, whose messages share one limit of size. */
export function parseSendBatch(input: unknown): readonly BatchEntry[] {
  const entries = parseBatch(input);
  const messages = entries.flatMap((entry) => sendSchema.safeParse(entry).data ?? []);
  if (messages.reduce((sum, message) => sum + requestBytes(message), 0) > MAX_MESSAGE_BYTES) {
    throw new AwsError('BatchRequestTooLong', 'The messages of a batch exceed 1 MiB together.');
  }
  return entries;
}

function requestBytes({ MessageBody, MessageAttributes }: SendRequest): number {
  return messageBytes(MessageBody, MessageAttributes);
}
