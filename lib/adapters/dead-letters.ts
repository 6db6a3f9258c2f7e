import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';

const redriveSchema = z.object({ deadLetterTargetArn: z.string() });

/** Addresses of the queues that hold what the readers of these queues could not handle. */
export async function deadLetterQueues(
  client: SQSClient,
  queueUrls: readonly string[],
): Promise<string[]> {
  const dead = await Promise.all(
    queueUrls.map(async (QueueUrl) => {
      const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] });
      const { Attributes } = await client.send(ask);
      const policy: unknown = JSON.parse(Attributes?.RedrivePolicy ?? 'null');
      const arn = redriveSchema.safeParse(policy).data?.deadLetterTargetArn;
      // A dead-letter queue is of the same account and region as its source.
      return arn ? [QueueUrl.replace(/[^/]+$/, arn.slice(arn.lastIndexOf(':') + 1))] : [];
    }),
  );
  return [...new Set(dead.flat())];
}

/** How many messages lie in these queues, about. */
export async function countMessages(
  client: SQSClient,
  queueUrls: readonly string[],
): Promise<number> {
  const counts = await Promise.all(
    queueUrls.map(async (QueueUrl) => {
      const name = 'ApproximateNumberOfMessages';
      const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] });
      const { Attributes } = await client.send(ask);
      return Number(Attributes?.[name] ?? 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
