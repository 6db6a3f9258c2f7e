import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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
const PATIENCE = { timeout: 60_000, interval: 100 };

const config = (hamsa: string, slack: string) => `connections:
  - { id: clinic, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa}", poll: { every: 1s, max: 1s }, firstRun: all }
  - { id: shop, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa}", poll: { every: 1s, max: 1s }, firstRun: all }
destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slack}" }
routes:
  - { id: failures, when: { type: call.failed }, to: [ops] }
`;

/** The same call at both connections: what one of them says of it is silenced. */
const failed: HamsaRow = {
  id: 'meanwhile',
  createdAt: new Date(Date.now() - 60_000).toISOString(),
  status: 'FAILED',
};

describe('a silence of a running system', () => {
  const folder = workFolder();
  const opened: Listening[] = [];
  const rows: HamsaRow[] = [];
  let slack: SlackStandIn;
  let running: Running | undefined;
  let begun: Ended;
  let listed: Ended;
  let run: Ended;
  let ended: Ended;

  beforeAll(async () => {
    slack = await startSlackStandIn(ENV.SLACK_TOKEN);
    const hamsa = await startHamsaStandIn(ENV.HAMSA_KEY, () => rows);
    opened.push(slack, hamsa);
    const data = join(folder.path, 'data');
    const where = ['--config', file(folder.path, 'callwire.yaml', config(hamsa.url, slack.apiUrl))];
    where.push('--data', data, '--json');
    const silence = (...args: string[]) => callwire(['silence', ...args, ...where], { env: ENV });

    running = start(['run', ...where], { env: ENV });
    await vi.waitFor(() => expect(existsSync(join(data, 'system.json'))).toBe(true), PATIENCE);
    begun = await silence('--when', 'connection: clinic', '--for', '1h', '--comment', 'works');
    listed = await silence('--list');
    // Only now is anything to be routed, so that the routes are read with the silence.
    rows.push(failed);
    await vi.waitFor(() => expect(slack.posted).toHaveLength(1), PATIENCE);
    ended = await silence('--end', String(reportIn(begun).id));
    running.child.kill('SIGINT');
    run = await running.ended;
  }, 180_000);

  afterAll(() => {
    running?.child.kill('SIGKILL');
    for (const server of opened) server.close();
    folder.remove();
  });

  it('says who is silenced, of what, why and until when, and ends when somebody ends it', () => {
    expect(begun.status, begun.stderr).toBe(0);
    expect(reportIn(begun)).toMatchObject({
      when: { connection: 'clinic' },
      to: ['ops'],
      comment: 'works',
    });
    expect(reportIn(listed)).toEqual({ silences: [reportIn(begun)] });
    expect(reportIn(ended)).toEqual({ ended: reportIn(begun).id });
  });

  it('keeps people from being told of what it is about, and of nothing else', () => {
    expect(slack.posted.map(({ all }) => all)).toEqual([expect.stringContaining('shop')]);
    expect(run.status, run.stderr).toBe(0);
    expect(reportIn(run)).toMatchObject({
      events: { 'call.failed': 2 },
      deliveries: { slack: { delivered: 1 } },
    });
  });
});
