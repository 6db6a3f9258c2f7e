import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { PublishEnv, RepublishEnv } from '../lib/config/env.ts';
import { impactAlarm } from './alarm.ts';
import { NodeFunction } from './node-function.ts';
import { deadLetters, workQueue } from './queue.ts';

const TIMEOUT = Duration.minutes(1);

export interface OutboxProps {
  /** A table with a stream. */
  readonly calls: ITable;
  readonly callsStreamArn: string;
  readonly bus: IEventBus;
}

/**
 * What is committed is announced: stream → publish → bus. Batches that publish gives up on are
 * announced by republish, from what the items say by then.
 */
export class Outbox extends Construct {
  readonly publish: NodeFunction;
  readonly republish: NodeFunction;
  readonly failures: Queue;

  constructor(scope: Construct, id: string, props: OutboxProps) {
    super(scope, id);

    this.failures = workQueue(this, 'Failures', {
      readerTimeout: TIMEOUT,
      deadLetterQueue: deadLetters(this, 'RepublishDeadLetters', {
        impact: 'Outcomes are recorded and were never announced: republish crashed on them.',
        runbook: 'republish-dead-letters',
      }),
    });
    impactAlarm(this.failures, 'Waiting', {
      metric: this.failures.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      when: { atLeast: 1 },
      periods: 5,
      impact:
        'Outcomes that publish gave up on are not announced: republish does not take them up.',
      runbook: 'publish-failures-waiting',
    });

    this.publish = this.createPublish(props);
    this.republish = this.createRepublish(props);
  }

  private createPublish({ callsStreamArn, calls, bus }: OutboxProps): NodeFunction {
    const publish = new NodeFunction(this, 'Publish', {
      bundle: { name: 'publish', entry: 'publish' },
      description: 'Turns committed changes of calls into events',
      timeout: TIMEOUT,
      environment: { BUS_NAME: bus.eventBusName } satisfies PublishEnv,
      failing: {
        impact: 'Announcements are late: publish keeps failing, and tries each batch again.',
        runbook: 'publish-failing',
      },
    });
    publish.allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      callsStreamArn,
    );
    publish.allowMatching(
      ['dynamodb:ListStreams'],
      `${calls.tableArn}/stream/*`,
      'Lambda lists the streams of the table before it reads one of them.',
    );
    publish.allow(['events:PutEvents'], bus.eventBusArn);
    publish.allow(['sqs:SendMessage'], this.failures.queueArn);

    new EventSourceMapping(publish, 'FromStream', {
      target: publish,
      eventSourceArn: callsStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // Per item the order holds all the same.
      parallelizationFactor: 4,
      // Expiry announces nothing.
      filters: [FilterCriteria.filter({ eventName: FilterRule.or('INSERT', 'MODIFY') })],
      reportBatchItemFailures: true,
      // Without bounds one bad record holds up its shard until it expires, a day later.
      bisectBatchOnError: true,
      retryAttempts: 5,
      maxRecordAge: Duration.hours(1),
      onFailure: { bind: () => ({ destination: this.failures.queueArn }) },
    });

    impactAlarm(publish, 'Behind', {
      metric: publish.metric('IteratorAge', {
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      when: { atLeast: Duration.minutes(5).toMilliseconds() },
      periods: 3,
      impact: 'Outcomes are announced minutes after they are recorded.',
      runbook: 'publish-behind',
    });
    return publish;
  }

  private createRepublish({ calls, callsStreamArn, bus }: OutboxProps): NodeFunction {
    const republish = new NodeFunction(this, 'Republish', {
      bundle: { name: 'republish', entry: 'republish' },
      description: 'Announces what publish gave up on, from the items as they are now',
      timeout: TIMEOUT,
      environment: {
        CALLS_TABLE: calls.tableName,
        BUS_NAME: bus.eventBusName,
      } satisfies RepublishEnv,
      failing: {
        impact: 'Outcomes that publish gave up on are still not announced.',
        runbook: 'republish-failing',
      },
    });
    // A failure message holds positions in the stream, not records: the keys are read there again.
    republish.allow(['dynamodb:GetRecords', 'dynamodb:GetShardIterator'], callsStreamArn);
    republish.allow(['dynamodb:BatchGetItem'], calls.tableArn);
    republish.allow(['events:PutEvents'], bus.eventBusArn);
    republish.readsFrom(this.failures, { batchSize: 1 });
    return republish;
  }
}
