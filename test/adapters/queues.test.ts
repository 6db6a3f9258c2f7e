import { type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { sendJsonBatch } from '../../lib/adapters/queues.ts';
import { answering, LOCAL } from '../support/sdk.ts';

const messages = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ message: { id }, delaySeconds: id, group: 'host' }));

function queue(refuses: (body: string) => boolean) {
  const sent: SendMessageBatchCommandInput[] = [];
  const client = answering(new SQSClient(LOCAL), (input: SendMessageBatchCommandInput) => {
    sent.push(input);
    return { Failed: input.Entries?.filter(({ MessageBody = '' }) => refuses(MessageBody)) };
  });
  return { client, sent };
}

it('sends ten messages a request, each with its delay and group', async () => {
  const { client, sent } = queue(() => false);

  await sendJsonBatch(client, 'url', messages(23));

  expect(sent.map(({ Entries }) => Entries?.length)).toEqual([10, 10, 3]);
  expect(sent[1]?.Entries?.[0]).toEqual({
    Id: '0',
    MessageBody: '{"id":10}',
    DelaySeconds: 10,
    MessageGroupId: 'host',
  });
});

it('sends all the others when one is refused, and then says so', async () => {
  const { client, sent } = queue((body) => body === '{"id":0}');

  await expect(sendJsonBatch(client, 'url', messages(23))).rejects.toThrow('did not take 1');
  expect(sent).toHaveLength(3);
});
