import { setTimeout as delay } from 'node:timers/promises';
import type { StreamRecord } from '../services.ts';
import type { StreamMappingDefinition } from '../template/declarations.ts';
import { itemFailures } from './item-failures.ts';
import type { Delivery } from './mapping.ts';

/** Records that the mapping gave up on, and why. */
export interface Discarded {
  readonly records: readonly StreamRecord[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly attempts: number;
}

interface Batch {
  readonly records: readonly StreamRecord[];
  /** Failed invocations that count against `MaximumRetryAttempts`. */
  readonly attempts: number;
}

const LONGEST_RETRY_DELAY_MS = 5_000;

/**
 * Delivers records in order until each of them has succeeded or is discarded.
 *
 * A failed batch is halved if the mapping bisects, which does not use up an attempt, or else tried
 * again after a growing pause. With `ReportBatchItemFailures` it goes on from the lowest record that
 * failed. A batch whose first record fails cannot be cut there: it is tried again as a whole, and
 * discarded as a whole when its attempts are used up. (AWS leaves open whether bisecting would cut
 * it; this is the less friendly reading, and the on-failure message then names a range.)
 *
 * @param onSettled called with how many records, from the first, are done with for good
 * @param signal checked before and after each invocation: what is left then stays unsettled
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export async function deliverInOrder(
  records: readonly StreamRecord[],
  definition: StreamMappingDefinition,
  {
    delivery: { invoke, repeats, now },
    retryDelayMs,
    discard,
    onSettled,
    signal,
  }: {
    delivery: Delivery;
    /** The pause before the first retry; it doubles with each. */
    retryDelayMs: number;
    discard: (discarded: Discarded) => void;
    onSettled: (count: number) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { maximumRecordAgeMs, maximumRetryAttempts, bisects } = definition;
  const todo: Batch[] = [{ records, attempts: 0 }];
  let settled = 0;

  for (let batch = todo.shift(); batch !== undefined && !signal.aborted; batch = todo.shift()) {
    todo.unshift(...(await advance(batch)));
  }

  /** Gets a batch one step further; the result is what of it is still to be done, in order. */
  async function advance(batch: Batch): Promise<readonly Batch[]> {
    // Records are in the order of their age, so the expired ones come first.
    const expired = batch.records.filter(isExpired).length;
    if (expired > 0) {
      const records = batch.records.slice(0, expired);
      discard({ records, condition: 'RecordAgeExceeded', attempts: batch.attempts });
      return settle(batch, expired);
    }

    const outcome = await attempt(batch.records);
    if (outcome.succeeded > 0) {
      return settle({ ...batch, attempts: 0 }, outcome.succeeded);
    }
    if (signal.aborted) {
      return [];
    }
    if (outcome.canHalve && batch.records.length > 1) {
      return halves(batch);
    }
    return await retry({ ...batch, attempts: batch.attempts + 1 });
  }

  /** How many records succeeded before the first that did not. */
  async function attempt(
    records: readonly StreamRecord[],
  ): Promise<{ readonly succeeded: number; readonly canHalve: boolean }> {
    const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
    try {
      const response = await invoke({ Records: records });
      const failed = definition.reportsItemFailures
        ? itemFailures(response, new Set(numbers))
        : new Set<string>();
      if (failed === 'all') {
        return { succeeded: 0, canHalve: bisects };
      }
      const firstFailed = numbers.findIndex((number) => failed.has(number));
      if (firstFailed === -1 && repeats()) {
        await invoke({ Records: records });
      }
      return { succeeded: firstFailed === -1 ? records.length : firstFailed, canHalve: false };
    } catch {
      // The invocation itself was reported by the pool.
      return { succeeded: 0, canHalve: bisects };
    }
  }

  async function retry(batch: Batch): Promise<readonly Batch[]> {
    if (maximumRetryAttempts !== undefined && batch.attempts > maximumRetryAttempts) {
      discard({ ...batch, condition: 'RetryAttemptsExhausted' });
      return settle(batch, batch.records.length);
    }
    const pauseMs = Math.min(retryDelayMs * 2 ** (batch.attempts - 1), LONGEST_RETRY_DELAY_MS);
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    return [batch];
  }

  function settle(batch: Batch, count: number): readonly Batch[] {
    settled += count;
    onSettled(settled);
    const records = batch.records.slice(count);
    return records.length > 0 ? [{ ...batch, records }] : [];
  }

  function isExpired({ dynamodb }: StreamRecord): boolean {
    const createdAt = dynamodb.ApproximateCreationDateTime * 1000;
    return maximumRecordAgeMs !== undefined && now() - createdAt > maximumRecordAgeMs;
  }
}

function halves({ records, attempts }: Batch): readonly Batch[] {
  const middle = Math.ceil(records.length / 2);
  return [
    { records: records.slice(0, middle), attempts },
    { records: records.slice(middle), attempts },
  ];
}
