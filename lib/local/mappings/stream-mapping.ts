import { setTimeout as delay } from 'node:timers/promises';
import type { DynamoService, QueueService, StreamRecord } from '../services.ts';
import type { StreamMappingDefinition } from '../template/declarations.ts';
import { createAlarm } from './alarm.ts';
import type { Checkpoints } from './checkpoints.ts';
import { failureMessage } from './failure-message.ts';
import type { Delivery, Mapping } from './mapping.ts';
import { type Discarded, deliverInOrder } from './stream-batch.ts';

/** A piece of one shard and the position behind it. */
type Page = ReturnType<DynamoService['readStream']>;

/** Lambda pauses in the same manner; how long is not documented. */
const RETRY_DELAY_MS = 100;

/**
 * Batches of a shard begin this far apart at least. Lambda reads a shard four times a second; without any pause
 * each change under load would be a batch of its own, and cost as much as a full one.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
const PACE_MS = 100;

/**
 * Hands the records of a table's stream to a function as Lambda does: each shard in order, the next
 * batch only when this one is settled. The checkpoint moves after a batch has succeeded or was
 * discarded, never before; a SIGKILL in between repeats records and skips none.
 *
 * @param onRead called with each record when it is read, also with those the filters drop
 */
export function startStreamMapping(
  definition: StreamMappingDefinition,
  {
    dynamo,
    queues,
    checkpoints,
    functionArn,
    delivery,
    onRead,
    retryDelayMs = RETRY_DELAY_MS,
    paceMs = PACE_MS,
  }: {
    dynamo: DynamoService;
    queues: QueueService;
    checkpoints: Checkpoints;
    functionArn: string;
    delivery: Delivery;
    onRead?: (record: StreamRecord) => void;
    retryDelayMs?: number;
    paceMs?: number;
  },
): Mapping {
  const { id, table, batchSize, batchingWindowMs, onFailureArn } = definition;
  const stopping = new AbortController();
  const shards = Array.from({ length: dynamo.shards }, (_, shard) => ({
    shard,
    alarm: createAlarm(),
    isBusy: false,
  }));

  const ringAll = () => {
    for (const { alarm } of shards) {
      alarm.ring();
    }
  };
  dynamo.onChange((changed) => {
    if (changed === table) {
      ringAll();
    }
  });
  const loops = shards.map(run);

  return {
    isIdle: () =>
      shards.every(({ shard, isBusy }) => !isBusy && read(shard, 1).records.length === 0),
    stop: async () => {
      stopping.abort();
      ringAll();
      await Promise.all(loops);
    },
  };

  function read(shard: number, limit: number) {
    return dynamo.readStream(table, shard, checkpoints.read(id, shard), limit);
  }

  async function run(lane: (typeof shards)[number]): Promise<void> {
    while (!stopping.signal.aborted) {
      lane.isBusy = true;
      const next = await gather(lane);
      const nextBatchAt = performance.now() + paceMs;
      if (next.records.length > 0) {
        await handOver(lane.shard, next);
      }
      lane.isBusy = false;
      if (next.records.length === 0) {
        await lane.alarm.sleep();
      } else {
        await pause(nextBatchAt - performance.now(), stopping.signal);
      }
    }
  }

  /** The next records of a shard; with a batching window, as many as come in that time. */
  async function gather({ shard, alarm }: (typeof shards)[number]): Promise<Page> {
    let next = read(shard, batchSize);
    const until = delivery.now() + batchingWindowMs;
    while (
      next.records.length > 0 &&
      next.records.length < batchSize &&
      delivery.now() < until &&
      !stopping.signal.aborted
    ) {
      await alarm.sleep(until - delivery.now());
      next = read(shard, batchSize);
    }
    return next;
  }

  async function handOver(shard: number, { records, position }: Page): Promise<void> {
    const start = checkpoints.read(id, shard);
    for (const record of records) {
      onRead?.(record);
    }

    const wanted = records.filter((record) => delivery.passes(record));
    let settled = 0;
    await deliverInOrder(wanted, definition, {
      delivery,
      retryDelayMs,
      signal: stopping.signal,
      discard: (discarded) => giveUp(shard, discarded),
      onSettled: (count) => {
        settled = count;
        const last = wanted[count - 1];
        if (last !== undefined && count < wanted.length) {
          const behind = records.indexOf(last) + 1;
          const partial = dynamo.readStream(table, shard, start, behind);
          checkpoints.write(id, shard, partial.position);
        }
      },
    });
    if (settled === wanted.length) {
      checkpoints.write(id, shard, position);
    }
  }

  function giveUp(shard: number, discarded: Discarded): void {
    if (onFailureArn !== undefined) {
      const now = delivery.now();
      const message = failureMessage(discarded, { functionArn, shard, now });
      queues.send(onFailureArn, JSON.stringify(message));
    }
  }
}

/** Ends early, and well, when the mapping is stopped. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
}
