import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../lib/local/database.ts';
import { createDynamoService } from '../../../lib/local/dynamodb/dynamo-service.ts';
import { compilePattern } from '../../../lib/local/event-pattern.ts';
import { openCheckpoints } from '../../../lib/local/mappings/checkpoints.ts';
import { startStreamMapping } from '../../../lib/local/mappings/stream-mapping.ts';
import { createQueueService } from '../../../lib/local/sqs/queue-service.ts';
import type { StreamMappingDefinition } from '../../../lib/local/template/declarations.ts';

const FAILURES = 'arn:aws:sqs:us-east-1:000000000000:Failures';

/** Matchers are `any` to TypeScript. */
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

interface Record {
  readonly dynamodb: { readonly SequenceNumber: string; readonly NewImage?: unknown };
}
interface Batch {
  readonly Records: readonly Record[];
}

const nameOf = ({ dynamodb }: Record) => String(Object(dynamodb.NewImage).sk?.N);

/** A table whose items share one partition, and so one shard and one order; their `sk` is a number. */
function world({ paceMs = 0 } = {}) {
  const clock = { offset: 0 };
  const now = () => Date.now() + clock.offset;
  const db = openDatabase(':memory:');
  const dynamo = createDynamoService({ db, now });
  const queues = createQueueService({ db, now });
  dynamo.createTable({
    name: 'Calls',
    keySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    attributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
    ],
    indexes: [],
    streamView: 'NEW_IMAGE',
    ttlAttribute: undefined,
  });
  queues.createQueue({
    name: 'Failures',
    arn: FAILURES,
    visibilityTimeoutSeconds: 30,
    delaySeconds: 0,
    retentionSeconds: 60,
    redrive: undefined,
  });

  const batches: string[][] = [];
  const map = (
    handler: (names: string[], batch: Batch) => unknown,
    options: Partial<StreamMappingDefinition> = {},
  ) => {
    const patterns = (options.filters ?? []).map(compilePattern);
    const mapping = startStreamMapping(
      {
        kind: 'stream',
        id: 'Mapping',
        functionName: 'Publish',
        table: 'Calls',
        batchSize: 100,
        batchingWindowMs: 0,
        reportsItemFailures: false,
        filters: [],
        bisects: false,
        maximumRetryAttempts: undefined,
        maximumRecordAgeMs: undefined,
        onFailureArn: FAILURES,
        ...options,
      },
      {
        dynamo,
        queues,
        checkpoints: openCheckpoints(db),
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:Publish',
        retryDelayMs: 1,
        paceMs,
        delivery: {
          invoke: async (event) => {
            const batch = event as Batch;
            const names = batch.Records.map(nameOf);
            batches.push(names);
            return handler(names, batch);
          },
          passes: (record) => patterns.length === 0 || patterns.some((matches) => matches(record)),
          repeats: () => false,
          now,
        },
      },
    );
    onTestFinished(() => mapping.stop());
    return mapping;
  };
  const put = (...names: number[]) => {
    for (const name of names) {
      dynamo.handle('PutItem', {
        TableName: 'Calls',
        Item: { pk: { S: 'p' }, sk: { N: String(name) } },
      });
    }
  };
  const failures = () =>
    queues.receive(FAILURES, 10, 0).map(({ body }): unknown => JSON.parse(body));
  return { map, put, batches, failures, dynamo, clock };
}

const refuse = (poison: string) => (names: string[]) => {
  if (names.includes(poison)) {
    throw new Error(`cannot take ${poison}`);
  }
};

describe('a stream mapping', () => {
  it('hands over a change within milliseconds, and what was there before from the beginning', async () => {
    const { map, put, batches } = world();
    put(1, 2);
    const mapping = map(() => undefined);
    await expect.poll(() => batches).toEqual([['1', '2']]);

    put(3);

    await expect.poll(() => batches, { interval: 1, timeout: 100 }).toEqual([['1', '2'], ['3']]);
    await expect.poll(mapping.isIdle).toBe(true);
  });

  it('gathers what comes right after a batch, so that changes under load share their batches', async () => {
    const { map, put, batches } = world({ paceMs: 300 });
    map(() => undefined);
    put(1);
    await expect.poll(() => batches, { interval: 1 }).toEqual([['1']]);

    put(2);
    await new Promise(setImmediate);
    put(3);

    await expect.poll(() => batches.flat()).toEqual(['1', '2', '3']);
    expect(batches).toEqual([['1'], ['2', '3']]);
  });

  it('hands over only what its filters let through, and goes past the rest', async () => {
    const { map, put, batches, dynamo } = world();
    put(1);
    dynamo.handle('DeleteItem', {
      TableName: 'Calls',
      Key: { pk: { S: 'p' }, sk: { N: '1' } },
    });
    put(2);

    const mapping = map(() => undefined, { filters: [{ eventName: ['INSERT', 'MODIFY'] }] });

    await expect.poll(mapping.isIdle).toBe(true);
    expect(batches).toEqual([['1', '2']]);
  });

  it('goes on after a restart where it was, and repeats what had not succeeded', async () => {
    const { map, put, batches } = world();
    put(1);
    const first = map(() => undefined);
    await expect.poll(first.isIdle).toBe(true);
    await first.stop();
    put(2);
    const failing = map(refuse('2'));
    await expect.poll(() => batches.length).toBeGreaterThan(1);
    await failing.stop();
    batches.length = 0;

    const third = map(() => undefined);

    await expect.poll(third.isIdle).toBe(true);
    expect(batches).toEqual([['2']]);
  });

  it('holds up a shard until a failing batch succeeds, when nothing bounds it', async () => {
    const { map, put, batches } = world();
    let failuresLeft = 3;
    put(1);
    const mapping = map(() => {
      failuresLeft -= 1;
      if (failuresLeft >= 0) {
        throw new Error('not yet');
      }
    });
    await expect.poll(() => batches.length).toBeGreaterThan(0);
    put(2);

    await expect.poll(mapping.isIdle).toBe(true);
    expect(batches).toEqual([['1'], ['1'], ['1'], ['1'], ['2']]);
  });

  it('isolates a poison record by bisecting, gives it up alone and names it', async () => {
    const { map, put, batches, failures } = world();
    put(1, 2, 3, 4);
    const sequenceNumbers = new Map<string, string>();

    const mapping = map(
      (names, { Records }) => {
        Records.forEach((record, at) => {
          sequenceNumbers.set(names[at] ?? '', record.dynamodb.SequenceNumber);
        });
        refuse('3')(names);
      },
      { bisects: true, maximumRetryAttempts: 1 },
    );

    await expect.poll(mapping.isIdle).toBe(true);
    expect(batches).toEqual([['1', '2', '3', '4'], ['1', '2'], ['3', '4'], ['3'], ['3'], ['4']]);
    expect(failures()).toEqual([
      {
        requestContext: {
          requestId: like(/./),
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:Publish',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 2,
        },
        responseContext: {
          statusCode: 200,
          executedVersion: '$LATEST',
          functionError: 'Unhandled',
        },
        version: '1.0',
        timestamp: like(/./),
        DDBStreamBatchInfo: {
          shardId: like(/^shardId-\d{20}-/),
          startSequenceNumber: sequenceNumbers.get('3'),
          endSequenceNumber: sequenceNumbers.get('3'),
          approximateArrivalOfFirstRecord: like(/:\d\dZ$/),
          approximateArrivalOfLastRecord: like(/:\d\dZ$/),
          batchSize: 1,
          streamArn: like(/:table\/Calls\/stream\//),
        },
      },
    ]);
  });

  it('gives up a whole batch when it may not bisect', async () => {
    const { map, put, batches, failures } = world();
    put(1, 2);

    const mapping = map(refuse('2'), { maximumRetryAttempts: 0 });

    await expect.poll(mapping.isIdle).toBe(true);
    expect(batches).toEqual([['1', '2']]);
    expect(failures()).toMatchObject([{ DDBStreamBatchInfo: { batchSize: 2 } }]);
  });

  it('goes on from the lowest record that was reported', async () => {
    const { map, put, batches } = world();
    put(1, 2, 3);
    let isFirst = true;

    const mapping = map(
      (names, { Records }) => {
        const failed = isFirst ? Records.filter((_record, at) => Number(names[at]) > 1) : [];
        isFirst = false;
        return {
          batchItemFailures: failed
            .toReversed()
            .map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })),
        };
      },
      { reportsItemFailures: true },
    );

    await expect.poll(mapping.isIdle).toBe(true);
    expect(batches).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ]);
  });

  it('gives up records that are too old without trying them', async () => {
    const { map, put, batches, failures, clock } = world();
    put(1);
    clock.offset = 3_600_000;
    put(2);

    const mapping = map(() => undefined, { maximumRecordAgeMs: 60_000 });

    await expect.poll(mapping.isIdle).toBe(true);
    expect(batches).toEqual([['2']]);
    expect(failures()).toMatchObject([
      { requestContext: { condition: 'RecordAgeExceeded' }, DDBStreamBatchInfo: { batchSize: 1 } },
    ]);
  });
});
