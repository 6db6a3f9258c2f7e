import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { atomically } from '../../lib/local/database.ts';
import type { QueueDefinition, QueueService } from '../../lib/local/services.ts';
import { createQueueService } from '../../lib/local/sqs/queue-service.ts';

const START = Date.parse('2026-03-01T10:00:00Z');
const WORK = queue('work', { redrive: { deadLetterArn: arnOf('dead'), maxReceiveCount: 2 } });
const DEAD = queue('dead');

let db: DatabaseSync;
let time: number;
let queues: QueueService;

beforeEach(() => {
  db = new DatabaseSync(':memory:');
  time = START;
  queues = createQueues();
});

afterEach(() => db.close());

describe('a queue', () => {
  it('hands out what was sent, in the shape Lambda hands on', () => {
    const id = queues.send(WORK.arn, 'hello', {
      groupId: 'tenant-1',
      attributes: { Kind: { DataType: 'String', StringValue: 'poll' } },
    });
    time += 1000;

    expect(queues.receive(WORK.arn, 10)).toEqual([
      {
        messageId: id,
        receiptHandle: `${id}.1`,
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          ApproximateFirstReceiveTimestamp: String(START + 1000),
          SentTimestamp: String(START),
          SenderId: '000000000000',
          MessageGroupId: 'tenant-1',
        },
        messageAttributes: {
          Kind: {
            dataType: 'String',
            stringValue: 'poll',
            stringListValues: [],
            binaryListValues: [],
          },
        },
      },
    ]);
  });

  it('hides a received message for the visibility timeout', () => {
    queues.send(WORK.arn, 'hello');
    queues.receive(WORK.arn, 1);

    time += 29_999;
    expect(queues.receive(WORK.arn, 1)).toEqual([]);
    time += 1;
    expect(queues.receive(WORK.arn, 1)).toHaveLength(1);
  });

  it('lets the receiver choose another visibility timeout', () => {
    queues.send(WORK.arn, 'hello');
    queues.receive(WORK.arn, 1, 5);

    expect(queues.nextVisibleAt(WORK.arn)).toBe(START + 5000);
  });

  it('holds a delayed message back, and counts it as delayed', () => {
    queues.send(WORK.arn, 'later', { delaySeconds: 60 });

    expect(queues.receive(WORK.arn, 1)).toEqual([]);
    expect(queues.depth(WORK.arn)).toEqual({ visible: 0, delayed: 1, inFlight: 0 });
    expect(queues.nextVisibleAt(WORK.arn)).toBe(START + 60_000);
    time += 60_000;
    expect(queues.receive(WORK.arn, 1)).toHaveLength(1);
  });

  it("delays by the queue's own delay unless the message says otherwise", () => {
    const slow = queue('slow', { delaySeconds: 30 });
    queues.createQueue(slow);
    queues.send(slow.arn, 'slow');
    queues.send(slow.arn, 'now', { delaySeconds: 0 });

    expect(bodies(slow)).toEqual(['now']);
  });

  it('hands out the longest visible first, no more than asked for', () => {
    for (const body of ['a', 'b', 'c']) {
      queues.send(WORK.arn, body);
      time += 1;
    }

    expect(queues.receive(WORK.arn, 2).map(({ body }) => body)).toEqual(['a', 'b']);
    expect(queues.depth(WORK.arn)).toEqual({ visible: 1, delayed: 0, inFlight: 2 });
  });

  it('forgets a removed message', () => {
    queues.send(WORK.arn, 'hello');
    const [message] = queues.receive(WORK.arn, 1);

    queues.remove(WORK.arn, [message?.receiptHandle ?? '']);

    expect(queues.nextVisibleAt(WORK.arn)).toBeUndefined();
  });

  it('keeps a message whose handle has been superseded by a later receive', () => {
    queues.send(WORK.arn, 'hello');
    const [first] = queues.receive(WORK.arn, 1, 0);
    const [second] = queues.receive(WORK.arn, 1);

    queues.remove(WORK.arn, [first?.receiptHandle ?? '']);
    expect(queues.depth(WORK.arn).inFlight).toBe(1);

    queues.remove(WORK.arn, [second?.receiptHandle ?? '']);
    expect(queues.depth(WORK.arn).inFlight).toBe(0);
  });

  it('returns a message at once when its visibility is set to zero', () => {
    queues.send(WORK.arn, 'hello');
    const [message] = queues.receive(WORK.arn, 1);

    queues.changeVisibility(WORK.arn, message?.receiptHandle ?? '', 0);

    expect(queues.receive(WORK.arn, 1)).toMatchObject([
      { attributes: { ApproximateReceiveCount: '2' } },
    ]);
  });

  it('refuses to change the visibility of a message that is no longer in flight', () => {
    queues.send(WORK.arn, 'hello');
    const [message] = queues.receive(WORK.arn, 1);
    time += 30_000;

    expect(() => queues.changeVisibility(WORK.arn, message?.receiptHandle ?? '', 5)).toThrow(
      expect.objectContaining({ name: 'MessageNotInflight' }),
    );
  });

  it('moves a message received too often to the dead letters, with its id and time', () => {
    const id = queues.send(WORK.arn, 'poison');
    for (let receive = 0; receive < 2; receive += 1) {
      expect(queues.receive(WORK.arn, 1)).toHaveLength(1);
      time += 30_000;
    }

    expect(queues.receive(WORK.arn, 1)).toEqual([]);
    expect(queues.receive(DEAD.arn, 1)).toMatchObject([
      {
        messageId: id,
        body: 'poison',
        attributes: { SentTimestamp: String(START), DeadLetterQueueSourceArn: WORK.arn },
      },
    ]);
  });

  it('loses messages past the retention period, counted from when they were sent', () => {
    queues.send(WORK.arn, 'old');
    time += 3_599_999;
    expect(queues.depth(WORK.arn).visible).toBe(1);
    time += 1;

    expect(queues.nextVisibleAt(WORK.arn)).toBeUndefined();
    expect(queues.receive(WORK.arn, 1)).toEqual([]);
  });

  it('still has its messages after a restart', () => {
    queues.send(WORK.arn, 'hello');

    queues = createQueues();

    expect(bodies(WORK)).toEqual(['hello']);
  });

  it('hands out again at once what was received by a process that is gone, and counts that receive', () => {
    queues.send(WORK.arn, 'received');
    queues.receive(WORK.arn, 1);
    queues.send(WORK.arn, 'delayed', { delaySeconds: 30 });

    queues = createQueues();

    const [message, ...others] = queues.receive(WORK.arn, 10);
    expect(message).toMatchObject({
      body: 'received',
      attributes: { ApproximateReceiveCount: '2' },
    });
    expect(others).toEqual([]);
  });

  it('tells listeners once the transaction that sent is over', async () => {
    const heard: [string, boolean][] = [];
    queues.onSend((arn) => heard.push([arn, db.isTransaction]));

    atomically(db, () => queues.send(WORK.arn, 'hello'));
    await Promise.resolve();

    expect(heard).toEqual([[WORK.arn, false]]);
  });

  it('receives as part of a transaction that is open', () => {
    queues.send(WORK.arn, 'hello');

    db.exec('BEGIN');
    expect(bodies(WORK)).toEqual(['hello']);
    db.exec('ROLLBACK');

    expect(bodies(WORK)).toEqual(['hello']);
  });

  it('takes a send back with the transaction around it', () => {
    const failing = () =>
      atomically(db, () => {
        queues.send(WORK.arn, 'hello');
        throw new Error('no');
      });

    expect(failing).toThrow('no');
    expect(queues.depth(WORK.arn).visible).toBe(0);
  });
});

describe('the SQS client', () => {
  const QueueUrl = 'http://elsewhere/000000000000/work';
  let server: Awaited<ReturnType<typeof startAwsServer>>;
  let client: SQSClient;

  beforeEach(async () => {
    server = await startAwsServer({ json: [queues] });
    client = new SQSClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  });

  afterEach(async () => {
    client.destroy();
    await server.close();
  });

  it('sends, receives and deletes, content with the digests', async () => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'grüße 👋' }));

    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages).toMatchObject([
      { Body: 'grüße 👋', Attributes: { ApproximateReceiveCount: '1' } },
    ]);

    const ReceiptHandle = Messages[0]?.ReceiptHandle;
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    expect(queues.depth(WORK.arn)).toEqual({ visible: 0, delayed: 0, inFlight: 0 });
  });

  it('gets the digest of message attributes that Amazon documents', async () => {
    const sent = await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'x',
        MessageAttributes: {
          b: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
          a: { DataType: 'String', StringValue: 'é' },
        },
      }),
    );

    const encoded = [
      ...[0, 0, 0, 1, 0x61, 0, 0, 0, 6, ...Buffer.from('String'), 1, 0, 0, 0, 2, 0xc3, 0xa9],
      ...[0, 0, 0, 1, 0x62, 0, 0, 0, 6, ...Buffer.from('Binary'), 2, 0, 0, 0, 2, 1, 2],
    ];
    expect(sent.MD5OfMessageAttributes).toBe(
      createHash('md5').update(Buffer.from(encoded)).digest('hex'),
    );
  });

  it('receives only the attributes it asks for', async () => {
    const attribute = { DataType: 'String', StringValue: 'x' };
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'x',
        MessageAttributes: { 'app.a': attribute, 'app.b': attribute, other: attribute },
      }),
    );

    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MessageAttributeNames: ['app.*'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );

    expect(Object.keys(Messages[0]?.MessageAttributes ?? {})).toEqual(['app.a', 'app.b']);
    expect(Messages[0]?.Attributes).toEqual({ SentTimestamp: String(START) });
  });

  it('gets an answer per entry of a batch', async () => {
    const result = await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'a' },
          { Id: 'bad', MessageBody: 'b', DelaySeconds: 901 },
        ],
      }),
    );

    expect(result.Successful).toMatchObject([{ Id: 'good' }]);
    expect(result.Failed).toMatchObject([
      { Id: 'bad', SenderFault: true, Code: 'InvalidParameterValue' },
    ]);
  });

  it('deletes and makes visible in batches', async () => {
    for (const body of ['a', 'b']) queues.send(WORK.arn, body);
    const [a, b] = queues.receive(WORK.arn, 2);

    const changed = await client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [{ Id: '1', ReceiptHandle: a?.receiptHandle, VisibilityTimeout: 0 }],
      }),
    );
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: '1', ReceiptHandle: b?.receiptHandle },
          { Id: '2', ReceiptHandle: 'nonsense' },
        ],
      }),
    );

    expect(changed.Successful).toEqual([{ Id: '1' }]);
    expect(deleted.Successful).toEqual([{ Id: '1' }]);
    expect(deleted.Failed).toMatchObject([{ Id: '2', Code: 'ReceiptHandleIsInvalid' }]);
    expect(queues.depth(WORK.arn)).toEqual({ visible: 1, delayed: 0, inFlight: 0 });
  });

  it('changes visibility, finds the queue, reads its attributes and purges it', async () => {
    queues.send(WORK.arn, 'a');
    const [message] = queues.receive(WORK.arn, 1);
    const ReceiptHandle = message?.receiptHandle;
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 120 }),
    );
    expect(queues.nextVisibleAt(WORK.arn)).toBe(START + 120_000);

    const found = await client.send(new GetQueueUrlCommand({ QueueName: 'work' }));
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: found.QueueUrl, AttributeNames: ['All'] }),
    );
    expect(found.QueueUrl).toBe('http://front/000000000000/work');
    expect(Attributes).toMatchObject({
      QueueArn: WORK.arn,
      ApproximateNumberOfMessagesNotVisible: '1',
      VisibilityTimeout: '30',
      RedrivePolicy: `{"deadLetterTargetArn":"${DEAD.arn}","maxReceiveCount":2}`,
    });

    await client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(queues.nextVisibleAt(WORK.arn)).toBeUndefined();
  });

  it('recognizes that a queue does not exist, by the new name and the old code', async () => {
    const failure = await client
      .send(new SendMessageCommand({ QueueUrl: 'http://x/none', MessageBody: 'x' }))
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(QueueDoesNotExist);
    expect(failure).toMatchObject({ Code: 'AWS.SimpleQueueService.NonExistentQueue' });
  });

  const entries = (...ids: string[]) => ids.map((Id) => ({ Id, MessageBody: 'x' }));
  const half = 'x'.repeat(1_048_576 / 2 + 1);
  it.each([
    ['EmptyBatchRequest', new SendMessageBatchCommand({ QueueUrl, Entries: [] })],
    [
      'TooManyEntriesInBatchRequest',
      new SendMessageBatchCommand({ QueueUrl, Entries: entries(...'abcdefghijk') }),
    ],
    [
      'BatchEntryIdsNotDistinct',
      new SendMessageBatchCommand({ QueueUrl, Entries: entries('a', 'a') }),
    ],
    ['InvalidBatchEntryId', new SendMessageBatchCommand({ QueueUrl, Entries: entries('a b') })],
    [
      'BatchRequestTooLong',
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: ['1', '2'].map((Id) => ({ Id, MessageBody: half })),
      }),
    ],
    ['InvalidParameterValue', send({ DelaySeconds: 901 })],
    ['InvalidParameterValue', send({ MessageBody: half + half })],
    ['InvalidParameterValue', send({ MessageDeduplicationId: 'fifo' })],
    ['InvalidParameterValue', send({ MessageAttributes: { a: { DataType: 'String' } } })],
    ['InvalidMessageContents', send({ MessageBody: 'a\u0000b' })],
    ['InvalidParameterValue', new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })],
    ['ReceiptHandleIsInvalid', new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nonsense' })],
  ])('is refused with %s (case %#)', async (name, command) => {
    // The commands' types differ, and none of their outputs matters here.
    const failure = client.send(command as SendMessageCommand);

    await expect(failure).rejects.toMatchObject({ name });
    expect(queues.depth(WORK.arn).visible).toBe(0);
  });

  it('may send exactly 1 MiB', async () => {
    await client.send(send({ MessageBody: 'x'.repeat(1_048_576) }));

    expect(queues.depth(WORK.arn).visible).toBe(1);
  });

  function send(input: Partial<ConstructorParameters<typeof SendMessageCommand>[0]>) {
    return new SendMessageCommand({ QueueUrl, MessageBody: 'x', ...input });
  }
});

function createQueues(): QueueService {
  const service = createQueueService({ db, now: () => time }, () => 'http://front');
  for (const definition of [WORK, DEAD]) service.createQueue(definition);
  return service;
}

function bodies({ arn }: QueueDefinition): string[] {
  return queues.receive(arn, 10).map(({ body }) => body);
}

function arnOf(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

function queue(name: string, overrides: Partial<QueueDefinition> = {}): QueueDefinition {
  return {
    name,
    arn: arnOf(name),
    visibilityTimeoutSeconds: 30,
    delaySeconds: 0,
    retentionSeconds: 3600,
    redrive: undefined,
    ...overrides,
  };
}
