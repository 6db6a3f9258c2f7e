import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCallItem } from '../../lib/adapters/call-item.ts';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { createBusService } from '../../lib/local/eventbridge.ts';
import { createQueueService } from '../../lib/local/sqs/queue-service.ts';
import { callsTable } from '../support/calls-table.ts';
import { startCloudFormation } from '../support/cloudformation-stand-in.ts';
import { controlTable } from '../support/control-table.ts';
import type { Listening } from '../support/listen.ts';
import { callwire, file, reportIn, workFolder } from './callwire.ts';
import { stored } from './taps.ts';

const CONFIG = `connections:
  - { id: clinic, provider: hamsa, key: "secret:callwire/providers/main#hamsa" }
destinations:
  - { id: ops, kind: slack, token: "secret:callwire/destinations/slack/main#token", channel: "#ops" }
routes:
  - { id: all, to: [ops] }
`;

const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

describe('callwire with a deployment', () => {
  const folder = workFolder();
  const config = file(folder.path, 'callwire.yaml', CONFIG);
  const db = openDatabase(':memory:');
  const context = { db, now: Date.now };
  const dynamo = createDynamoService(context);
  const bus = createBusService(context, createQueueService(context));
  const announced: string[] = [];
  let aws: Awaited<ReturnType<typeof startAwsServer>>;
  let cloudFormation: Listening;
  let env: Record<string, string>;

  beforeAll(async () => {
    dynamo.createTable(controlTable);
    dynamo.createTable(callsTable);
    bus.createBus('bus-1');
    bus.onEvent((event) => announced.push(event['detail-type']));
    aws = await startAwsServer({ json: [dynamo, bus] });
    cloudFormation = await startCloudFormation({
      Callwire: {
        ControlTableName: controlTable.name,
        CallsTableName: callsTable.name,
        BusName: 'bus-1',
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
      events: 1,
      refused: 0,
      delivered: null,
      drained: true,
    });
    expect(announced).toEqual(['call.completed']);
    expect(ended.status).toBe(0);
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
