import * as z from 'zod';
import { compilePattern } from '../../../lib/local/event-pattern.ts';
import type { QueueMessage, StreamRecord } from '../../../lib/local/services.ts';
import type { CountedStack } from './counted-stack.ts';
import { FUNCTIONS, type FunctionName, type Invoke } from './functions.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The functions that queues feed, in the order a call passes them. */
const READERS = ['route', 'deliver slack', 'deliver hubspot'] as const;

const STREAM_PAGE = 1_000;

/** Carries what was committed to its destinations: stream → publish → bus → route → deliver. */
export interface Pipeline {
  /** Until nothing is left to do but what gathers; delayed messages make the clock go on. */
  drain(): Promise<void>;
  /** The same, with what has gathered. */
  finish(): Promise<void>;
}

const eventOf = (messages: readonly QueueMessage[]) => ({
  Records: messages.map(({ messageId, body }) => ({ messageId, body })),
});

/** Messages that came back would be counted twice. */
function requireSuccess(name: FunctionName, answer: unknown): void {
  const { batchItemFailures = [] } = Object(answer) as { batchItemFailures?: unknown[] };
  if (batchItemFailures.length > 0) throw new Error(`${name} failed on a message`);
}

const subjectSchema = z.object({ event: z.looseObject({ call: z.object({ id: z.string() }) }) });

/** Which call a delivery is about. */
const callOf = ({ body }: QueueMessage): string =>
  subjectSchema.parse(JSON.parse(body)).event.call.id;

/**
 * @param gathering whose messages wait until there is a batch of them, as they do in a busy system. Of one
 *   call only one is in a batch: there, minutes lie between them.
 */
export function createPipeline(
  { template, dynamo, queues, counter }: CountedStack,
  functions: Readonly<Record<FunctionName, Invoke>>,
  clock: VirtualClock,
  gathering: ReadonlySet<FunctionName>,
): Pipeline {
  const [mapping] = template.streamMappings;
  if (!mapping) throw new Error('The template reads no stream');
  const { table, batchSize, filters } = mapping;
  const patterns = filters.map(compilePattern);
  const positions = new Map<number, number>();
  const sources = READERS.map((reader) => {
    const functionName = template.resource(FUNCTIONS[reader]);
    const found = template.queueMappings.find((each) => each.functionName === functionName);
    if (!found) throw new Error(`Nothing feeds ${reader}`);
    return { reader, arn: found.queueArn, batchSize: found.batchSize };
  });

  async function publish(records: readonly StreamRecord[]): Promise<void> {
    counter.add('stream records', records.length);
    const wanted = records.filter((record) => patterns.some((matches) => matches(record)));
    counter.add('publish records', wanted.length);
    for (let at = 0; at < wanted.length; at += batchSize) {
      const answer = await functions.publish({ Records: wanted.slice(at, at + batchSize) });
      requireSuccess('publish', answer);
    }
  }

  async function readStream(): Promise<boolean> {
    let moved = false;
    for (let shard = 0; shard < dynamo.shards; shard += 1) {
      const from = positions.get(shard) ?? 0;
      const { records, position } = dynamo.readStream(table, shard, from, STREAM_PAGE);
      positions.set(shard, position);
      if (records.length === 0) continue;
      moved = true;
      await publish(records);
    }
    return moved;
  }

  async function handle(reader: FunctionName, messages: readonly QueueMessage[]): Promise<void> {
    if (messages.length === 0) return;
    counter.add(`${reader} messages`, messages.length);
    requireSuccess(reader, await functions[reader](eventOf(messages)));
  }

  const gathered: QueueMessage[] = [];
  const handleGathered = (reader: FunctionName) => handle(reader, gathered.splice(0));

  /** Adds to what has gathered, and handles it when it is a batch. */
  async function gather(reader: FunctionName, message: QueueMessage, limit: number): Promise<void> {
    const call = callOf(message);
    if (gathered.some((other) => callOf(other) === call)) await handleGathered(reader);
    gathered.push(message);
    if (gathered.length === limit) await handleGathered(reader);
  }

  async function readQueues(): Promise<boolean> {
    let moved = false;
    for (const { reader, arn, batchSize: limit } of sources) {
      const messages = queues.receive(arn, limit);
      if (messages.length === 0) continue;
      moved = true;
      // Before they are handled: what fails ends the benchmark.
      queues.remove(
        arn,
        messages.map(({ receiptHandle }) => receiptHandle),
      );
      if (!gathering.has(reader)) await handle(reader, messages);
      else for (const message of messages) await gather(reader, message, limit);
    }
    return moved;
  }

  /** The clock goes on to the next delayed message; false when there is none. */
  function awaitDelayed(): boolean {
    const next = sources.flatMap(({ arn }) => queues.nextVisibleAt(arn) ?? []);
    if (next.length === 0) return false;
    clock.advanceTo(Math.min(...next));
    return true;
  }

  async function drain(): Promise<void> {
    for (;;) {
      const streamed = await readStream();
      const queued = await readQueues();
      if (!streamed && !queued && !awaitDelayed()) return;
    }
  }

  return {
    drain,
    finish: async () => {
      await drain();
      for (const reader of gathering) await handleGathered(reader);
      await drain();
    },
  };
}
