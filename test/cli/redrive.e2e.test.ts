import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type HamsaRow, startHamsaStandIn } from '../support/hamsa-stand-in.ts';
import type { Listening } from '../support/listen.ts';
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts';
import { callwire, type Ended, file, type Running, start, workFolder } from './callwire.ts';

const ENV = { HAMSA_KEY: 'right', SLACK_TOKEN: 'xoxb-stand-in' };
const PATIENCE = { timeout: 90_000, interval: 500 };
const failed: HamsaRow = {
  id: 'call1',
  createdAt: new Date(Date.now() - 60_000).toISOString(),
  status: 'FAILED',
};

const config = (hamsa: string, slack: string) => `connections:
  - { id: clinic, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa}", poll: { every: 1s }, firstRun: all }
destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slack}" }
routes:
  - { id: failures, when: { type: call.failed }, to: [ops] }
`;

/** The last line of what a command said, as JSON. */
const said = ({ stdout }: Ended): unknown => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');

describe('a destination that refused, and has been mended', () => {
  const folder = workFolder();
  const opened: Listening[] = [];
  let slack: SlackStandIn;
  let running: Running | undefined;
  let before: Ended;
  let redriven: Ended;
  let republished: Ended;
  let after: Ended;

  beforeAll(async () => {
    slack = await startSlackStandIn(ENV.SLACK_TOKEN);
    slack.refusal = 'is_archived';
    const hamsa = await startHamsaStandIn(ENV.HAMSA_KEY, () => [failed]);
    opened.push(slack, hamsa);
    const yaml = file(folder.path, 'callwire.yaml', config(hamsa.url, slack.apiUrl));
    const args = ['--config', yaml, '--data', join(folder.path, 'data'), '--json'];
    const attention = () => callwire(['attention', '--data', join(folder.path, 'data'), '--json']);

    running = start(['run', ...args], { env: ENV });
    before = await vi.waitFor(async () => {
      const ended = await attention();
      expect(said(ended)).not.toMatchObject({ entries: [] });
      return ended;
    }, PATIENCE);
    slack.refusal = undefined;
    redriven = await callwire(['redrive', '--destination', 'ops', ...args], { env: ENV });
    await vi.waitFor(() => expect(slack.posted).toHaveLength(1), PATIENCE);
    const times = ['--from', '2026-01-01', '--to', new Date().toISOString()];
    republished = await callwire(['republish', '--connection', 'clinic', ...times, ...args]);
    after = await vi.waitFor(async () => {
      const ended = await attention();
      expect(ended.status).toBe(0);
      return ended;
    }, PATIENCE);
  }, 180_000);

  afterAll(() => {
    running?.child.kill('SIGKILL');
    for (const server of opened) server.close();
    folder.remove();
  });

  it('is listed with what to do, and the exit status says so', () => {
    expect(said(before)).toMatchObject({
      entries: [{ destination: 'ops', state: 'parked', reason: 'is_archived', count: 1 }],
    });
    expect(before.status).toBe(1);
  });

  it('is told of what stood still, once', () => {
    expect(said(redriven)).toMatchObject({ found: 1, redriven: 1, standing: null });
    expect(redriven.status).toBe(0);
    expect(slack.posted).toHaveLength(1);
  });

  it('is republished while the system runs, and nobody is told again by that', () => {
    expect(said(republished)).toMatchObject({ calls: 1, events: 1, refused: 0, delivered: null });
    expect(republished.status).toBe(0);
    expect(slack.posted).toHaveLength(1);
  });

  it('needs no attention any more', () => {
    expect(said(after)).toEqual({ entries: [], unreadable: 0 });
  });
});
