import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { CANARY_DESTINATION } from '../lib/canary/canary.ts';
import { destinations } from '../lib/destinations/index.ts';
import { EVENT_SOURCE } from '../lib/events/event.ts';
import { countOf, impactAlarm, measureOf } from './alarm.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { Canary } from './canary.ts';
import { pipelineDashboard } from './dashboard.ts';
import { DestinationQueue, queueUrlsOf } from './destination-queue.ts';
import { EventSchemas } from './event-schemas.ts';
import { Mending } from './mending.ts';
import { Outbox } from './outbox.ts';
import { Polling } from './polling.ts';
import { Resuming } from './resuming.ts';
import { Routing } from './routing.ts';
import { Storage } from './storage.ts';
import { Sweeping } from './sweeping.ts';
import { Webhooks } from './webhooks.ts';

const MAX_ARCHIVE_DAYS = 14;

/** Twice as long as a connection waits between two polls where nothing else is written. */
const STALE_AFTER = Duration.hours(1);

export interface CallwireStackProps extends StackProps {
  /** Who is told by e-mail when the pipeline itself is ill. */
  readonly alarmEmail?: string | undefined;
  /** Keeps events for replay, 1 to 14 days. Undefined: not at all, for an archived event cannot be erased. */
  readonly archiveDays?: number | undefined;
}

/** All of Callwire, in the order a call passes it. */
export class CallwireStack extends Stack {
  constructor(scope: Construct, id: string, props: CallwireStackProps = {}) {
    const { alarmEmail, archiveDays, ...stackProps } = props;
    super(scope, id, stackProps);

    const storage = new Storage(this, 'Storage');
    const bus = new EventBus(this, 'Bus', {
      description: 'Outcomes of calls, announced once; other systems put their own rules on it',
    });
    if (archiveDays !== undefined) addArchive(bus, archiveDays);
    new EventSchemas(this, 'EventSchemas');

    const sweeping = new Sweeping(this, 'Sweeping', storage);
    const polling = new Polling(this, 'Polling', { ...storage, sweepQueue: sweeping.queue });
    const webhooks = new Webhooks(this, 'Webhooks', { ...storage, pollQueue: polling.queue });
    const outbox = new Outbox(this, 'Outbox', { ...storage, bus });
    // Made before the routes that lead to them.
    const deliveries = [
      ...destinations.map(({ kind }) => new DestinationQueue(this, kind)),
      new DestinationQueue(this, CANARY_DESTINATION, './lib/canary/null-destination.ts'),
    ];
    const deliverQueues = new Map(deliveries.map(({ kind, queue }) => [kind, queue]));
    const delivers = deliveries.map((each) => each.deliverWith({ ...storage, deliverQueues }));
    const resuming = new Resuming(this, 'Resuming', { ...storage, deliverQueues });
    const routing = new Routing(this, 'Routing', { bus, control: storage.control, deliverQueues });
    const canary = new Canary(this, 'Canary', storage);
    const mending = new Mending(this, 'Mending', { ...storage, bus });

    impactAlarm(this, 'Stale', {
      metric: measureOf('FreshnessLag', 'p90'),
      when: { atLeast: STALE_AFTER.toMilliseconds() },
      periods: 3,
      impact: 'A tenth of all outcomes is told an hour late or more.',
      runbook: 'freshness-lag',
    });
    impactAlarm(this, 'DeliveriesParked', {
      metric: countOf('DeliveriesParked'),
      when: { atLeast: 1 },
      periods: 1,
      impact: 'A destination refuses what it is told, and waits for a person.',
      runbook: 'deliveries-parked',
    });
    impactAlarm(this, 'DestinationsFailing', {
      metric: countOf('DestinationsFailing'),
      when: { atLeast: 1 },
      periods: 1,
      impact: 'A destination is told nothing: what is for it is parked until it recovers.',
      runbook: 'destinations-failing',
    });
    new AlarmTopic(this, 'Alarms', { email: alarmEmail }).tellOf(this);

    pipelineDashboard(this, 'Dashboard', {
      functions: [
        polling.dispatch,
        polling.poll,
        webhooks.webhook,
        sweeping.sweep,
        outbox.publish,
        outbox.republish,
        routing.route,
        ...delivers,
        resuming.resume,
        canary.send,
        mending.mend,
      ],
      queues: {
        poll: polling.queue,
        sweep: sweeping.queue,
        'publish failures': outbox.failures,
        route: routing.queue,
        ...Object.fromEntries(deliveries.map(({ kind, queue }) => [`deliver ${kind}`, queue])),
      },
      dispatch: polling.dispatch,
      publish: outbox.publish,
      staleAfter: STALE_AFTER,
    });

    this.output({
      CallsTableName: storage.calls.tableName,
      ControlTableName: storage.control.tableName,
      DeliveriesTableName: storage.deliveries.tableName,
      RawBucketName: storage.rawRecords.bucketName,
      BusName: bus.eventBusName,
      BusArn: bus.eventBusArn,
      PollQueueUrl: polling.queue.queueUrl,
      WebhookUrl: webhooks.url,
      // What follows in the address of each connection's webhooks is made of it.
      Deployment: this.stackId,
      SweepQueueUrl: sweeping.queue.queueUrl,
      RouteQueueUrl: routing.queue.queueUrl,
      PublishFailuresQueueUrl: outbox.failures.queueUrl,
      DeliverQueueUrls: queueUrlsOf(deliverQueues),
    });
    for (const { node, queue } of deliveries) {
      this.output({ [`${node.id}QueueUrl`]: queue.queueUrl });
    }
  }

  /** What `callwire` on a laptop, and rules of other systems, must be able to find. Never a secret. */
  private output(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}

function addArchive(bus: EventBus, days: number): void {
  if (!Number.isInteger(days) || days < 1 || days > MAX_ARCHIVE_DAYS) {
    throw new Error(`archiveDays must be a whole number from 1 to ${MAX_ARCHIVE_DAYS}`);
  }
  new Archive(bus, 'Archive', {
    sourceEventBus: bus,
    description: 'For replays; opted in with archiveDays',
    eventPattern: { source: [EVENT_SOURCE] },
    retention: Duration.days(days),
  });
}
