import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** SQS's bound on one SendMessageBatch. */
const BATCH = 10;

/** Sends one message. A group, on a standard queue, lets tenants be served in turn. */
export async function sendJson(
  client: SQSClient,
  queueUrl: string,
  message: unknown,
  options: { delaySeconds?: number; group?: string } = {},
): Promise<void> {
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(message),
      DelaySeconds: options.delaySeconds,
      MessageGroupId: options.group,
    }),
  );
}

/** Sends many messages, ten a request. @throws Error when SQS did not take all of them, after trying all */
export async function sendJsonBatch(
  client: SQSClient,
  queueUrl: string,
  messages: readonly { message: unknown; delaySeconds: number; group: string }[],
): Promise<void> {
  let refused = 0;
  for (let at = 0; at < messages.length; at += BATCH) {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: messages.slice(at, at + BATCH).map(({ message, delaySeconds, group }, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify(message),
          DelaySeconds: delaySeconds,
          MessageGroupId: group,
        })),
      }),
    );
    refused += Failed.length;
  }
  if (refused > 0) throw new Error(`SQS did not take ${refused} messages`);
}
