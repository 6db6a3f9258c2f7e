import { createHash } from 'node:crypto';
import * as z from 'zod';

const messageAttributeSchema = z
  .object({
    DataType: z.string().regex(/^(String|Number|Binary)(\..+)?$/),
    StringValue: z.string().min(1).optional(),
    BinaryValue: z.base64().min(1).optional(),
  })
  .refine(
    (value) => (value.DataType.startsWith('Binary') ? value.BinaryValue : value.StringValue),
    { error: 'has no value of its type' },
  );

/** What a sender attaches to a message, by name, in the shape of the SQS API. */
export const messageAttributesSchema = z
  .record(z.string().min(1), messageAttributeSchema)
  .refine((attributes) => Object.keys(attributes).length <= 10, { error: 'more than 10' });

export type MessageAttributes = z.infer<typeof messageAttributesSchema>;

/** What counts towards the limit: the body, and each attribute's name, type and value. */
export function messageBytes(body: string, attributes: MessageAttributes): number {
  const parts = Object.entries(attributes).flatMap(([name, value]) => [
    Buffer.byteLength(name),
    Buffer.byteLength(value.DataType),
    valueBytes(value).length,
  ]);
  return parts.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(body));
}

export function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex');
}

/**
 * Name, type and value of each attribute in the order of their names, with lengths before them:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function md5OfAttributes(attributes: MessageAttributes): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const encoded = sorted.flatMap(([name, value]) => [
    withLength(Buffer.from(name)),
    withLength(Buffer.from(value.DataType)),
    Buffer.of(value.BinaryValue === undefined ? 1 : 2),
    withLength(valueBytes(value)),
  ]);
  return md5(Buffer.concat(encoded));
}

function valueBytes({ StringValue = '', BinaryValue }: MessageAttributes[string]): Buffer {
  return BinaryValue === undefined ? Buffer.from(StringValue) : Buffer.from(BinaryValue, 'base64');
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
