import { Duration } from 'aws-cdk-lib';
import { type DeadLetterQueue, Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { impactAlarm } from './alarm.ts';

/** A message that crashed its function this often is for a person to look at. Waiting is not crashing: it receives nothing. */
const CRASHES_BEFORE_DEAD = 5;

/** Lambda asks for six times the function's timeout, so that a throttled batch is not handed out twice. */
const VISIBILITY_FACTOR = 6;

/** How long a message is hidden that a function of this timeout has received. */
export const visibilityFor = (readerTimeout: Duration): Duration =>
  Duration.seconds(readerTimeout.toSeconds() * VISIBILITY_FACTOR);

const sealed = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true } satisfies QueueProps;

export interface WorkQueueProps {
  /** The timeout of the function that reads the queue. */
  readonly readerTimeout: Duration;
  readonly retention?: Duration;
  /** Undefined: what the reader cannot handle is dropped when its retention ends. */
  readonly deadLetterQueue?: Queue;
}

/** A queue that one function reads. */
export function workQueue(
  scope: Construct,
  id: string,
  { readerTimeout, retention, deadLetterQueue }: WorkQueueProps,
): Queue {
  return new Queue(scope, id, {
    ...sealed,
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    visibilityTimeout: visibilityFor(readerTimeout),
    ...(retention && { retentionPeriod: retention }),
    ...(deadLetterQueue && {
      deadLetterQueue: {
        queue: deadLetterQueue,
        maxReceiveCount: CRASHES_BEFORE_DEAD,
      } satisfies DeadLetterQueue,
    }),
  });
}

export interface DeadLettersProps {
  readonly impact: string;
  readonly runbook: string;
}

/** Where messages wait, 14 days, for the person whom the alarm tells. */
export function deadLetters(scope: Construct, id: string, alarm: DeadLettersProps): Queue {
  const queue = new Queue(scope, id, { ...sealed, retentionPeriod: Duration.days(14) });
  impactAlarm(queue, 'NotEmpty', {
    metric: queue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
      statistic: 'Maximum',
    }),
    when: { atLeast: 1 },
    periods: 1,
    ...alarm,
  });
  return queue;
}
