import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DelayedQueue } from '../delivery/deliver-deps.ts';

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

/** The queues of the kinds of destinations, by their addresses. */
export const queuesByKind =
  (client: SQSClient, urls: Readonly<Record<string, string>>) =>
  (kind: string): DelayedQueue | undefined => {
    const url = urls[kind];
    if (url === undefined) return undefined;
    return { send: (message, delaySeconds) => sendJson(client, url, message, { delaySeconds }) };
  };

/** Far below the megabyte that a request may have: from 64 KB on it is billed by its size, so more would save nothing. */
const BATCH_BYTES = 256 * 1024;

interface Waiting {
  readonly body: string;
  readonly done: PromiseWithResolvers<void>;
}

/** As many as one request takes, in order. */
function batchesOf(waiting: readonly Waiting[]): Waiting[][] {
  const batches: Waiting[][] = [];
  let room = 0;
  for (const one of waiting) {
    const bytes = Buffer.byteLength(one.body);
    const last = batches.at(-1);
    if (last === undefined || last.length === BATCH || bytes > room) {
      batches.push([one]);
      room = BATCH_BYTES - bytes;
    } else {
      last.push(one);
      room -= bytes;
    }
  }
  return batches;
}

async function sendBatch(client: SQSClient, queueUrl: string, batch: readonly Waiting[]) {
  try {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: batch.map(({ body }, index) => ({ Id: String(index), MessageBody: body })),
      }),
    );
    const refused = new Map(Failed.map(({ Id, Code }) => [Id, Code]));
    for (const [index, { done }] of batch.entries()) {
      const id = String(index);
      if (refused.has(id)) done.reject(new Error(`SQS did not take a message: ${refused.get(id)}`));
      else done.resolve();
    }
  } catch (error) {
    for (const { done } of batch) done.reject(error);
  }
}

/**
 * Sends what is handed over in one turn of the event loop together: a request is billed, not its messages,
 * and those that a function was given at once are ready at once. Nothing waits for others to come.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html
 *
 * @returns hands over one message; settles when SQS has it, or has refused it
 */
export function gatheringSender(
  client: SQSClient,
  queueUrl: string,
): (message: unknown) => Promise<void> {
  let waiting: Waiting[] = [];
  const sendAll = (): void => {
    const batches = batchesOf(waiting);
    waiting = [];
    for (const batch of batches) void sendBatch(client, queueUrl, batch);
  };
  return (message) => {
    const done = Promise.withResolvers<void>();
    if (waiting.length === 0) setImmediate(sendAll);
    waiting.push({ body: JSON.stringify(message), done });
    return done.promise;
  };
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
