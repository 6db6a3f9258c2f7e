import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../lib/local/database.ts';
import { startHamsaStandIn } from '../support/hamsa-stand-in.ts';
import { type Listening, listen } from '../support/listen.ts';
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts';
import { file, startInTest, workFolder } from './callwire.ts';

const ENV = { HAMSA_KEY: 'key', SLACK_TOKEN: 'xoxb-stand-in' };

/** Makes the command fail in a way that nobody waits for, when it gets SIGUSR2. */
const PLANTED = `--import=data:text/javascript,${encodeURIComponent(`
  import { isMainThread } from 'node:worker_threads';
  if (isMainThread && process.argv[1]?.endsWith('callwire.mjs')) {
    process.on('SIGUSR2', () => void Promise.reject(new TypeError('planted')));
  }`)}`;

describe('stopping callwire run', { timeout: 60_000 }, () => {
  const folder = workFolder();
  let hamsa: Listening;
  let slack: SlackStandIn;
  let mute: Listening;

  const configFor = (slackUrl: string) =>
    file(
      folder.path,
      `${new URL(slackUrl).port}.yaml`,
      `connections:
  - { id: clinic, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa.url}", firstRun: all }
destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slackUrl}" }
routes:
  - { id: all, to: [ops] }
`,
    );

  beforeAll(async () => {
    const createdAt = new Date().toISOString();
    const call = { id: 'one', createdAt, status: 'COMPLETED', agentName: 'Reception', duration: 3 };
    hamsa = await startHamsaStandIn(ENV.HAMSA_KEY, () => [call]);
    slack = await startSlackStandIn(ENV.SLACK_TOKEN);
    mute = await listen(createServer(() => {}));
  });

  afterAll(() => {
    for (const server of [hamsa, slack, mute]) server.close();
    folder.remove();
  });

  it('goes on after SIGKILL, alone with its data, and reports at the first Ctrl-C', async () => {
    const args = ['run', '--config', configFor(slack.apiUrl), '--data', join(folder.path, 'a')];
    const killed = startInTest(args, { env: ENV });
    await killed.said(/ told /);
    killed.child.kill('SIGKILL');
    await killed.ended;

    const next = startInTest(args, { env: ENV });
    await next.said(/, data in /);
    const intruder = await startInTest(args, { env: ENV }).ended;
    next.child.kill('SIGINT');
    const { status, stdout, left } = await next.ended;

    expect([intruder.status, intruder.stderr]).toEqual([
      2,
      expect.stringContaining('Another callwire is at work on the data in'),
    ]);
    expect(stdout).toContain('Deliveries to slack: 1 delivered.');
    expect([status, left]).toEqual([0, []]);
    expect(slack.posted).toHaveLength(1);
  });

  it('leaves no poll to who comes next when its first ones are only being asked for', async () => {
    const data = join(folder.path, 'd');
    const config = configFor(slack.apiUrl);
    await startInTest(['run', '--config', config, '--data', data, '--seconds', '0.1'], {
      env: ENV,
    }).ended;
    const db = openDatabase(join(data, 'callwire.db'));
    const kept = db.prepare('SELECT queue FROM sqs_messages').all();
    db.close();

    expect(kept.filter(({ queue }) => String(queue).includes('Polling'))).toEqual([]);
  });

  it('ends at once at the second Ctrl-C, leaving nothing behind', async () => {
    const args = ['run', '--config', configFor(mute.url), '--data', join(folder.path, 'b')];
    const running = startInTest(args, { env: ENV });
    await running.said(/ announced /);

    running.child.kill('SIGINT');
    await running.said(/letting arrive what is under way/);
    running.child.kill('SIGINT');

    const { status, stdout, left } = await running.ended;
    expect([status, stdout, left]).toEqual([130, '', []]);
  });

  it('ends, and says where to report it, when something fails that nobody waits for', async () => {
    const args = ['run', '--config', configFor(mute.url), '--data', join(folder.path, 'c')];
    const running = startInTest(args, { env: { ...ENV, NODE_OPTIONS: PLANTED } });
    await running.said(/, data in /);

    running.child.kill('SIGUSR2');

    const { status, stderr, left } = await running.ended;
    expect(stderr).toContain('callwire: TypeError: planted');
    expect(stderr).toContain('CONTRIBUTING.md');
    expect(stderr).not.toContain('    at ');
    expect([status, left]).toEqual([1, []]);
  });
});
