import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { ResumeEnv } from '../lib/config/env.ts';
import { impactAlarm } from './alarm.ts';
import { type DeliverQueues, queueArnsOf, queueUrlsOf } from './destination-queue.ts';
import { everyMinute } from './every-minute.ts';
import { NodeFunction } from './node-function.ts';

const MINUTE = Duration.minutes(1);

export interface ResumingProps {
  readonly calls: ITable;
  readonly control: ITable;
  readonly deliveries: ITable;
  readonly deliverQueues: DeliverQueues;
}

/** Looks every minute after deliveries that no message will bring back by itself: schedule → resume → queues. */
export class Resuming extends Construct {
  readonly resume: NodeFunction;

  constructor(
    scope: Construct,
    id: string,
    { calls, control, deliveries, deliverQueues }: ResumingProps,
  ) {
    super(scope, id);

    this.resume = new NodeFunction(this, 'Resume', {
      bundle: { name: 'resume', entry: 'resume' },
      description:
        'Probes destinations that fail, releases what was parked, brings back what was lost',
      timeout: MINUTE,
      memoryMb: 512,
      // The schedule's next call is the retry.
      retryAttempts: 0,
      maxEventAge: MINUTE,
      environment: {
        CALLS_TABLE: calls.tableName,
        CONTROL_TABLE: control.tableName,
        DELIVERIES_TABLE: deliveries.tableName,
        DELIVER_QUEUES: queueUrlsOf(deliverQueues),
      } satisfies ResumeEnv,
      failing: {
        impact: 'What was parked for a destination stays so, though it may have recovered.',
        runbook: 'resume-failing',
      },
    });
    this.resume.allow(
      ['dynamodb:Query'],
      control.tableArn,
      `${deliveries.tableArn}/index/unsettled`,
    );
    // Whoever waits to be told in an incident stands in the index under that.
    this.resume.allowKeys(['dynamodb:Query'], deliveries.tableArn, 'incident#*');
    this.resume.allow(
      ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
      deliveries.tableArn,
    );
    // That a destination fails, or has recovered, is announced as everything is: by the stream of this table.
    this.resume.allowKeys(['dynamodb:PutItem'], calls.tableArn, 'notice#*');
    this.resume.allow(['sqs:SendMessage'], ...queueArnsOf(deliverQueues));
    everyMinute(this, this.resume, 'What was parked for a destination is released a minute later.');

    impactAlarm(this.resume, 'Silent', {
      metric: this.resume.metricInvocations({ period: MINUTE }),
      when: { below: 1 },
      periods: 5,
      impact: 'Nothing that was parked is released, and nobody is told which destinations fail.',
      runbook: 'resume-silent',
    });
  }
}
