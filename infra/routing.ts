import { Duration, Fn } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CANARY_SOURCE } from '../lib/canary/canary.ts';
import type { RouteEnv } from '../lib/config/env.ts';
import { EVENT_SOURCE } from '../lib/events/event.ts';
import { impactAlarm } from './alarm.ts';
import { type DeliverQueues, queueArnsOf, queueUrlsOf } from './destination-queue.ts';
import { NodeFunction } from './node-function.ts';
import { deadLetters, workQueue } from './queue.ts';

const TIMEOUT = Duration.seconds(30);

export interface RoutingProps {
  readonly bus: IEventBus;
  readonly control: ITable;
  readonly deliverQueues: DeliverQueues;
}

/** Decides who is told: rule on the bus → queue → route → one queue per kind of destination. */
export class Routing extends Construct {
  readonly queue: Queue;
  readonly route: NodeFunction;

  constructor(scope: Construct, id: string, { bus, control, deliverQueues }: RoutingProps) {
    super(scope, id);

    // For what route crashes on and for what the bus cannot hand over: both are whole events, so one
    // command moves either back into the queue.
    const dead = deadLetters(this, 'DeadLetters', {
      impact: 'Nobody is told of these events: route, or the way to it, failed on them.',
      runbook: 'route-dead-letters',
    });
    this.queue = workQueue(this, 'Queue', { readerTimeout: TIMEOUT, deadLetterQueue: dead });
    impactAlarm(this.queue, 'Waiting', {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1) }),
      when: { atLeast: Duration.minutes(5).toSeconds() },
      periods: 3,
      impact: 'Destinations are told minutes late: events wait for route.',
      runbook: 'route-queue-waiting',
    });
    this.fromBus(bus, dead);

    this.route = new NodeFunction(this, 'Route', {
      bundle: { name: 'route', entry: 'route' },
      description: 'Decides which destinations are told of an event',
      timeout: TIMEOUT,
      environment: {
        CONTROL_TABLE: control.tableName,
        DELIVER_QUEUES: queueUrlsOf(deliverQueues),
      } satisfies RouteEnv,
      failing: {
        impact: 'Destinations are told late: route keeps failing.',
        runbook: 'route-failing',
      },
    });
    this.route.allow(['dynamodb:Query'], control.tableArn);
    this.route.allow(['sqs:SendMessage'], ...queueArnsOf(deliverQueues));
    this.route.readsFrom(this.queue, { batchSize: 10 });
  }

  private fromBus(bus: IEventBus, deadLetterQueue: IQueue): void {
    const rule = new Rule(this, 'Announcements', {
      description: 'Everything Callwire announces, and its canaries, goes to its own routes',
      eventBus: bus,
      eventPattern: { source: [EVENT_SOURCE, CANARY_SOURCE] },
      targets: [new SqsQueue(this.queue, { deadLetterQueue })],
    });
    impactAlarm(rule, 'Failing', {
      metric: new Metric({
        namespace: 'AWS/Events',
        metricName: 'FailedInvocations',
        // On a bus that is not the default one, both; and there `Ref` of a rule is `bus|rule`, so the
        // name alone is taken from the ARN (rule/bus/name).
        // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
        dimensionsMap: {
          EventBusName: bus.eventBusName,
          RuleName: Fn.select(2, Fn.split('/', rule.ruleArn)),
        },
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      }),
      when: { atLeast: 1 },
      periods: 1,
      impact: 'Events are announced on the bus, but destinations are not told.',
      runbook: 'route-rule-failing',
    });
  }
}
