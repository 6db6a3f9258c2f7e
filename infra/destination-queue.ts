import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeliverEnv } from '../lib/config/env.ts';
import { impactAlarm } from './alarm.ts';
import { NodeFunction } from './node-function.ts';
import { deadLetters, workQueue } from './queue.ts';

const TIMEOUT = Duration.minutes(1);

/** The fewest that Lambda allows: workers share their vendor's rate, and few meet at its limit. */
const WORKERS = 2;

/** Kind of destination → the queue that its deliver function reads. */
export type DeliverQueues = ReadonlyMap<string, IQueue>;

/** What the environment of a function carries of them. */
export const queueUrlsOf = (queues: DeliverQueues): string =>
  JSON.stringify(Object.fromEntries([...queues].map(([kind, { queueUrl }]) => [kind, queueUrl])));

export const queueArnsOf = (queues: DeliverQueues): string[] =>
  [...queues.values()].map(({ queueArn }) => queueArn);

export interface DeliverProps {
  readonly control: ITable;
  readonly deliveries: ITable;
  /** Of all kinds: a destination may name one of another kind as its fallback. */
  readonly deliverQueues: DeliverQueues;
}

/** `slack` → `DeliverSlack`: names the construct, and begins the name of the output with its queue's address. */
export const destinationQueueId = (kind: string): string =>
  `Deliver${kind.replace(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase())}`;

/** One kind's queue and, once the queues of all kinds are there, the function that delivers what is in it. */
export class DestinationQueue extends Construct {
  readonly kind: string;
  readonly queue: Queue;
  private readonly sender: string;

  /** @param sender the module with the kind's sender, as a path from the top of the project */
  constructor(scope: Construct, kind: string, sender = `./lib/destinations/${kind}/send.ts`) {
    super(scope, destinationQueueId(kind));
    this.kind = kind;
    this.sender = sender;

    this.queue = workQueue(this, 'Queue', {
      readerTimeout: TIMEOUT,
      deadLetterQueue: deadLetters(this, 'DeadLetters', {
        impact: `These events reached no ${kind} destination: deliver crashed on them.`,
        runbook: 'deliver-dead-letters',
      }),
    });
    impactAlarm(this.queue, 'Waiting', {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5) }),
      when: { atLeast: Duration.minutes(30).toSeconds() },
      periods: 1,
      impact: `Every ${kind} destination is told half an hour late or more.`,
      runbook: 'deliver-queue-waiting',
    });
  }

  /** Adds the function. */
  deliverWith({ control, deliveries, deliverQueues }: DeliverProps): NodeFunction {
    const { kind, sender } = this;
    const deliver = new NodeFunction(this, 'Deliver', {
      bundle: {
        name: `deliver-${kind}`,
        entry: 'deliver',
        alias: { '#sender': sender },
      },
      description: `Tells ${kind} destinations`,
      timeout: TIMEOUT,
      // A delivery that must wait goes back into the queue it came from. After about sixteen rounds
      // Lambda would take that for an endless loop and drop it; ours end by the delivery's own limits.
      // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
      recursiveLoop: RecursiveLoop.ALLOW,
      environment: {
        CONTROL_TABLE: control.tableName,
        DELIVERIES_TABLE: deliveries.tableName,
        DELIVER_QUEUES: queueUrlsOf(deliverQueues),
      } satisfies DeliverEnv,
      failing: {
        impact: `Every ${kind} destination is told late: deliver keeps failing.`,
        runbook: 'deliver-failing',
      },
    });
    deliver.allow(['dynamodb:Query'], control.tableArn);
    deliver.allow(
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      deliveries.tableArn,
    );
    // Deliveries that wait to be told together are found by what they wait for.
    deliver.allow(['dynamodb:Query'], `${deliveries.tableArn}/index/unsettled`);
    deliver.allow(['sqs:SendMessage'], ...queueArnsOf(deliverQueues));
    deliver.allowSecrets(`destinations/${kind}`);
    deliver.readsFrom(this.queue, { batchSize: 10, maxConcurrency: WORKERS });
    return deliver;
  }
}
