import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CallwireStack } from '../../infra/callwire.ts';
import { destinationQueueId } from '../../infra/destination-queue.ts';
import { CANARY_DESTINATION } from '../../lib/canary/canary.ts';
import {
  canaryEnvSchema,
  deliverEnvSchema,
  dispatchEnvSchema,
  mendEnvSchema,
  pollEnvSchema,
  publishEnvSchema,
  republishEnvSchema,
  resumeEnvSchema,
  routeEnvSchema,
  sweepEnvSchema,
  webhookEnvSchema,
} from '../../lib/config/env.ts';
import { LEASE_MS } from '../../lib/delivery/deliver.ts';
import { destinations } from '../../lib/destinations/index.ts';
import { FOLLOWER_LOST_MS } from '../../lib/ranges/work-on-range.ts';
import { declare, removeAssemblies, unbuiltApp } from './template.ts';

afterAll(removeAssemblies);

const { resources, outputs } = declare();

/** Every resource of a type as [path, properties read by `schema`]. */
const all = <Schema extends z.ZodType>(type: string, schema: Schema) =>
  resources
    .filter((resource) => resource.type === type)
    .map(({ path, properties }) => [path, schema.parse(properties)] as const);

const DAY_SECONDS = 86_400;

/** A tick is worth nothing once the next one is due (design §3). */
const DISPOSABLE_QUEUES = ['Polling/Queue'];

const queueSchema = z.object({
  RedrivePolicy: z
    .object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() })
    .optional(),
  MessageRetentionPeriod: z.number().default(4 * DAY_SECONDS),
  VisibilityTimeout: z.number().default(30),
  SqsManagedSseEnabled: z.boolean().default(false),
});
const functionSchema = z.object({
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Timeout: z.number(),
  MemorySize: z.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
  LoggingConfig: z.object({ LogGroup: z.string(), LogFormat: z.string() }),
  RecursiveLoop: z.string().optional(),
});
const mappingSchema = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
});
const ruleSchema = z.object({
  EventBusName: z.string(),
  EventPattern: z.unknown(),
  Targets: z.array(
    z.object({
      Arn: z.string(),
      DeadLetterConfig: z.object({ Arn: z.string() }).optional(),
    }),
  ),
});

const queues = new Map(all('AWS::SQS::Queue', queueSchema));
const functions = new Map(all('AWS::Lambda::Function', functionSchema));
const mappings = all('AWS::Lambda::EventSourceMapping', mappingSchema);
const rules = all('AWS::Events::Rule', ruleSchema);

const deadLetterQueues = new Set([
  ...[...queues.values()].flatMap(({ RedrivePolicy }) => RedrivePolicy?.deadLetterTargetArn ?? []),
  ...rules.flatMap(([, { Targets }]) =>
    Targets.flatMap(({ DeadLetterConfig }) => DeadLetterConfig?.Arn ?? []),
  ),
]);
const kinds = [...destinations.map(({ kind }) => kind), CANARY_DESTINATION];
const deliverers = kinds.map(destinationQueueId);
const deliverQueues = Object.fromEntries(
  kinds.map((kind) => [kind, `https://sqs.example/${destinationQueueId(kind)}/Queue`]),
);

describe('queues', () => {
  it('all have dead letters, but for dead letters and what is disposable', () => {
    const without = [...queues].filter(([, { RedrivePolicy }]) => RedrivePolicy === undefined);

    expect(without.map(([path]) => path).toSorted()).toEqual(
      [...deadLetterQueues, ...DISPOSABLE_QUEUES].toSorted(),
    );
  });

  it("give a message three tries at least: one crash is often nobody's fault", () => {
    for (const [path, { RedrivePolicy }] of queues) {
      if (!RedrivePolicy) continue;
      expect(RedrivePolicy.maxReceiveCount, path).toBeGreaterThanOrEqual(3);
    }
  });

  it('keep dead letters 14 days and a disposable message only minutes', () => {
    for (const path of deadLetterQueues) {
      expect(queues.get(path)?.MessageRetentionPeriod, path).toBe(14 * DAY_SECONDS);
    }
    for (const path of DISPOSABLE_QUEUES) {
      expect(queues.get(path)?.MessageRetentionPeriod, path).toBeLessThanOrEqual(300);
    }
  });

  it('are encrypted and refuse what comes without TLS', () => {
    const policies = all(
      'AWS::SQS::QueuePolicy',
      z.object({
        Queues: z.array(z.string()),
        PolicyDocument: z.object({
          Statement: z.array(z.object({ Effect: z.string(), Condition: z.unknown() })),
        }),
      }),
    );
    const tlsOnly = policies
      .filter(([, { PolicyDocument }]) =>
        PolicyDocument.Statement.some(
          ({ Effect, Condition }) =>
            Effect === 'Deny' && JSON.stringify(Condition).includes('aws:SecureTransport'),
        ),
      )
      .flatMap(([, { Queues }]) => Queues.map((url) => url.replace('https://sqs.example/', '')));

    expect(tlsOnly.toSorted()).toEqual([...queues.keys()].toSorted());
    for (const [path, { SqsManagedSseEnabled }] of queues) {
      expect(SqsManagedSseEnabled, path).toBe(true);
    }
  });
});

describe('functions', () => {
  /** What each must find in its environment: read by the schema that the function reads it with. */
  const environments: Record<string, [schema: z.ZodObject, values: Record<string, unknown>]> = {
    'Polling/Dispatch': [
      dispatchEnvSchema,
      {
        CONTROL_TABLE: 'Storage/Control',
        POLL_QUEUE_URL: 'https://sqs.example/Polling/Queue',
        SWEEP_QUEUE_URL: 'https://sqs.example/Sweeping/Queue',
      },
    ],
    'Polling/Poll': [
      pollEnvSchema,
      {
        CALLS_TABLE: 'Storage/Calls',
        CONTROL_TABLE: 'Storage/Control',
        RAW_BUCKET: 'Storage/RawRecords',
      },
    ],
    'Webhooks/Webhook': [
      webhookEnvSchema,
      {
        CALLS_TABLE: 'Storage/Calls',
        CONTROL_TABLE: 'Storage/Control',
        RAW_BUCKET: 'Storage/RawRecords',
        POLL_QUEUE_URL: 'https://sqs.example/Polling/Queue',
        DEPLOYMENT: 'AWS::StackId',
      },
    ],
    'Sweeping/Sweep': [
      sweepEnvSchema,
      {
        CALLS_TABLE: 'Storage/Calls',
        CONTROL_TABLE: 'Storage/Control',
        RAW_BUCKET: 'Storage/RawRecords',
        SWEEP_QUEUE_URL: 'https://sqs.example/Sweeping/Queue',
        DELIVERIES_TABLE: 'Storage/Deliveries',
      },
    ],
    'Outbox/Publish': [publishEnvSchema, { BUS_NAME: 'Bus' }],
    'Outbox/Republish': [republishEnvSchema, { CALLS_TABLE: 'Storage/Calls', BUS_NAME: 'Bus' }],
    'Routing/Route': [
      routeEnvSchema,
      {
        CONTROL_TABLE: 'Storage/Control',
        DELIVER_QUEUES: deliverQueues,
      },
    ],
    'Resuming/Resume': [
      resumeEnvSchema,
      {
        CALLS_TABLE: 'Storage/Calls',
        CONTROL_TABLE: 'Storage/Control',
        DELIVERIES_TABLE: 'Storage/Deliveries',
        DELIVER_QUEUES: deliverQueues,
      },
    ],
    'Canary/Send': [
      canaryEnvSchema,
      {
        CALLS_TABLE: 'Storage/Calls',
        CONTROL_TABLE: 'Storage/Control',
        DELIVERIES_TABLE: 'Storage/Deliveries',
      },
    ],
    'Mending/Mend': [
      mendEnvSchema,
      {
        CALLS_TABLE: 'Storage/Calls',
        CONTROL_TABLE: 'Storage/Control',
        DELIVERIES_TABLE: 'Storage/Deliveries',
        BUS_NAME: 'Bus',
      },
    ],
    ...Object.fromEntries(
      deliverers.map((id) => [
        `${id}/Deliver`,
        [
          deliverEnvSchema,
          {
            CONTROL_TABLE: 'Storage/Control',
            DELIVERIES_TABLE: 'Storage/Deliveries',
            DELIVER_QUEUES: deliverQueues,
          },
        ],
      ]),
    ),
  };

  it('are these, and no others', () => {
    expect([...functions.keys()].toSorted()).toEqual(Object.keys(environments).toSorted());
  });

  it.each(Object.entries(environments))(
    '%s finds in its environment exactly what it reads',
    (path, [schema, values]) => {
      expect(schema.strict().parse(functions.get(path)?.Environment.Variables)).toEqual(values);
    },
  );

  it('run on arm64 and the Node that everything else here runs on', () => {
    for (const [path, { Runtime, Architectures }] of functions) {
      expect([path, Runtime, ...Architectures]).toEqual([path, 'nodejs24.x', 'arm64']);
    }
  });

  it('log JSON to a group of their own that forgets after a month', () => {
    const retentions = new Map(
      all('AWS::Logs::LogGroup', z.object({ RetentionInDays: z.number() })),
    );
    for (const [path, { LoggingConfig }] of functions) {
      expect(LoggingConfig, path).toEqual({ LogGroup: `${path}Logs`, LogFormat: 'JSON' });
      expect(retentions.get(`${path}Logs`)?.RetentionInDays, path).toBe(30);
    }
  });

  it('may send to the queue they read only where waiting is meant to go round', () => {
    const looping = [...functions].filter(([, { RecursiveLoop }]) => RecursiveLoop === 'Allow');

    expect(looping.map(([path]) => path).toSorted()).toEqual(
      ['Sweeping/Sweep', ...deliverers.map((id) => `${id}/Deliver`)].toSorted(),
    );
  });
});

describe('the way of a call', () => {
  it('leads from each queue and stream to its function', () => {
    expect(
      mappings.map(([, { EventSourceArn, FunctionName }]) => [EventSourceArn, FunctionName]),
    ).toEqual([
      ['Sweeping/Queue', 'Sweeping/Sweep'],
      ['Polling/Queue', 'Polling/Poll'],
      ['Storage/Calls.StreamArn', 'Outbox/Publish'],
      ['Outbox/Failures', 'Outbox/Republish'],
      ...deliverers.map((id) => [`${id}/Queue`, `${id}/Deliver`]),
      ['Routing/Queue', 'Routing/Route'],
    ]);
  });

  it('takes back only the messages of a batch that failed', () => {
    for (const [path, { FunctionResponseTypes }] of mappings) {
      expect(FunctionResponseTypes, path).toEqual(['ReportBatchItemFailures']);
    }
  });

  it('hides a message for six times as long as its function may take', () => {
    for (const [path, { EventSourceArn, FunctionName }] of mappings) {
      const queue = queues.get(EventSourceArn);
      if (!queue) continue;
      const timeout = functions.get(FunctionName)?.Timeout ?? Number.NaN;
      expect(queue.VisibilityTimeout, path).toBeGreaterThanOrEqual(6 * timeout);
    }
  });

  it('hides a message of a sweep until its follower, if there was one, would have been seen', () => {
    const { VisibilityTimeout = 0 } = queues.get('Sweeping/Queue') ?? {};

    expect(VisibilityTimeout * 1000).toBeGreaterThan(FOLLOWER_LOST_MS);
    expect((functions.get('Sweeping/Sweep')?.Timeout ?? 0) * 1000).toBeLessThan(FOLLOWER_LOST_MS);
  });

  it('has stopped a worker before anybody looks for what it may have sent', () => {
    for (const id of deliverers) {
      const timeout = functions.get(`${id}/Deliver`)?.Timeout;
      expect(timeout, id).toBeLessThanOrEqual(LEASE_MS / 1000);
    }
  });

  it('delivers with few workers, because they share the rate of the other side', () => {
    const deliver = mappings.filter(([, { FunctionName }]) => FunctionName.endsWith('/Deliver'));

    expect(deliver).toHaveLength(kinds.length);
    for (const [path, { ScalingConfig }] of deliver) {
      expect(ScalingConfig?.MaximumConcurrency, path).toBe(2);
    }
  });

  it('lets no record hold up the stream, and loses none', () => {
    const [stream, ...others] = resources.filter(({ properties }) =>
      String(properties.EventSourceArn).endsWith('.StreamArn'),
    );

    expect(others).toEqual([]);
    expect(stream?.properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 5,
      MaximumRecordAgeInSeconds: 3600,
      DestinationConfig: { OnFailure: { Destination: 'Outbox/Failures' } },
    });
  });

  it('announces what is written and not what expires', () => {
    const [filtered, ...others] = all(
      'AWS::Lambda::EventSourceMapping',
      z.object({
        FilterCriteria: z
          .object({ Filters: z.array(z.object({ Pattern: z.string() })) })
          .optional(),
      }),
    ).flatMap(([, { FilterCriteria }]) => FilterCriteria?.Filters ?? []);

    expect(others).toEqual([]);
    expect(JSON.parse(filtered?.Pattern ?? '')).toEqual({ eventName: ['INSERT', 'MODIFY'] });
  });

  it('takes every announcement of the bus, and only those, to the routes', () => {
    expect(rules.map(([, rule]) => rule)).toEqual([
      {
        EventBusName: 'Bus',
        EventPattern: { source: ['callwire', 'callwire.canary'] },
        Targets: [{ Arn: 'Routing/Queue', DeadLetterConfig: { Arn: 'Routing/DeadLetters' } }],
      },
    ]);
  });

  it('starts every minute, and what looks after it more rarely, and knows when', () => {
    const schedules = resources.filter(({ type }) => type === 'AWS::Scheduler::Schedule');

    // No dead letters here either: the next tick is the retry.
    expect(schedules.map(({ properties }) => properties)).toEqual(
      [
        ['Polling', 'Dispatch', '1 minute'],
        ['Resuming', 'Resume', '1 minute'],
        ['Canary', 'Send', '15 minutes'],
        ['Mending', 'Mend', '30 minutes'],
      ].map(([scope, fn, rate]) => ({
        GroupName: `${scope}/Schedules`,
        ScheduleExpression: `rate(${rate})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: `${scope}/${fn}`,
          RoleArn: `${scope}/ScheduleRole`,
          Input: '{"scheduledAt":"<aws.scheduler.scheduled-time>"}',
          RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1 },
        },
      })),
    );
  });

  it.each([
    ['Resuming', ['notice#*']],
    ['Canary', ['callwire.canary#*', 'notice#*']],
    ['Mending', ['notice#*']],
  ])('lets %s write %j into the Calls table, and no calls', (scope, leadingKeys) => {
    const statements = all(
      'AWS::IAM::Policy',
      z.object({
        PolicyDocument: z.object({
          Statement: z.array(z.looseObject({ Resource: z.unknown(), Action: z.unknown() })),
        }),
      }),
    )
      .filter(([path]) => path.startsWith(`${scope}/`))
      .flatMap(([, { PolicyDocument }]) => PolicyDocument.Statement)
      .filter(
        ({ Resource, Action }) =>
          Resource === 'Storage/Calls' && String(Action).includes('dynamodb:PutItem'),
      );

    expect(statements).toMatchObject(
      leadingKeys.map((key) => ({
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [key] } },
      })),
    );
  });
});

it('tells what a laptop and other systems need to find', () => {
  expect(outputs).toEqual({
    CallsTableName: 'Storage/Calls',
    ControlTableName: 'Storage/Control',
    DeliveriesTableName: 'Storage/Deliveries',
    RawBucketName: 'Storage/RawRecords',
    BusName: 'Bus',
    BusArn: 'Bus',
    PollQueueUrl: 'https://sqs.example/Polling/Queue',
    WebhookUrl: 'Webhooks/Api.ApiEndpoint/webhooks',
    Deployment: 'AWS::StackId',
    SweepQueueUrl: 'https://sqs.example/Sweeping/Queue',
    RouteQueueUrl: 'https://sqs.example/Routing/Queue',
    PublishFailuresQueueUrl: 'https://sqs.example/Outbox/Failures',
    DeliverQueueUrls: JSON.stringify(deliverQueues),
    ...Object.fromEntries(
      deliverers.map((id) => [`${id}QueueUrl`, `https://sqs.example/${id}/Queue`]),
    ),
  });
});

it('has no finding of cdk-nag that is not acknowledged', () => {
  const app = unbuiltApp();
  new CallwireStack(app, 'Callwire', { alarmEmail: 'ops@example.com', archiveDays: 1 });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

  expect(() => app.synth()).not.toThrow();
});
