import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { dynamoCalls } from '../../lib/adapters/dynamo-calls.ts';
import { LOCAL_AWS } from '../../lib/cli/session.ts';
import { type HamsaRow, startHamsaStandIn } from '../support/hamsa-stand-in.ts';
import type { Listening } from '../support/listen.ts';
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts';
import {
  callwire,
  type Ended,
  file,
  type Running,
  reportIn,
  start,
  workFolder,
} from './callwire.ts';

const ENV = { HAMSA_KEY: 'right', SLACK_TOKEN: 'xoxb-stand-in' };
const HOUR_MS = 3_600_000;
const DAYS = 40;
const PATIENCE = { timeout: 60_000, interval: 100 };

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

/** Six calls a day; and one of yesterday that becomes visible seconds after the first poll. */
const past: HamsaRow[] = Array.from({ length: DAYS * 6 }, (_, call) => ({
  id: `past${call}`,
  createdAt: ago(3 * HOUR_MS + call * 4 * HOUR_MS),
  status: 'COMPLETED',
  duration: 60,
}));
const late: HamsaRow = { id: 'late', createdAt: ago(20 * HOUR_MS), status: 'FAILED' };

/** What a running system says of itself. */
const systemSchema = z.object({
  endpoint: z.string(),
  CallsTableName: z.string(),
  SweepQueueUrl: z.string(),
});

const config = (hamsa: string, slack: string) => `connections:
  - { id: swept, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa}", poll: { every: 1h, max: 1h }, firstRun: all }
  - { id: filled, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa}", poll: { every: 1h, background: 100ms } }
destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slack}" }
routes:
  - { id: failures, when: { type: call.failed, connection: swept }, to: [ops] }
`;

describe('beside a running system', () => {
  const folder = workFolder();
  const data = join(folder.path, 'data');
  const opened: Listening[] = [];
  let slack: SlackStandIn;
  let running: Running | undefined;
  let filled: Ended;
  let run: Ended;
  let estimated: Ended;
  let stored = 0;

  beforeAll(async () => {
    let isVisible = false;
    slack = await startSlackStandIn(ENV.SLACK_TOKEN);
    const hamsa = await startHamsaStandIn(ENV.HAMSA_KEY, () =>
      isVisible ? [late, ...past] : past,
    );
    opened.push(slack, hamsa);
    const args = ['--config', file(folder.path, 'callwire.yaml', config(hamsa.url, slack.apiUrl))];
    args.push('--data', data, '--json');
    const backfill = (...more: string[]) =>
      callwire(
        [
          'backfill',
          '--connection',
          'filled',
          '--from',
          ago(DAYS * 24 * HOUR_MS),
          ...more,
          ...args,
        ],
        { env: ENV },
      );

    running = start(['run', ...args], { env: ENV });
    const system = await vi.waitFor(
      () => systemSchema.parse(JSON.parse(readFileSync(join(data, 'system.json'), 'utf8'))),
      PATIENCE,
    );
    const aws = { ...LOCAL_AWS, endpoint: system.endpoint };
    const tables = DynamoDBDocumentClient.from(new DynamoDBClient(aws));
    const calls = dynamoCalls(tables, system.CallsTableName);
    const ids = past.map(({ id }) => id);
    const known = async (connection: string) => (await calls.get(connection, ids)).size;
    await vi.waitFor(async () => expect(await known('swept')).toBe(past.length), PATIENCE);

    isVisible = true;
    const sweep = { connection: 'swept', kind: 'daily', job: ago(0).slice(0, 10), step: 0 };
    await new SQSClient(aws).send(
      new SendMessageCommand({
        QueueUrl: system.SweepQueueUrl,
        MessageBody: JSON.stringify(sweep),
      }),
    );
    await vi.waitFor(() => expect(slack.posted).toHaveLength(1), PATIENCE);

    filled = await backfill('--to', ago(0), '--announce', 'none');
    stored = await known('filled');
    running.child.kill('SIGINT');
    run = await running.ended;
    estimated = await backfill('--to', ago(0), '--dry-run');
  }, 180_000);

  afterAll(() => {
    running?.child.kill('SIGKILL');
    for (const server of opened) server.close();
    folder.remove();
  });

  it('a sweep finds the call that was listed late, and people are told', () => {
    expect(slack.posted.map(({ text }) => text)).toEqual([
      expect.stringContaining('an error at the provider'),
    ]);
    expect(reportIn(run)).toMatchObject({
      sweeps: { sweeps: 1, missedFinal: 1, missedChange: 0 },
      deliveries: { slack: { delivered: 1 } },
    });
    expect(run.status, run.stderr).toBe(0);
  });

  it('a backfill reads the past, shows how far it is, and ends with status 0', () => {
    expect(filled.status, filled.stderr).toBe(0);
    expect(reportIn(filled)).toMatchObject({ state: 'done', ok: true, announce: 'none' });
    expect(reportIn(filled).expected).toBeGreaterThanOrEqual(past.length);
    expect(filled.stderr).toMatch(/\d+ % · .* slice/);
    expect(stored).toBe(past.length);
  });

  it('an estimate needs no running system', () => {
    expect(estimated.status, estimated.stderr).toBe(0);
    expect(reportIn(estimated)).toMatchObject({ dryRun: true, requests: 1, changed: 0 });
  });
});

describe('callwire backfill', () => {
  it.each([
    [['--from', '2026-01-01', '--to', '2026-02-01'], /--announce/],
    [['--from', 'yesterday', '--to', '2026-01-01', '--announce', 'none'], /Write 2026-01-31/],
    [['--from', '2026-01-01', '--to', '2026-02-01', '--announce', 'none'], /no readable file/],
  ])('refuses %j before anything begins, and says what to write', async (args, says) => {
    const ended = await callwire(['backfill', '--connection', 'clinic', ...args]);

    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(says);
  });
});
