import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../lib/local/database.ts';
import { startQueueMapping } from '../../../lib/local/mappings/queue-mapping.ts';
import { createQueueService } from '../../../lib/local/sqs/queue-service.ts';
import type { QueueMappingDefinition } from '../../../lib/local/template/declarations.ts';

const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** Matchers are `any` to TypeScript. */
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

interface Batch {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** A queue `Work` (dead letters after two receives, 50 ms apart) mapped to `handler`. */
function mapped(
  handler: (bodies: string[], batch: Batch) => unknown,
  {
    duplicate = false,
    passes = () => true,
    ...options
  }: Partial<QueueMappingDefinition> & {
    duplicate?: boolean;
    passes?: (record: unknown) => boolean;
  } = {},
) {
  const db = openDatabase(':memory:');
  const queues = createQueueService({ db, now: Date.now });
  const queue = { delaySeconds: 0, retentionSeconds: 60, visibilityTimeoutSeconds: 0.05 };
  queues.createQueue({ ...queue, name: 'Dead', arn: arn('Dead'), redrive: undefined });
  queues.createQueue({
    ...queue,
    name: 'Work',
    arn: arn('Work'),
    redrive: { deadLetterArn: arn('Dead'), maxReceiveCount: 2 },
  });
  const batches: string[][] = [];
  const start = () => {
    const mapping = startQueueMapping(
      {
        kind: 'queue',
        id: 'Mapping',
        functionName: 'Work',
        queueArn: arn('Work'),
        batchSize: 10,
        batchingWindowMs: 0,
        reportsItemFailures: false,
        filters: [],
        maximumConcurrency: undefined,
        ...options,
      },
      {
        queues,
        concurrency: 2,
        delivery: {
          invoke: async (event) => {
            const batch = event as Batch;
            const bodies = batch.Records.map(({ body }) => body);
            batches.push(bodies);
            return handler(bodies, batch);
          },
          passes,
          repeats: () => duplicate,
          now: Date.now,
        },
      },
    );
    onTestFinished(() => mapping.stop());
  };
  const depth = (name: string) => {
    const { visible, delayed, inFlight } = queues.depth(arn(name));
    return visible + delayed + inFlight;
  };
  const send = (...bodies: string[]) => bodies.map((body) => queues.send(arn('Work'), body));
  return { start, send, depth, batches, queues };
}

describe('a queue mapping', () => {
  it('hands over a message within milliseconds of its sending, and deletes it', async () => {
    const { start, send, batches, depth } = mapped(() => undefined);
    start();

    send('a');
    await expect.poll(() => batches, { interval: 1, timeout: 100 }).toEqual([['a']]);

    await expect.poll(() => depth('Work')).toBe(0);
  });

  it('hands over the messages in the shape of Lambda', async () => {
    const seen: unknown[] = [];
    const receivedOnce: unknown = expect.objectContaining({ ApproximateReceiveCount: '1' });
    const { start, send } = mapped((_bodies, { Records }) => void seen.push(...Records));
    start();
    const [messageId] = send('hello');

    await expect
      .poll(() => seen)
      .toEqual([
        {
          messageId,
          receiptHandle: like(/./),
          body: 'hello',
          attributes: receivedOnce,
          messageAttributes: {},
          md5OfBody: '5d41402abc4b2a76b9719d911017c592',
          eventSource: 'aws:sqs',
          eventSourceARN: arn('Work'),
          awsRegion: 'us-east-1',
        },
      ]);
  });

  it('keeps to the batch size', async () => {
    const { start, send, batches } = mapped(() => undefined, { batchSize: 2 });
    send('a', 'b', 'c');
    start();

    await expect.poll(() => batches).toEqual([['a', 'b'], ['c']]);
  });

  it('waits for more within the batching window', async () => {
    const { start, send, batches, queues } = mapped(() => undefined, { batchingWindowMs: 30 });
    start();
    send('a');
    await expect.poll(() => queues.depth(arn('Work')).inFlight, { interval: 1 }).toBe(1);
    send('b');

    await expect.poll(() => batches).toEqual([['a', 'b']]);
  });

  it('hands over only the failed messages again, and dead-letters them in the end', async () => {
    const { start, send, batches, depth } = mapped(
      (_bodies, { Records }) => ({
        batchItemFailures: Records.filter(({ body }) => body === 'bad').map((record) => ({
          itemIdentifier: record.messageId,
        })),
      }),
      { reportsItemFailures: true },
    );
    send('good', 'bad');
    start();

    await expect.poll(() => depth('Dead')).toBe(1);
    expect(batches).toEqual([['good', 'bad'], ['bad']]);
    expect(depth('Work')).toBe(0);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['names a message that is not in it', () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] })],
    ['answers what is no report', () => 'ok'],
  ])('takes the whole batch for failed when the function %s', async (_what, handler) => {
    const { start, send, depth, batches } = mapped(handler, { reportsItemFailures: true });
    send('a', 'b');
    start();

    await expect.poll(() => depth('Dead')).toBe(2);
    expect(batches).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('deletes what its filters refuse, without the function seeing it', async () => {
    const { start, send, depth, batches } = mapped(() => undefined, {
      passes: (record) => Object(record).body.kind === 'wanted',
    });
    send('{"kind":"wanted"}', '{"kind":"other"}');
    start();

    await expect.poll(() => depth('Work')).toBe(0);
    expect(batches).toEqual([['{"kind":"wanted"}']]);
  });

  it('delivers twice when it is told to', async () => {
    const { start, send, batches } = mapped(() => undefined, { duplicate: true });
    send('a');
    start();

    await expect.poll(() => batches).toEqual([['a'], ['a']]);
  });
});
