import { Duration, Stack } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { impactAlarm } from './alarm.ts';
import type { NodeFunction } from './node-function.ts';

const TICK = Duration.minutes(1);

export interface EveryMinutesProps {
  /** How many lie between two calls. */
  readonly minutes: number;
  /** One sentence: what people lose when a call is skipped. */
  readonly skipped: string;
}

/** Has a function called every minute, as `everyMinutes`. */
export const everyMinute = (scope: Construct, fn: NodeFunction, skipped: string): void =>
  everyMinutes(scope, fn, { minutes: 1, skipped });

/**
 * Has a function called every so many minutes; it is told which. A call that fails is not made up for: the
 * next does the same and more.
 */
export function everyMinutes(
  scope: Construct,
  fn: NodeFunction,
  { minutes, skipped }: EveryMinutesProps,
): void {
  // Scheduler counts by group, so a group of its own tells this schedule from the account's others.
  const group = new CfnScheduleGroup(scope, 'Schedules');
  const role = new Role(scope, 'ScheduleRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    inlinePolicies: {
      Invoke: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ['lambda:InvokeFunction'],
            resources: [fn.functionArn],
          }),
        ],
      }),
    },
  });
  // Plain resources: the higher-level ones name the group, and let the role invoke every version.
  new CfnSchedule(scope, minutes === 1 ? 'EveryMinute' : `Every${minutes}Minutes`, {
    groupName: group.ref,
    scheduleExpression: ScheduleExpression.rate(Duration.minutes(minutes)).expressionString,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: fn.functionArn,
      roleArn: role.roleArn,
      input: JSON.stringify({ scheduledAt: '<aws.scheduler.scheduled-time>' }),
      retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: TICK.toSeconds() },
    },
  });
  impactAlarm(group, 'Dropped', {
    metric: new Metric({
      namespace: 'AWS/Scheduler',
      metricName: 'InvocationDroppedCount',
      dimensionsMap: { ScheduleGroup: group.ref },
      statistic: Stats.SUM,
      period: Duration.minutes(5),
    }),
    when: { atLeast: 1 },
    periods: 1,
    impact: skipped,
    runbook: 'schedule-dropped',
  });
}
