import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { LOCAL_AWS } from '../../lib/cli/session.ts';
import { type HubSpotLookalike, startHubSpot } from '../../lib/local/simulators/hubspot.ts';
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

const ENV = { HAMSA_KEY: 'right', SLACK_TOKEN: 'xoxb-stand-in', HUBSPOT_TOKEN: 'pat' };
const HOUR_MS = 3_600_000;
const PATIENCE = { timeout: 90_000, interval: 200 };
const CALLS = 40;
const NUMBER = '+966501234567';

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

/** A day of calls; the provider lists one of them, which failed, only after the first poll. */
const day: HamsaRow[] = Array.from({ length: CALLS }, (_, call) => ({
  id: `call${call}`,
  createdAt: ago(60_000 + call * 30_000),
  status: 'COMPLETED',
  duration: 30,
  ...(call === 7 && { status: 'TERMINATED', callParams: { userNumber: NUMBER } }),
}));
const late: HamsaRow = { id: 'late', createdAt: ago(20 * HOUR_MS), status: 'FAILED' };

/** What a running system says of itself. */
const systemSchema = z.object({ endpoint: z.string(), DeliveriesTableName: z.string() });

const config = (hamsa: string, slack: string, hubspot: string, override = '') => `connections:
  - { id: clinic, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa}", poll: { every: 1h, max: 1h, background: 100ms }, firstRun: all, phoneRegion: SA${override} }
destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slack}" }
  - { id: crm, kind: hubspot, token: env:HUBSPOT_TOKEN, baseUrl: "${hubspot}" }
routes:
  - { id: failures, when: { type: call.failed }, to: [ops], continue: true }
  - { id: systems, when: { type: [call.completed, call.failed, call.updated] }, to: [crm] }
`;

/** A delivery that the CRM has a record of. */
const toldSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  destination: z.literal('crm'),
  receipt: z.object({ call: z.string() }),
});

/** Takes away the receipts of some records, and of every other one of these the record. */
async function loseReceipts(system: z.infer<typeof systemSchema>, hubspot: HubSpotLookalike) {
  const aws = { ...LOCAL_AWS, endpoint: system.endpoint };
  const tables = DynamoDBDocumentClient.from(new DynamoDBClient(aws));
  const { Items = [] } = await tables.send(
    new ScanCommand({ TableName: system.DeliveriesTableName }),
  );
  const told = Items.flatMap((item) => toldSchema.safeParse(item).data ?? []);
  const lost = told.slice(0, 4);
  for (const { pk, sk } of lost) {
    const Key = { pk, sk };
    await tables.send(new DeleteCommand({ TableName: system.DeliveriesTableName, Key }));
  }
  for (const { receipt } of lost.slice(0, 2)) hubspot.removeCall(receipt.call);
  tables.destroy();
  return told.length;
}

describe('a day that needs repair', () => {
  const folder = workFolder();
  const data = join(folder.path, 'data');
  const opened: Listening[] = [];
  let slack: SlackStandIn;
  let hubspot: HubSpotLookalike;
  let running: Running | undefined;
  const ended: Record<string, Ended> = {};
  const seen: Record<string, number> = {};

  beforeAll(async () => {
    let isVisible = false;
    slack = await startSlackStandIn(ENV.SLACK_TOKEN);
    hubspot = await startHubSpot({ token: ENV.HUBSPOT_TOKEN, indexLagMs: 0 });
    const hamsa = await startHamsaStandIn(ENV.HAMSA_KEY, () => (isVisible ? [late, ...day] : day));
    opened.push(slack, hamsa);
    const yaml = file(folder.path, 'callwire.yaml', config(hamsa.url, slack.apiUrl, hubspot.url));
    const local = ['--data', data, '--json'];
    const command = (name: string, ...args: string[]) =>
      callwire([name, ...args, '--config', yaml, ...local], { env: ENV });

    running = start(['run', '--config', yaml, ...local], { env: ENV });
    const system = await vi.waitFor(
      () => systemSchema.parse(JSON.parse(readFileSync(join(data, 'system.json'), 'utf8'))),
      PATIENCE,
    );
    await vi.waitFor(() => expect(hubspot.records()).toHaveLength(CALLS), PATIENCE);
    await vi.waitFor(() => expect(slack.posted).toHaveLength(1), PATIENCE);

    isVisible = true;
    ended.sweep = await command('sweep', '--connection', 'clinic');
    await vi.waitFor(() => expect(hubspot.records()).toHaveLength(CALLS + 1), PATIENCE);
    await vi.waitFor(() => expect(slack.posted).toHaveLength(2), PATIENCE);

    seen.told = await loseReceipts(system, hubspot);
    const range = ['--connection', 'clinic', '--from', ago(48 * HOUR_MS), '--to', ago(0)];
    ended.forecast = await command('replay', ...range, '--dry-run');
    const writes = () => hubspot.records().reduce((sum, record) => sum + record.writes, 0);
    const before = { records: hubspot.records().length, writes: writes() };
    ended.replay = await command('replay', ...range);
    await vi.waitFor(() => expect(hubspot.records()).toHaveLength(CALLS + 1), PATIENCE);
    running.child.kill('SIGINT');
    await running.ended;
    seen.created = hubspot.records().length - before.records;
    seen.written = writes() - before.writes;
    seen.posted = slack.posted.length;

    const override = ', statusOverrides: { TERMINATED: { status: completed } }';
    file(folder.path, 'callwire.yaml', config(hamsa.url, slack.apiUrl, hubspot.url, override));
    ended.remap = await command('remap', '--connection', 'clinic', '--yes');

    const forget = (...args: string[]) => callwire(['forget', ...args, ...local], { env: ENV });
    ended.unsure = await forget('--number', NUMBER);
    ended.listed = await forget('--number', NUMBER, '--dry-run');
    ended.forgotten = await forget('--number', NUMBER, '--yes');
    ended.again = await forget('--number', NUMBER, '--yes');
  }, 300_000);

  afterAll(async () => {
    running?.child.kill('SIGKILL');
    for (const server of opened) server.close();
    await hubspot?.close();
    folder.remove();
  });

  const said = (name: string): [status: number | null | undefined, said: unknown] => {
    const end = ended[name];
    if (!end) throw new Error(`${name} was not run`);
    return [end.status, reportIn(end)];
  };

  it('is swept, and what polls had missed is named', () => {
    expect(said('sweep')).toMatchObject([
      0,
      { drained: true, sweeps: [{ state: 'done', missedFinal: 1, missed: ['late'] }] },
    ]);
    expect(ended.sweep?.stderr).toMatch(/clinic: .* slice/);
  });

  it('is replayed: the CRM gets what it lacks, is written nothing else, and chat hears nothing', () => {
    expect(said('forecast')).toEqual([
      0,
      {
        ...{ dryRun: true, calls: CALLS + 1, unreadable: 0 },
        to: {
          ops: { kind: 'slack', events: { 'call.failed': 2 }, known: 2 },
          crm: {
            kind: 'hubspot',
            events: { 'call.completed': CALLS - 1, 'call.failed': 2 },
            known: CALLS + 1 - 4,
          },
        },
      },
    ]);
    expect(said('replay')).toMatchObject([0, { events: CALLS + 1, refused: 0 }]);
    expect(seen).toEqual({ told: CALLS + 1, created: 2, written: 2, posted: 2 });
  });

  it('is read again after an override: the call is corrected, everywhere', () => {
    expect(said('remap')).toMatchObject([
      0,
      {
        ...{ recorded: 1, drained: true },
        differences: [{ id: 'call7', changes: ['outcome', 'status', 'reason'] }],
      },
    ]);
  });

  it('forgets a number: only with a yes, and then nothing on this machine holds it', () => {
    expect(ended.unsure?.status).toBe(2);
    expect(ended.unsure?.stderr).toContain('--dry-run');
    expect(said('listed')).toMatchObject([0, { calls: [{ connection: 'clinic', id: 'call7' }] }]);
    const [status, forgotten] = said('forgotten');
    expect(status).toBe(1);
    expect(forgotten).toMatchObject({
      calls: [{ id: 'call7', wasStored: true }],
      // Told as failed, and then corrected: the record is the same.
      elsewhere: [
        { destination: 'crm' },
        { destination: 'crm' },
        { destination: 'ops', receipt: { channel: 'C0000000001' } },
      ],
      left: 0,
    });
    for (const name of readdirSync(data)) {
      expect(readFileSync(join(data, name)).includes(NUMBER.slice(4))).toBe(false);
    }
    expect(said('again')).toMatchObject([0, { calls: [] }]);
  });
});
