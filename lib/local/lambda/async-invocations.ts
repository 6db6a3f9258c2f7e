import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { QueueService } from '../services.ts';
import type { AsyncPolicy, FunctionDefinition } from '../template/declarations.ts';
import { FunctionError } from './function-error.ts';
import type { FunctionPool } from './function-pool.ts';

/** Lambda tries again after one minute, and then after two more. */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** What Lambda does where a template has no `AWS::Lambda::EventInvokeConfig`. */
const DEFAULT_POLICY = { maximumRetryAttempts: 2, maximumEventAgeMs: 6 * 60 * 60 * 1000 };

/** Invocations whose caller does not wait, as EventBridge Scheduler makes them. */
export interface AsyncInvocations {
  invoke(functionName: string, payload: unknown): void;
  /** Invocations that are under way or wait for their next attempt. */
  pending(): number;
  /** Gives up the attempts that are still to come. */
  stop(): void;
}

/**
 * Tries each invocation as often as the function's policy says, then sends it to the on-failure
 * destination or else to the function's dead-letter queue.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export function createAsyncInvocations({
  pool,
  queues,
  functions,
  policies,
  now,
  retryDelaysMs = RETRY_DELAYS_MS,
}: {
  pool: FunctionPool;
  queues: QueueService;
  functions: readonly FunctionDefinition[];
  policies: readonly AsyncPolicy[];
  now: () => number;
  retryDelaysMs?: readonly number[];
}): AsyncInvocations {
  const stopping = new AbortController();
  let pending = 0;

  async function invoke(functionName: string, payload: unknown): Promise<void> {
    const policy = policies.find((candidate) => candidate.functionName === functionName);
    const { maximumRetryAttempts, maximumEventAgeMs } = policy ?? DEFAULT_POLICY;
    const acceptedAt = now();
    let lastError: unknown;

    for (let attempt = 0; attempt <= maximumRetryAttempts; attempt += 1) {
      try {
        await pool.invoke(functionName, payload);
        return;
      } catch (error) {
        lastError = error;
      }
      if (attempt < maximumRetryAttempts) {
        const { signal } = stopping;
        await delay(retryDelaysMs[attempt], undefined, { signal }).catch(() => undefined);
      }
      if (stopping.signal.aborted) {
        return;
      }
      if (now() - acceptedAt > maximumEventAgeMs) {
        break;
      }
    }
    giveUp(functionName, policy, payload, lastError);
  }

  function giveUp(
    functionName: string,
    policy: AsyncPolicy | undefined,
    payload: unknown,
    error: unknown,
  ): void {
    const definition = functions.find(({ name }) => name === functionName);
    const failure = {
      errorType: error instanceof FunctionError ? error.name : 'Error',
      errorMessage: error instanceof Error ? error.message : String(error),
    };
    if (policy?.onFailureArn !== undefined) {
      const message = {
        version: '1.0',
        timestamp: new Date(now()).toISOString(),
        requestContext: {
          requestId: randomUUID(),
          functionArn: `${definition?.arn}:$LATEST`,
          condition: 'RetriesExhausted',
          approximateInvokeCount: policy.maximumRetryAttempts + 1,
        },
        requestPayload: payload,
        responseContext: {
          statusCode: 200,
          executedVersion: '$LATEST',
          functionError: 'Unhandled',
        },
        responsePayload: failure,
      };
      queues.send(policy.onFailureArn, JSON.stringify(message));
    }
    if (definition?.deadLetterArn !== undefined) {
      const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
      queues.send(definition.deadLetterArn, JSON.stringify(payload), {
        attributes: {
          RequestID: attribute(randomUUID()),
          ErrorCode: { DataType: 'Number', StringValue: '200' },
          ErrorMessage: attribute(failure.errorMessage.slice(0, 1024) || failure.errorType),
        },
      });
    }
  }

  return {
    invoke: (functionName, payload) => {
      pending += 1;
      void invoke(functionName, payload).finally(() => {
        pending -= 1;
      });
    },
    pending: () => pending,
    stop: () => stopping.abort(),
  };
}
