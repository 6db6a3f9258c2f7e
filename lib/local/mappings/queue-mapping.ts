import { createHash } from 'node:crypto';
import type { QueueMessage, QueueService } from '../services.ts';
import type { QueueMappingDefinition } from '../template/declarations.ts';
import { REGION } from '../template/identity.ts';
import { createAlarm } from './alarm.ts';
import { itemFailures } from './item-failures.ts';
import type { Delivery, Mapping } from './mapping.ts';

/**
 * Hands the messages of a queue to a function as Lambda does: success deletes them, failure leaves
 * them to their visibility timeout and thereby to the queue's redrive policy.
 *
 * It never asks an empty queue again: it is woken by the queue when something is sent, and sleeps
 * until the moment the next delayed or failed message becomes visible.
 */
export function startQueueMapping(
  definition: QueueMappingDefinition,
  {
    queues,
    concurrency,
    delivery,
  }: {
    queues: QueueService;
    /** Batches in the function's hands at once. */
    concurrency: number;
    delivery: Delivery;
  },
): Mapping {
  const { queueArn, batchSize, batchingWindowMs, reportsItemFailures } = definition;
  const { invoke, passes, repeats, now } = delivery;
  const alarm = createAlarm();
  const inHand = new Set<Promise<void>>();
  let isGathering = false;
  let stopped = false;

  queues.onSend((arn) => {
    if (arn === queueArn) {
      alarm.ring();
    }
  });
  const loop = run();

  return {
    isIdle: () => !isGathering && inHand.size === 0,
    stop: async () => {
      stopped = true;
      alarm.ring();
      await loop;
      await Promise.all(inHand);
    },
  };

  async function run(): Promise<void> {
    while (!stopped) {
      const batch = inHand.size < concurrency ? await gather() : [];
      if (batch.length > 0) {
        const handed = handOver(batch).finally(() => {
          inHand.delete(handed);
          alarm.ring();
        });
        inHand.add(handed);
      } else {
        await alarm.sleep(sleepMs());
      }
    }
  }

  /** While every hand is full, the end of an invocation rings; the clock has nothing to add. */
  function sleepMs(): number | undefined {
    const next = inHand.size < concurrency ? queues.nextVisibleAt(queueArn) : undefined;
    return next === undefined ? undefined : next - now();
  }

  /** Messages that are visible now and, within the batching window, those that follow. */
  async function gather(): Promise<readonly QueueMessage[]> {
    const batch = [...queues.receive(queueArn, batchSize)];
    const until = now() + batchingWindowMs;
    isGathering = true;
    while (batch.length > 0 && batch.length < batchSize && now() < until && !stopped) {
      await alarm.sleep(Math.min(until - now(), sleepMs() ?? Number.POSITIVE_INFINITY));
      batch.push(...queues.receive(queueArn, batchSize - batch.length));
    }
    isGathering = false;
    return batch;
  }

  async function handOver(batch: readonly QueueMessage[]): Promise<void> {
    const records = batch.map((message) => recordOf(message, queueArn));
    const wanted = records.filter((record) => passes(filterable(record)));
    const failed = wanted.length === 0 ? new Set<string>() : await deliver(wanted);

    // What a filter refuses is deleted as well: nobody else would ever read it.
    queues.remove(
      queueArn,
      records
        .filter(({ messageId }) => !failed.has(messageId))
        .map(({ receiptHandle }) => receiptHandle),
    );
  }

  /** The ids of the messages that failed. */
  async function deliver(records: readonly QueueRecord[]): Promise<ReadonlySet<string>> {
    const ids = new Set(records.map(({ messageId }) => messageId));
    try {
      const response = await invoke({ Records: records });
      const failed = reportsItemFailures ? itemFailures(response, ids) : new Set<string>();
      if (failed === 'all') {
        return ids;
      }
      if (failed.size === 0 && repeats()) {
        await invoke({ Records: records });
      }
      return failed;
    } catch {
      // The invocation itself was reported by the pool.
      return ids;
    }
  }
}

type QueueRecord = ReturnType<typeof recordOf>;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
function recordOf(
  { messageId, receiptHandle, body, attributes, messageAttributes }: QueueMessage,
  queueArn: string,
) {
  return {
    messageId,
    receiptHandle,
    body,
    attributes,
    messageAttributes,
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: REGION,
  };
}

/** Filters look into a body that is JSON. */
function filterable(record: QueueRecord): unknown {
  try {
    const body: unknown = JSON.parse(record.body);
    return { ...record, body };
  } catch {
    return record;
  }
}
