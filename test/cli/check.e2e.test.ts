import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HamsaSimulator, startHamsa } from '../../lib/local/simulators/hamsa.ts';
import { type SlackLookalike, startSlack } from '../../lib/local/simulators/slack.ts';
import { createWorld } from '../../lib/local/simulators/world.ts';
import { callwire, file, isPlain, reportIn, workFolder } from './callwire.ts';

const GOOD = 'a-good-key-0123456789';
const BAD = 'a-bad-key-0123456789';
const TOKEN = 'xoxb-a-token-0123456789';

describe('callwire check', () => {
  const folder = workFolder();
  let hamsa: HamsaSimulator;
  let slack: SlackLookalike;
  beforeAll(async () => {
    const world = createWorld({ seed: 3, now: Date.now, history: 12, callsPerMinute: 0 });
    hamsa = await startHamsa({ key: GOOD, world });
    slack = await startSlack({
      token: TOKEN,
      channels: [{ id: 'C0123456789', name: 'voice-ops' }],
    });
    file(
      folder.path,
      'callwire.yaml',
      `connections:
  - { id: clinic, provider: hamsa, key: env:CLINIC_KEY, baseUrl: "${hamsa.url}" }
  - { id: salon, provider: hamsa, key: env:SALON_KEY, baseUrl: "${hamsa.url}" }
destinations:
  - { id: ops, kind: slack, token: env:SLACK, channel: "#voice-ops", baseUrl: "${slack.apiUrl}" }
routes:
  - { id: everything, to: [ops] }
`,
    );
  });
  afterAll(async () => {
    await Promise.all([hamsa.close(), slack.close()]);
    folder.remove();
  });
  const check = (env: Record<string, string>, ...options: string[]) =>
    callwire(['check', ...options], { cwd: folder.path, env });

  it('names the one connection with a wrong key and its variable; the others are ok', async () => {
    const ended = await check({ CLINIC_KEY: GOOD, SALON_KEY: BAD, SLACK: TOKEN }, '--json');

    expect(ended.status).toBe(1);
    const { findings, ...counts } = reportIn(ended);
    const trouble = [findings].flat().filter((each) => Object(each).state !== 'ok');
    expect(trouble).toEqual([
      {
        subject: 'connections/salon',
        state: 'wrong',
        what: 'key',
        why: 'hamsa refuses env:SALON_KEY',
        fix: 'Give the variable SALON_KEY the right one: export SALON_KEY=…',
      },
    ]);
    expect(counts).toMatchObject({ warnings: 0, wrong: 1 });
    expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/a-bad-key|a-good-key|xoxb-a-token/);
    expect(ended.stderr).toContain('checked connections/clinic');
    expect(slack.messages()).toEqual([]);
  });

  it('says in words that all is well', async () => {
    const ended = await check({ CLINIC_KEY: GOOD, SALON_KEY: GOOD, SLACK: TOKEN });

    expect(ended.status).toBe(0);
    expect(ended.stdout).toContain(
      'connections/salon\n  ok       key      hamsa accepts env:SALON_KEY',
    );
    expect(ended.stdout).toMatch(/\d+ ok, 0 to be thought about, 0 wrong\.\n$/);
    expect(isPlain(ended.stdout)).toBe(true);
  });

  it('says of a deployment who has to sign in, and which keys it could not read', async () => {
    const ended = await check({}, '--stack', 'Callwire', '--json');

    expect(ended.status).toBe(1);
    const { findings } = reportIn(ended);
    expect(findings).toMatchObject([
      { subject: 'callwire.yaml', state: 'ok' },
      { subject: 'connections/clinic', what: 'key', state: 'wrong' },
      { subject: 'connections/salon', what: 'key', state: 'wrong' },
      { subject: 'destinations/ops', what: 'token', state: 'wrong' },
      { subject: 'stack Callwire', what: 'stack', state: 'wrong' },
    ]);
    expect(ended.stdout).toContain('secret:callwire/providers/<name>#<key>');
    expect(ended.stdout).toContain('No AWS region is chosen');
  });

  it('says where a file is wrong, and asks nobody', async () => {
    file(
      folder.path,
      'wrong.yaml',
      'connections:\n  - { id: clinic, provider: hamza, key: env:K }\n',
    );
    const asked = hamsa.counts().list;

    const ended = await check({}, '--config', 'wrong.yaml', '--json');

    expect(ended.status).toBe(1);
    expect(reportIn(ended).findings).toMatchObject([
      {
        subject: 'wrong.yaml',
        state: 'wrong',
        why: 'line 2, connections[0].provider: "hamza" is not a provider',
        fix: 'Did you mean "hamsa"?',
      },
    ]);
    expect(hamsa.counts().list).toBe(asked);
  });
});
