import { type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { gatheringSender, sendJsonBatch } from '../../lib/adapters/queues.ts';
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

it('sends together what is handed over at once, ten a request and not too many bytes', async () => {
  const { client, sent } = queue(() => false);
  const send = gatheringSender(client, 'url');

  await Promise.all(Array.from({ length: 12 }, (_, id) => send({ id })));
  await send('later');
  await Promise.all(['a', 'b', 'c'].map((letter) => send(letter.repeat(100 * 1024))));

  expect(sent.map(({ Entries }) => Entries?.length)).toEqual([10, 2, 1, 2, 1]);
  expect(sent[0]?.Entries?.[9]).toEqual({ Id: '9', MessageBody: '{"id":9}' });
});

it('tells whoever handed over a message that SQS refused, and nobody else', async () => {
  const { client } = queue((body) => body === '{"id":1}');
  const send = gatheringSender(client, 'url');

  const results = await Promise.allSettled([0, 1, 2].map((id) => send({ id })));

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('tells all of them when the request itself fails', async () => {
  const client = answering(new SQSClient(LOCAL), () => {
    throw new Error('no network');
  });
  const send = gatheringSender(client, 'url');

  const results = await Promise.allSettled([0, 1].map((id) => send({ id })));

  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
