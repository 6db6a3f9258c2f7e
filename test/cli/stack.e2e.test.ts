import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCallItem } from '../../lib/adapters/call-item.ts';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { createBusService } from '../../lib/local/eventbridge.ts';
import type { QueueDefinition } from '../../lib/local/services.ts';
import { createQueueService } from '../../lib/local/sqs/queue-service.ts';
import { callsTable } from '../support/calls-table.ts';
import { startCloudFormation } from '../support/cloudformation-stand-in.ts';
import { controlTable } from '../support/control-table.ts';
import type { Listening } from '../support/listen.ts';
import { callwire, file, reportIn, startInTest, workFolder } from './callwire.ts';
import { stored } from './taps.ts';

const CONFIG = `connections:
  - { id: clinic, provider: hamsa, key: "secret:callwire/providers/main#hamsa" }
destinations:
  - { id: ops, kind: slack, token: "secret:callwire/destinations/slack/main#token", channel: "#ops" }
routes:
  - { id: all, to: [ops] }
`;

const sweepQueue: QueueDefinition = {
  name: 'sweeps',
  arn: 'arn:aws:sqs:us-east-1:000000000000:sweeps',
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  retentionSeconds: 345_600,
  redrive: undefined,
};

const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

describe('callwire with a deployment', { timeout: 60_000 }, () => {
  const folder = workFolder();
  const config = file(folder.path, 'callwire.yaml', CONFIG);
  const db = openDatabase(':memory:');
  const context = { db, now: Date.now };
  const dynamo = createDynamoService(context);
  const queues = createQueueService(context);
  const bus = createBusService(context, queues);
  const announced: string[] = [];
  let aws: Awaited<ReturnType<typeof startAwsServer>>;
  let cloudFormation: Listening;
  let env: Record<string, string>;

  beforeAll(async () => {
    dynamo.createTable(controlTable);
    dynamo.createTable(callsTable);
    bus.createBus('bus-1');
    queues.createQueue(sweepQueue);
    bus.onEvent((event) => announced.push(event['detail-type']));
    aws = await startAwsServer({ json: [dynamo, bus, queues] });
    cloudFormation = await startCloudFormation({
      Callwire: {
        ControlTableName: controlTable.name,
        CallsTableName: callsTable.name,
        BusName: 'bus-1',
        SweepQueueUrl: `${aws.endpoint}/000000000000/${sweepQueue.name}`,
      },
      Other: {},
    });
    env = {
      ...KEYS,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    };
  });
  afterAll(async () => {
    cloudFormation.close();
    await aws.close();
    db.close();
    folder.remove();
  });

  it('prints what would change without writing it, writes it, and then has nothing to change', async () => {
    const apply = (...args: string[]) => callwire(['apply', '--config', config, ...args], { env });
    const dry = await apply('--dry-run');
    const written = await apply('--json');
    const again = await apply('--control-table', controlTable.name);

    expect(dry.stdout.split('\n')).toEqual([
      '+ connections/clinic',
      '+ destinations/ops',
      '+ routes/routes',
      'Nothing was written.',
      '',
    ]);
    expect(reportIn(written)).toEqual({
      added: ['connections/clinic', 'destinations/ops', 'routes/routes'],
      changed: [],
      removed: [],
      written: true,
    });
    expect(again.stdout).toBe('Nothing to change.\n');
    expect([dry, written, again].map(({ status }) => status)).toEqual([0, 0, 0]);
  });

  it('refuses keys of this machine and keys that the function could not read', async () => {
    const wrong = CONFIG.replace('secret:callwire/providers/main#hamsa', 'env:HAMSA_KEY').replace(
      'destinations/slack/',
      'destinations/hubspot/',
    );
    const args = ['apply', '--config', file(folder.path, 'wrong.yaml', wrong)];
    const { status, stdout, stderr } = await callwire(args, { env });

    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('connections/clinic, key: env:HAMSA_KEY is of this machine');
    expect(stderr).toContain('write secret:callwire/providers/<name>#<key>');
    expect(stderr).toContain('write secret:callwire/destinations/slack/<name>#<key>');
  });

  it('puts what stored calls have announced on the bus again', async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint: aws.endpoint, region: 'us-east-1', credentials }),
    );
    for (const call of [
      stored({ id: 'told' }),
      stored({ id: 'silent' }, { silent: true }),
      stored({ id: 'later', createdAt: '2026-11-21T00:00:00.000Z' }),
    ]) {
      await client.send(new PutCommand({ TableName: callsTable.name, Item: toCallItem(call) }));
    }
    client.destroy();

    const range = ['--connection', 'clinic-riyadh', '--from', '2026-11-20', '--to', '2026-11-21'];
    const ended = await callwire(['republish', '--stack', 'Callwire', ...range, '--json'], { env });

    expect(reportIn(ended)).toEqual({
      calls: 2,
      unreadable: 0,
      events: 1,
      refused: 0,
      delivered: null,
      drained: true,
    });
    expect(announced).toEqual(['call.completed']);
    expect(ended.status).toBe(0);
  });

  it('begins a backfill, leaves it to itself at Ctrl-C, goes on watching it, and gives it up', async () => {
    const backfill = ['backfill', '--stack', 'Callwire', '--connection', 'clinic'];
    const range = ['--from', '2026-01-01', '--to', '2026-02-01', '--announce', 'none'];
    const left = startInTest([...backfill, ...range], { env });
    await left.said(/0 %/);
    left.child.kill('SIGINT');
    const { status, stderr } = await left.ended;
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('It goes on without this command'),
    ]);
    expect(
      queues.receive(sweepQueue.arn, 10, 0).map(({ body }): unknown => JSON.parse(body)),
    ).toMatchObject([{ connection: 'clinic', kind: 'backfill', step: 0 }]);

    const other = await callwire([...backfill, ...range.with(-1, 'events')], { env });
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('is under way')]);

    const again = startInTest([...backfill, ...range, '--json'], { env });
    await again.said(/going on with it[\s\S]*0 %/);
    const canceled = await callwire([...backfill, '--cancel'], { env });
    expect([canceled.status, canceled.stdout]).toEqual([0, expect.stringContaining('Canceled')]);
    const ended = await again.ended;
    expect([ended.status, reportIn(ended).state]).toEqual([1, 'canceled']);
  });

  it('says which connection there is none of', async () => {
    const args = [
      '--connection',
      'clinc',
      '--from',
      '2026-01-01',
      '--to',
      '2026-01-02',
      '--dry-run',
    ];
    const { status, stderr } = await callwire(['backfill', '--stack', 'Callwire', ...args], {
      env,
    });

    expect([status, stderr]).toEqual([2, expect.stringContaining('There is no connection clinc')]);
  });

  it.each([
    ['no such stack', ['--stack', 'Nowhere'], 'There is no stack Nowhere'],
    ['another stack', ['--stack', 'Other'], 'The stack Other has no output ControlTableName'],
    ['no such table', ['--control-table', 'nowhere'], 'There is no such table'],
  ])('says what to do when there is %s', async (_what, args, words) => {
    const { status, stderr } = await callwire(['apply', '--config', config, ...args], { env });

    expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
  });

  it.each([
    ['credentials', { AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' }],
    ['region', KEYS],
  ])('says what to do when there is no %s', async (word, given) => {
    const { status, stderr } = await callwire(['apply', '--config', config], { env: given });

    expect([status, stderr]).toEqual([2, expect.stringContaining(word)]);
  });
});
