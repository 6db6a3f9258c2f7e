import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { MendEnv } from '../lib/config/env.ts';
import { MENDED_EVERY_MS } from '../lib/proof/mend-gaps.ts';
import { countOf, impactAlarm } from './alarm.ts';
import { everyMinutes } from './every-minute.ts';
import { NodeFunction } from './node-function.ts';

const EVERY = Duration.millis(MENDED_EVERY_MS);

export interface MendingProps {
  readonly calls: ITable;
  readonly control: ITable;
  readonly deliveries: ITable;
  readonly bus: IEventBus;
}

/** Finds what was announced and never told, and announces it again: schedule → mend → bus. */
export class Mending extends Construct {
  readonly mend: NodeFunction;

  constructor(scope: Construct, id: string, { calls, control, deliveries, bus }: MendingProps) {
    super(scope, id);

    this.mend = new NodeFunction(this, 'Mend', {
      bundle: { name: 'mend', entry: 'mend' },
      description: 'Announces calls again that somebody was not told of',
      timeout: Duration.minutes(5),
      memoryMb: 512,
      environment: {
        CALLS_TABLE: calls.tableName,
        CONTROL_TABLE: control.tableName,
        DELIVERIES_TABLE: deliveries.tableName,
        BUS_NAME: bus.eventBusName,
      } satisfies MendEnv,
      failing: {
        impact: 'Calls that were lost between their record and a destination are not found.',
        runbook: 'mend-failing',
        period: EVERY,
      },
    });
    this.mend.allow(['dynamodb:Query'], `${calls.tableArn}/index/byTime`, control.tableArn);
    this.mend.allow(
      ['dynamodb:BatchGetItem'],
      calls.tableArn,
      control.tableArn,
      deliveries.tableArn,
    );
    this.mend.allowKeys(['dynamodb:PutItem'], control.tableArn, 'gaps');
    // Which destinations lack receipts is announced as everything is.
    this.mend.allowKeys(['dynamodb:PutItem'], calls.tableArn, 'notice#*');
    this.mend.allow(['events:PutEvents'], bus.eventBusArn);
    everyMinutes(this, this.mend, {
      minutes: EVERY.toMinutes(),
      skipped:
        'Calls that were lost are found half an hour later: the schedule could not call mend.',
    });

    impactAlarm(this, 'GapsFound', {
      metric: countOf('GapsFound'),
      when: { atLeast: 1 },
      periods: 1,
      impact: 'Somebody was not told of calls in time; they are being announced again.',
      runbook: 'gaps-found',
    });
  }
}
