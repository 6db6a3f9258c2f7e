import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HamsaRow, startHamsaStandIn } from '../support/hamsa-stand-in.ts';
import type { Listening } from '../support/listen.ts';
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts';
import { callwire, type Ended, file, reportIn, workFolder } from './callwire.ts';

const ENV = { HAMSA_KEY: 'right', SLACK_TOKEN: 'xoxb-stand-in' };

const config = (hamsa: string, slack: string) => `connections:
  - { id: clinic, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa}", poll: { every: 1s, max: 1s }, firstRun: all }
destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slack}" }
routes:
  - { id: failures, when: { type: call.failed }, to: [ops] }
`;

const failed = (id: string): HamsaRow => ({
  id,
  createdAt: new Date(Date.now() - 60_000).toISOString(),
  status: 'FAILED',
});

describe('a silence, between two runs', () => {
  const folder = workFolder();
  const opened: Listening[] = [];
  const rows: HamsaRow[] = [failed('before')];
  let slack: SlackStandIn;
  let begun: Ended;
  let silent: Ended;

  beforeAll(async () => {
    slack = await startSlackStandIn(ENV.SLACK_TOKEN);
    const hamsa = await startHamsaStandIn(ENV.HAMSA_KEY, () => rows);
    opened.push(slack, hamsa);
    const where = ['--config', file(folder.path, 'callwire.yaml', config(hamsa.url, slack.apiUrl))];
    where.push('--data', join(folder.path, 'data'), '--json');
    const run = () => callwire(['run', '--seconds', '5', ...where], { env: ENV });

    await run();
    const said = ['--when', 'connection: clinic', '--for', '1h', '--comment', 'works'];
    begun = await callwire(['silence', ...said, ...where], { env: ENV });
    rows.push(failed('meanwhile'));
    silent = await run();
  }, 120_000);

  afterAll(() => {
    for (const server of opened) server.close();
    folder.remove();
  });

  it('says who is silenced, of what, by whom, why and until when', () => {
    expect(begun.status, begun.stderr).toBe(0);
    expect(reportIn(begun)).toMatchObject({
      when: { connection: 'clinic' },
      to: ['ops'],
      comment: 'works',
    });
  });

  it('keeps people from being told of what is announced meanwhile', () => {
    expect(reportIn(silent)).toMatchObject({
      events: { 'call.failed': 1 },
      deliveries: { slack: { delivered: 1 } },
    });
    expect(slack.posted).toHaveLength(1);
  });
});
