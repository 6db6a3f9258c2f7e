import { buildSync } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { bundleOptions } from '../../infra/bundle.ts';
import { destinationQueueId } from '../../infra/destination-queue.ts';
import { CANARY_DESTINATION } from '../../lib/canary/canary.ts';
import { destinations } from '../../lib/destinations/index.ts';
import { declare, removeAssemblies } from './template.ts';

afterAll(removeAssemblies);

const { resources, functions } = declare();

const kinds = [...destinations.map(({ kind }) => kind), CANARY_DESTINATION];

const oneOrMore = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value));
const documentSchema = z.object({
  Statement: z.array(z.object({ Effect: z.string(), Action: oneOrMore, Resource: oneOrMore })),
});
type Permissions = Record<string, string[]>;

/** Resource → what may be done with it. */
function permissionsIn(documents: readonly z.infer<typeof documentSchema>[]): Permissions {
  const permissions: Permissions = {};
  for (const { Effect, Action, Resource } of documents.flatMap(({ Statement }) => Statement)) {
    expect(Effect).toBe('Allow');
    for (const resource of Resource) {
      permissions[resource] = [...(permissions[resource] ?? []), ...Action].toSorted();
    }
  }
  return permissions;
}

/** Role → what it may do, by its own and its attached policies. */
const permissions = new Map(
  resources
    .filter(({ type }) => type === 'AWS::IAM::Role')
    .map(({ path: role, properties }) => {
      const inline = z
        .array(z.object({ PolicyDocument: documentSchema }))
        .default([])
        .parse(properties.Policies);
      const attached = resources
        .filter(({ type }) => type === 'AWS::IAM::Policy')
        .map((policy) =>
          z
            .object({ Roles: z.array(z.string()), PolicyDocument: documentSchema })
            .parse(policy.properties),
        )
        .filter(({ Roles }) => Roles.includes(role));
      return [
        role,
        permissionsIn([...inline, ...attached].map(({ PolicyDocument }) => PolicyDocument)),
      ] as const;
    }),
);

const SECRET = 'arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:callwire';
const WRITE_LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const RECEIVE = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
const SEND = ['sqs:SendMessage'];

/** The reviewed table: a function that comes to need more shows up here, and in the review. */
const reviewed: Record<string, Permissions> = {
  'Polling/ScheduleRole': { 'Polling/Dispatch': ['lambda:InvokeFunction'] },
  'Polling/DispatchRole': {
    'Polling/DispatchLogs': WRITE_LOGS,
    'Storage/Control': ['dynamodb:Query'],
    'Polling/Queue': SEND,
    'Sweeping/Queue': SEND,
  },
  'Polling/PollRole': {
    'Polling/PollLogs': WRITE_LOGS,
    'Polling/Queue': RECEIVE,
    'Storage/Calls': ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
    'Storage/Control': ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
    'Storage/RawRecords/*': ['s3:PutObject'],
    [`${SECRET}/providers/*`]: ['secretsmanager:GetSecretValue'],
  },
  'Webhooks/WebhookRole': {
    'Webhooks/WebhookLogs': WRITE_LOGS,
    'Storage/Calls': ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
    'Storage/Control': ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
    'Storage/RawRecords/*': ['s3:PutObject'],
    'Polling/Queue': SEND,
    [`${SECRET}/providers/*`]: ['secretsmanager:GetSecretValue'],
  },
  'Sweeping/SweepRole': {
    'Sweeping/SweepLogs': WRITE_LOGS,
    'Sweeping/Queue': [...RECEIVE, ...SEND],
    'Storage/Calls': ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
    // Routes and silences, for what is owed to whom.
    'Storage/Control': ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    // Whether there are receipts.
    'Storage/Deliveries': ['dynamodb:BatchGetItem'],
    'Storage/RawRecords/*': ['s3:PutObject'],
    [`${SECRET}/providers/*`]: ['secretsmanager:GetSecretValue'],
  },
  'Outbox/PublishRole': {
    'Outbox/PublishLogs': WRITE_LOGS,
    'Storage/Calls.StreamArn': [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
    ],
    'Storage/Calls/stream/*': ['dynamodb:ListStreams'],
    'Outbox/Failures': SEND,
    Bus: ['events:PutEvents'],
  },
  'Outbox/RepublishRole': {
    'Outbox/RepublishLogs': WRITE_LOGS,
    'Outbox/Failures': RECEIVE,
    'Storage/Calls.StreamArn': ['dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    'Storage/Calls': ['dynamodb:BatchGetItem'],
    Bus: ['events:PutEvents'],
  },
  'Resuming/ScheduleRole': { 'Resuming/Resume': ['lambda:InvokeFunction'] },
  'Resuming/ResumeRole': {
    'Resuming/ResumeLogs': WRITE_LOGS,
    // Notices only.
    'Storage/Calls': ['dynamodb:PutItem'],
    'Storage/Control': ['dynamodb:Query'],
    // Queries of incidents only.
    'Storage/Deliveries': [
      ...['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    ],
    'Storage/Deliveries/index/unsettled': ['dynamodb:Query'],
    ...Object.fromEntries(kinds.map((kind) => [`${destinationQueueId(kind)}/Queue`, SEND])),
  },
  'Canary/ScheduleRole': { 'Canary/Send': ['lambda:InvokeFunction'] },
  'Canary/SendRole': {
    'Canary/SendLogs': WRITE_LOGS,
    // Canaries, and notices of them.
    'Storage/Calls': ['dynamodb:PutItem', 'dynamodb:PutItem'],
    // What is remembered of them only.
    'Storage/Control': ['dynamodb:GetItem', 'dynamodb:PutItem'],
    // Their receipts only.
    'Storage/Deliveries': ['dynamodb:GetItem'],
  },
  'Mending/ScheduleRole': { 'Mending/Mend': ['lambda:InvokeFunction'] },
  'Mending/MendRole': {
    'Mending/MendLogs': WRITE_LOGS,
    'Storage/Calls/index/byTime': ['dynamodb:Query'],
    // Of writes, notices only.
    'Storage/Calls': ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
    // Of writes, what is remembered of gaps only.
    'Storage/Control': ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    'Storage/Deliveries': ['dynamodb:BatchGetItem'],
    Bus: ['events:PutEvents'],
  },
  'Routing/RouteRole': {
    'Routing/RouteLogs': WRITE_LOGS,
    'Routing/Queue': RECEIVE,
    'Storage/Control': ['dynamodb:Query'],
    ...Object.fromEntries(kinds.map((kind) => [`${destinationQueueId(kind)}/Queue`, SEND])),
  },
  ...Object.fromEntries(
    kinds.map((kind) => {
      const id = destinationQueueId(kind);
      return [
        `${id}/DeliverRole`,
        {
          [`${id}/DeliverLogs`]: WRITE_LOGS,
          // Its own, for deliveries that wait, and every other kind's, for fallbacks.
          ...Object.fromEntries(kinds.map((other) => [`${destinationQueueId(other)}/Queue`, SEND])),
          [`${id}/Queue`]: [...RECEIVE, ...SEND],
          'Storage/Control': ['dynamodb:Query'],
          'Storage/Deliveries': [
            ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
          ],
          'Storage/Deliveries/index/unsettled': ['dynamodb:Query'],
          [`${SECRET}/destinations/${kind}/*`]: ['secretsmanager:GetSecretValue'],
        },
      ];
    }),
  ),
};

/** What Lambda itself does in a function's name: write its logs, read its queue or stream, put failures away. */
const DONE_BY_LAMBDA: Record<string, string[]> = {
  publish: [
    ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
      (action) => `dynamodb:${action}`,
    ),
    ...SEND,
  ],
};

const ACTION_OF_COMMAND: Record<string, string> = {
  BatchGetCommand: 'dynamodb:BatchGetItem',
  GetCommand: 'dynamodb:GetItem',
  GetRecordsCommand: 'dynamodb:GetRecords',
  GetShardIteratorCommand: 'dynamodb:GetShardIterator',
  PutCommand: 'dynamodb:PutItem',
  QueryCommand: 'dynamodb:Query',
  // A transaction needs what its writes need by themselves; it holds puts, and updates as well.
  TransactWriteCommand: 'dynamodb:PutItem',
  UpdateCommand: 'dynamodb:UpdateItem',
  PutEventsCommand: 'events:PutEvents',
  PutObjectCommand: 's3:PutObject',
  GetSecretValueCommand: 'secretsmanager:GetSecretValue',
  SendMessageCommand: 'sqs:SendMessage',
  SendMessageBatchCommand: 'sqs:SendMessage',
};

/** The actions of the commands that are left in a function once everything it does not use is shaken off. */
function actionsIn(bundle: Parameters<typeof bundleOptions>[0]): string[] {
  const { outputFiles } = buildSync({
    ...bundleOptions(bundle),
    minify: false,
    external: ['@aws-sdk/*'],
  });
  const code = outputFiles.map(({ text }) => text).join('\n');
  // Where two modules import one command, esbuild numbers the second.
  return [...code.matchAll(/\bnew (\w+Command)\d*\(/g)].map(
    ([, command = '']) => ACTION_OF_COMMAND[command] ?? `unknown: ${command}`,
  );
}

describe('permissions', () => {
  it('are given to these roles, and no others', () => {
    expect([...permissions.keys()].toSorted()).toEqual(Object.keys(reviewed).toSorted());
  });

  it.each(Object.entries(reviewed))('of %s are exactly those reviewed', (role, expected) => {
    expect(permissions.get(role)).toEqual(expected);
  });

  it.each(functions.map((fn) => [fn.bundle.name, fn] as const))(
    'of %s are all used by its code, and all its code needs',
    (name, { bundle, node }) => {
      const granted = Object.values(
        permissions.get(`${node.path.replace('Callwire/', '')}Role`) ?? {},
      )
        .flat()
        .filter((action) => ![...WRITE_LOGS, ...RECEIVE].includes(action));

      expect(new Set([...actionsIn(bundle), ...(DONE_BY_LAMBDA[name] ?? [])])).toEqual(
        new Set(granted),
      );
    },
  );

  it('come from no policy that AWS manages', () => {
    expect(resources.filter(({ properties }) => 'ManagedPolicyArns' in properties)).toEqual([]);
  });

  it('hold no wildcard but objects, streams and secrets that have no name yet', () => {
    const patterns = [...permissions.values()].flatMap((granted) =>
      Object.entries(granted).flatMap((entry) => entry.flat().filter((text) => text.includes('*'))),
    );

    expect(new Set(patterns)).toEqual(
      new Set([
        'Storage/RawRecords/*',
        'Storage/Calls/stream/*',
        `${SECRET}/providers/*`,
        ...kinds.map((kind) => `${SECRET}/destinations/${kind}/*`),
      ]),
    );
  });

  it.each(kinds)(
    'let the function of %s read neither raw records nor the calls themselves',
    (kind) => {
      const granted = permissions.get(`${destinationQueueId(kind)}/DeliverRole`) ?? {};
      const reads = Object.entries(granted).flatMap(([path, actions]) =>
        /Calls|RawRecords/.test(path)
          ? actions.filter((action) => !/:(Put|Send)/.test(action))
          : [],
      );

      expect(Object.keys(granted)).toContain('Storage/Control');
      expect(reads).toEqual([]);
    },
  );

  it('keep calls away from whoever only decides when, where to, or talks to a vendor', () => {
    for (const role of [
      'Polling/DispatchRole',
      'Routing/RouteRole',
      ...kinds.map((kind) => `${destinationQueueId(kind)}/DeliverRole`),
    ]) {
      const touched = Object.keys(permissions.get(role) ?? {});
      expect(
        touched.filter((path) => /Calls|RawRecords/.test(path)),
        role,
      ).toEqual([]);
    }
  });
});
