import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { CANARY_SOURCE } from '../lib/canary/canary.ts';
import type { CanaryEnv } from '../lib/config/env.ts';
import { countOf, impactAlarm } from './alarm.ts';
import { everyMinutes } from './every-minute.ts';
import { NodeFunction } from './node-function.ts';

const EVERY = Duration.minutes(15);

export interface CanaryProps {
  readonly calls: ITable;
  readonly control: ITable;
  readonly deliveries: ITable;
}

/**
 * Every quarter of an hour a call of our own, which nobody else sees, goes the way of all calls to a
 * destination that tells nobody: schedule → canary → the Calls table → … → deliver.
 */
export class Canary extends Construct {
  readonly send: NodeFunction;

  constructor(scope: Construct, id: string, { calls, control, deliveries }: CanaryProps) {
    super(scope, id);

    this.send = new NodeFunction(this, 'Send', {
      bundle: { name: 'canary', entry: 'canary' },
      description: 'Looks whether the last canary arrived, and sends the next',
      timeout: Duration.seconds(30),
      environment: {
        CALLS_TABLE: calls.tableName,
        CONTROL_TABLE: control.tableName,
        DELIVERIES_TABLE: deliveries.tableName,
      } satisfies CanaryEnv,
      failing: {
        impact: 'Nobody is told when announcements stop: canaries are not sent.',
        runbook: 'canary-missing',
        period: EVERY,
      },
    });
    this.send.allowKeys(['dynamodb:PutItem'], calls.tableArn, `${CANARY_SOURCE}#*`);
    // That canaries do not arrive is announced as everything is.
    this.send.allowKeys(['dynamodb:PutItem'], calls.tableArn, 'notice#*');
    this.send.allowKeys(['dynamodb:GetItem', 'dynamodb:PutItem'], control.tableArn, 'canary');
    this.send.allowKeys(['dynamodb:GetItem'], deliveries.tableArn, `${CANARY_SOURCE}#*`);
    everyMinutes(this, this.send, {
      minutes: EVERY.toMinutes(),
      skipped: 'A canary was not sent: the schedule could not call canary.',
    });

    impactAlarm(this, 'Missing', {
      metric: countOf('CanariesArrived').with({ period: EVERY }),
      when: { below: 1 },
      periods: 2,
      impact: 'Somewhere between the Calls table and its destinations nothing goes on.',
      runbook: 'canary-missing',
    });
  }
}
