import { Duration, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DispatchEnv, PollEnv } from '../lib/config/env.ts';
import { countOf, impactAlarm } from './alarm.ts';
import { everyMinute } from './every-minute.ts';
import { NodeFunction } from './node-function.ts';
import { workQueue } from './queue.ts';

const POLL_TIMEOUT = Duration.minutes(2);
const TICK = Duration.minutes(1);

export interface PollingProps {
  readonly calls: ITable;
  readonly control: ITable;
  readonly rawRecords: IBucket;
  /** Where sweeps begin. */
  readonly sweepQueue: IQueue;
}

/** The clock, and what it drives: schedule → dispatch → queue → poll → the Calls table. */
export class Polling extends Construct {
  readonly queue: Queue;
  readonly dispatch: NodeFunction;
  readonly poll: NodeFunction;

  constructor(
    scope: Construct,
    id: string,
    { calls, control, rawRecords, sweepQueue }: PollingProps,
  ) {
    super(scope, id);

    // No dead letters: a tick is worth nothing once the next one is due, and the next one is its retry.
    this.queue = workQueue(this, 'Queue', {
      readerTimeout: POLL_TIMEOUT,
      retention: Duration.minutes(5),
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'A tick is disposable: the next one, a minute later, asks for the same and more.',
    });
    impactAlarm(this.queue, 'Waiting', {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: TICK }),
      when: { atLeast: Duration.minutes(3).toSeconds() },
      periods: 3,
      impact: 'Polls start minutes late, so every announcement does.',
      runbook: 'poll-queue-waiting',
    });

    this.dispatch = this.createDispatch(control, sweepQueue);
    everyMinute(
      this,
      this.dispatch,
      'A minute of polling was skipped: the schedule could not call dispatch.',
    );
    this.poll = this.createPoll(calls, control, rawRecords);
  }

  private createDispatch(control: ITable, sweepQueue: IQueue): NodeFunction {
    const dispatch = new NodeFunction(this, 'Dispatch', {
      bundle: { name: 'dispatch', entry: 'dispatch' },
      description: 'Decides each minute which connections to poll, and when within the minute',
      timeout: Duration.seconds(30),
      // The schedule's next call is the retry; a second try of an old one would only poll twice.
      retryAttempts: 0,
      maxEventAge: TICK,
      environment: {
        CONTROL_TABLE: control.tableName,
        POLL_QUEUE_URL: this.queue.queueUrl,
        SWEEP_QUEUE_URL: sweepQueue.queueUrl,
      } satisfies DispatchEnv,
      failing: {
        impact: 'Some connections are not polled: dispatch fails every few minutes.',
        runbook: 'dispatch-failing',
      },
    });
    dispatch.allow(['dynamodb:Query'], control.tableArn);
    dispatch.allow(['sqs:SendMessage'], this.queue.queueArn, sweepQueue.queueArn);

    impactAlarm(dispatch, 'Silent', {
      metric: dispatch.metricInvocations({ period: TICK }),
      when: { below: 1 },
      periods: 5,
      impact: 'Nothing is polled: dispatch has not run for five minutes.',
      runbook: 'dispatch-silent',
    });
    return dispatch;
  }

  private createPoll(calls: ITable, control: ITable, rawRecords: IBucket): NodeFunction {
    const poll = new NodeFunction(this, 'Poll', {
      bundle: { name: 'poll', entry: 'poll' },
      description: 'Asks providers for their calls and records what changed',
      timeout: POLL_TIMEOUT,
      // Fifty connections at once, each with pages to parse.
      memoryMb: 512,
      environment: {
        CALLS_TABLE: calls.tableName,
        CONTROL_TABLE: control.tableName,
        RAW_BUCKET: rawRecords.bucketName,
      } satisfies PollEnv,
      failing: {
        impact: 'Calls are announced late or not yet: polls keep failing as a whole.',
        runbook: 'poll-failing',
      },
    });
    poll.allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem'], calls.tableArn, control.tableArn);
    poll.allowMatching(
      ['s3:PutObject'],
      rawRecords.arnForObjects('*'),
      'The objects do not exist yet; poll may add to this one bucket, and not read it.',
    );
    poll.allowSecrets('providers');
    // A message is up to fifty connections already; more at once would wait for each other.
    poll.readsFrom(this.queue, { batchSize: 1 });

    impactAlarm(poll, 'ConnectionsFailing', {
      metric: countOf('ConnectionsFailing'),
      when: { atLeast: 1 },
      periods: 1,
      impact: 'The calls of at least one connection are no longer seen.',
      runbook: 'connections-failing',
    });
    impactAlarm(poll, 'RecordsQuarantined', {
      metric: countOf('RecordsQuarantined'),
      when: { atLeast: 1 },
      periods: 1,
      impact: 'Calls that a provider describes in a new way are set aside and not announced.',
      runbook: 'records-quarantined',
    });
    return poll;
  }
}
