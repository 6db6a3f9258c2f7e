import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countMessages, deadLetterQueues } from '../../lib/adapters/dead-letters.ts';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createQueueService } from '../../lib/local/sqs/queue-service.ts';

describe('dead letters', () => {
  const db = openDatabase(':memory:');
  let aws: Awaited<ReturnType<typeof startAwsServer>>;
  let client: SQSClient;
  const url = (name: string) => `${aws.endpoint}/000000000000/${name}`;

  beforeAll(async () => {
    const queues = createQueueService({ db, now: Date.now }, () => aws.endpoint);
    aws = await startAwsServer({ json: [queues] });
    const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
    const timing = { visibilityTimeoutSeconds: 30, retentionSeconds: 60, delaySeconds: 0 };
    const queue = (name: string) => ({ ...timing, name, arn: arn(name), redrive: undefined });
    queues.createQueue(queue('dead'));
    queues.createQueue(queue('plain'));
    for (const name of ['work', 'more-work']) {
      const redrive = { deadLetterArn: arn('dead'), maxReceiveCount: 5 };
      queues.createQueue({ ...queue(name), redrive });
    }
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new SQSClient({ endpoint: aws.endpoint, region: 'us-east-1', credentials });
  });
  afterAll(async () => {
    client.destroy();
    await aws.close();
    db.close();
  });

  it('are found behind the queues whose readers crash, once', async () => {
    expect(await deadLetterQueues(client, ['work', 'more-work', 'plain'].map(url))).toEqual([
      url('dead'),
    ]);
  });

  it('are counted over all queues', async () => {
    for (const name of ['dead', 'dead', 'plain']) {
      await client.send(new SendMessageCommand({ QueueUrl: url(name), MessageBody: '{}' }));
    }

    expect(await countMessages(client, ['dead', 'plain', 'work'].map(url))).toBe(3);
  });
});
