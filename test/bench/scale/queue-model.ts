/** A message of the poll queue, and how long whoever takes it is busy with it. Times are epoch ms. */
export interface ModelMessage {
  readonly visibleAt: number;
  readonly group: string;
  readonly busyMs: number;
}

export interface QueueModelOptions {
  /** Serves groups in turn, as SQS does where messages have a group; else first come, first served. */
  readonly fair: boolean;
  /** The most invocations at once: `MaximumConcurrency` of the mapping, or the account's. */
  readonly maxConcurrency: number;
}

/**
 * Lambda reads a standard queue with five invocations at first, and with 300 more each minute while messages wait.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const FIRST_CONCURRENCY = 5;
const MORE_PER_MS = 300 / 60_000;
const COLD_START_MS = 600;

/**
 * When each message is taken up. Fair queues put off the groups that have many messages in flight:
 * modelled as serving the group with the fewest.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export function startsOf(
  messages: readonly ModelMessage[],
  { fair, maxConcurrency }: QueueModelOptions,
): Map<ModelMessage, number> {
  const arriving = messages.toSorted((a, b) => a.visibleAt - b.visibleAt);
  const waiting = new Map<string, ModelMessage[]>();
  const inFlight: { until: number; group: string }[] = [];
  const perGroup = new Map<string, number>();
  const starts = new Map<ModelMessage, number>();
  let warm = FIRST_CONCURRENCY;
  let limit = FIRST_CONCURRENCY;
  let arrived = 0;
  let now = arriving[0]?.visibleAt ?? 0;
  let waitingCount = 0;

  const next = (): ModelMessage | undefined => {
    let chosen: ModelMessage[] | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [group, queue] of waiting) {
      const [head] = queue;
      if (!head) continue;
      const rank = fair ? (perGroup.get(group) ?? 0) : head.visibleAt;
      if (rank < fewest) [chosen, fewest] = [queue, rank];
    }
    return chosen?.shift();
  };

  while (arrived < arriving.length || waitingCount > 0) {
    for (let done = inFlight.length - 1; done >= 0; done -= 1) {
      const each = inFlight[done];
      if (!each || each.until > now) continue;
      inFlight.splice(done, 1);
      perGroup.set(each.group, (perGroup.get(each.group) ?? 1) - 1);
    }
    for (let one = arriving[arrived]; one && one.visibleAt <= now; one = arriving[arrived]) {
      const queue = waiting.get(one.group) ?? [];
      waiting.set(one.group, queue);
      queue.push(one);
      arrived += 1;
      waitingCount += 1;
    }
    while (waitingCount > 0 && inFlight.length < Math.floor(limit)) {
      const message = next();
      if (!message) break;
      waitingCount -= 1;
      const cold = inFlight.length >= warm ? COLD_START_MS : 0;
      warm = Math.max(warm, inFlight.length + 1);
      starts.set(message, now + cold);
      inFlight.push({ until: now + cold + message.busyMs, group: message.group });
      perGroup.set(message.group, (perGroup.get(message.group) ?? 0) + 1);
    }
    const events = [arriving[arrived]?.visibleAt ?? Number.POSITIVE_INFINITY];
    for (const { until } of inFlight) events.push(until);
    if (waitingCount > 0) events.push(now + 1 / MORE_PER_MS);
    const then = Math.min(...events);
    if (waitingCount > 0) limit = Math.min(maxConcurrency, limit + (then - now) * MORE_PER_MS);
    else limit = Math.max(FIRST_CONCURRENCY, inFlight.length);
    now = then;
  }
  return starts;
}
