import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../lib/local/database.ts';
import { createAsyncInvocations } from '../../../lib/local/lambda/async-invocations.ts';
import type { FunctionPool } from '../../../lib/local/lambda/function-pool.ts';
import { createQueueService } from '../../../lib/local/sqs/queue-service.ts';
import type { AsyncPolicy } from '../../../lib/local/template/declarations.ts';

const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** Invocations of a function that fails `failures` times before it succeeds. */
function failing(failures: number, policies: readonly AsyncPolicy[] = []) {
  const queues = createQueueService({ db: openDatabase(':memory:'), now: Date.now });
  for (const name of ['Failures', 'Dead']) {
    queues.createQueue({
      name,
      arn: arn(name),
      visibilityTimeoutSeconds: 30,
      delaySeconds: 0,
      retentionSeconds: 60,
      redrive: undefined,
    });
  }
  let attempts = 0;
  const pool: FunctionPool = {
    invoke: async () => {
      attempts += 1;
      if (attempts <= failures) {
        throw new Error('not now');
      }
    },
    concurrency: () => 1,
    running: () => 0,
    stop: async () => undefined,
  };
  const invocations = createAsyncInvocations({
    pool,
    queues,
    functions: [
      {
        name: 'Dispatch',
        arn: 'arn:aws:lambda:us-east-1:000000000000:function:Dispatch',
        folder: '',
        handler: 'index.handler',
        timeoutMs: 1,
        memoryMb: 128,
        environment: {},
        logFormat: 'Text',
        logLevel: 'INFO',
        reservedConcurrency: undefined,
        deadLetterArn: arn('Dead'),
      },
    ],
    policies,
    now: Date.now,
    retryDelaysMs: [1, 1],
  });
  return {
    invocations,
    attempts: () => attempts,
    messages: (name: string) =>
      queues.receive(arn(name), 10).map(({ body }) => JSON.parse(body) as unknown),
  };
}

describe('asynchronous invocations', () => {
  it('are tried three times where the template says nothing', async () => {
    const { invocations, attempts, messages } = failing(2);

    invocations.invoke('Dispatch', { at: 1 });

    expect(invocations.pending()).toBe(1);
    await expect.poll(invocations.pending).toBe(0);
    expect(attempts()).toBe(3);
    expect(messages('Dead')).toEqual([]);
  });

  it('send their event to the dead letters of the function in the end', async () => {
    const { invocations, messages } = failing(3);

    invocations.invoke('Dispatch', { at: 1 });

    await expect.poll(invocations.pending).toBe(0);
    expect(messages('Dead')).toEqual([{ at: 1 }]);
  });

  it('are tried as often as the function declares, then told to its destination', async () => {
    const { invocations, attempts, messages } = failing(3, [
      {
        functionName: 'Dispatch',
        maximumRetryAttempts: 0,
        maximumEventAgeMs: 60_000,
        onFailureArn: arn('Failures'),
      },
    ]);

    invocations.invoke('Dispatch', { at: 1 });

    await expect.poll(invocations.pending).toBe(0);
    expect(attempts()).toBe(1);
    expect(messages('Failures')).toMatchObject([
      {
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
        requestPayload: { at: 1 },
        responsePayload: { errorMessage: 'not now' },
      },
    ]);
  });
});
