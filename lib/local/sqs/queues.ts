import { randomUUID } from 'node:crypto';
import { atomically } from '../database.ts';
import { AwsError, type QueueDefinition, type ServiceContext } from '../services.ts';
import { invalidParameter } from './errors.ts';
import { type MessageRow, openMessageRows } from './message-rows.ts';
import { parseHandle } from './received-message.ts';
import type { SendRequest } from './requests.ts';

export type Queues = ReturnType<typeof createQueues>;

/**
 * Standard queues and what becomes of their messages: delay, visibility, dead letters, retention.
 * Left out on purpose: FIFO queues, and the duplicates and reordering that a real standard queue may
 * show, which are injected elsewhere.
 */
export function createQueues({ db, now }: ServiceContext) {
  const rows = openMessageRows(db);
  const definitions = new Map<string, QueueDefinition>();
  const listeners: ((queueArn: string) => void)[] = [];

  function named(name: string): QueueDefinition {
    const queue = definitions.get(name);
    if (queue === undefined) {
      throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    }
    return queue;
  }

  /**
   * Takes up a queue. Whoever had received messages from it was in the process that wrote the file, and is
   * gone: they come back at once and not after their visibility timeout, minutes in which a person who
   * has restarted everything would wait for nothing. That they were received still counts.
   */
  function create(queue: QueueDefinition): void {
    definitions.set(queue.name, queue);
    rows.release.run({ queue: queue.name, now: now() });
  }

  const ofArn = (arn: string) => named(arn.slice(arn.lastIndexOf(':') + 1));

  /** Listeners run when the caller's transaction is over: SQLite's work here is all synchronous. */
  function announce(queue: QueueDefinition): void {
    queueMicrotask(() => {
      for (const listener of listeners) listener(queue.arn);
    });
  }

  /** @returns the message's id */
  function send(queue: QueueDefinition, request: SendRequest): string {
    const id = randomUUID();
    const sentAt = now();
    rows.insert.run({
      queue: queue.name,
      id,
      body: request.MessageBody,
      attributes: JSON.stringify(request.MessageAttributes),
      groupId: request.MessageGroupId ?? null,
      sentAt,
      visibleAt: sentAt + (request.DelaySeconds ?? queue.delaySeconds) * 1000,
    });
    announce(queue);
    return id;
  }

  /** Hands out the messages that are due, and moves those received too often to the dead letters. */
  function receive(
    queue: QueueDefinition,
    limit: number,
    visibilitySeconds = queue.visibilityTimeoutSeconds,
  ): MessageRow[] {
    return atomically(db, () => {
      const receivedAt = now();
      dropExpired(queue);
      moveToDeadLetters(queue);
      const visibleAt = receivedAt + visibilitySeconds * 1000;
      // The columns are those of the table's schema.
      const due = rows.selectDue.all(queue.name, receivedAt, limit) as unknown as MessageRow[];
      return due.map((row) => {
        const firstReceivedAt = row.firstReceivedAt ?? receivedAt;
        rows.markReceived.run(visibleAt, firstReceivedAt, row.seq);
        return { ...row, firstReceivedAt, visibleAt, receiveCount: row.receiveCount + 1 };
      });
    });
  }

  function dropExpired(queue: QueueDefinition): void {
    rows.deleteOlder.run(queue.name, now() - queue.retentionSeconds * 1000);
  }

  /** The message keeps its id, its receive count and the time it was sent, from which retention counts. */
  function moveToDeadLetters({ name, arn, redrive }: QueueDefinition): void {
    if (redrive === undefined) return;
    const deadLetters = ofArn(redrive.deadLetterArn);
    const { changes } = rows.move.run(deadLetters.name, arn, name, now(), redrive.maxReceiveCount);
    if (changes > 0) announce(deadLetters);
  }

  /** A handle of an earlier receive is accepted and does nothing, as SQS documents for DeleteMessage. */
  function remove(queue: QueueDefinition, handle: string): void {
    const { id, receiveCount } = parseHandle(handle);
    rows.deleteReceived.run(queue.name, id, receiveCount);
  }

  function changeVisibility(queue: QueueDefinition, handle: string, seconds: number): void {
    const { id, receiveCount } = parseHandle(handle);
    const row = rows.selectReceived.get(queue.name, id, receiveCount);
    if (row === undefined) {
      throw invalidParameter('Message does not exist or was received again since.');
    }
    if (Number(row.visibleAt) <= now()) {
      throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
    }
    rows.setVisible.run(now() + seconds * 1000, queue.name, id);
    // Whoever waits for the time it would have been visible again must look anew.
    announce(queue);
  }

  function nextVisibleAt(queue: QueueDefinition): number | undefined {
    dropExpired(queue);
    const next = rows.nextVisible.get(queue.name)?.visibleAt;
    return typeof next === 'number' ? next : undefined;
  }

  /** @param until messages that become visible later are not counted as delayed */
  function depth(queue: QueueDefinition, until = Number.MAX_SAFE_INTEGER) {
    dropExpired(queue);
    const counts = rows.count.get({ queue: queue.name, now: now(), until });
    return {
      visible: Number(counts?.visible),
      delayed: Number(counts?.delayed),
      inFlight: Number(counts?.inFlight),
    };
  }

  return {
    create,
    named,
    ofArn,
    send,
    receive,
    remove,
    changeVisibility,
    nextVisibleAt,
    depth,
    purge: (queue: QueueDefinition) => void rows.purge.run(queue.name),
    onSend: (listener: (queueArn: string) => void) => void listeners.push(listener),
  };
}
