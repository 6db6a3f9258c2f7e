import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../lib/local/database.ts';
import { type HamsaRow, startHamsaStandIn } from '../support/hamsa-stand-in.ts';
import { type Listening, listen } from '../support/listen.ts';
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts';
import { callwire, type Ended, file, isPlain, reportIn, workFolder } from './callwire.ts';

const ENV = { HAMSA_KEY: 'right', WRONG_KEY: 'wrong', SLACK_TOKEN: 'xoxb-stand-in' };

const ARABIC = 'مركز الاتصال 👩‍🚀';

/** A call that is going on at first, and over from the next poll on. */
const ending = (id: string, status: string, facts: Record<string, unknown> = {}) => {
  const createdAt = new Date().toISOString();
  return (ms: number): HamsaRow => ({
    id,
    createdAt,
    status: ms < 500 ? 'IN_PROGRESS' : status,
    agentName: 'Reception',
    channelType: 'Telephone',
    ...(ms >= 500 && { duration: 7 }),
    ...facts,
  });
};

const calls = () =>
  [
    ending('plain', 'COMPLETED'),
    ending('right-to-left', 'COMPLETED', { agentName: ARABIC }),
    ending('shouting', 'FAILED', { agentName: '<!channel> & <@U123>' }),
    ending('huge', 'NO_ANSWER', { agentName: `Huge ${'x'.repeat(300_000)}` }),
    // Of the wrong shape, beside good ones.
    ending('misshapen', 'COMPLETED', { duration: 'seven' }),
  ] as const;

const connection = (id: string, baseUrl: string, key = 'HAMSA_KEY') =>
  `  - { id: ${id}, provider: hamsa, key: "env:${key}", baseUrl: "${baseUrl}", poll: { every: 1s, max: 1s }, firstRun: all }\n`;

const rest = (slack: SlackStandIn) => `destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slack.apiUrl}" }
  - { id: calls, kind: slack, token: env:SLACK_TOKEN, channel: "#calls", baseUrl: "${slack.apiUrl}" }
routes:
  - { id: trouble, when: { type: [connection.failing, provider.drifted] }, to: [ops] }
  - { id: calls, to: [calls] }
`;

/** A server that answers everything with one body. */
const saying = (body: string, contentType: string): Promise<Listening> =>
  listen(
    createServer((_request, response) => {
      response.writeHead(200, { 'content-type': contentType }).end(body);
    }),
  );

describe('callwire run', () => {
  const folder = workFolder();
  const data = join(folder.path, 'data');
  const opened: Listening[] = [];
  let slack: SlackStandIn;
  let troubled: Ended;
  let again: Ended;
  let looked: Ended[];
  let republished: Ended;
  let postedAtFirst: number;
  let postedAgain: number;
  let canaries: unknown[];

  const day = (offset: number) =>
    new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const ofClinic = ['--connection', 'clinic', '--from', day(-1), '--to', day(2)];

  beforeAll(async () => {
    slack = await startSlackStandIn(ENV.SLACK_TOKEN);
    const rows = calls();
    const hamsa = await startHamsaStandIn(ENV.HAMSA_KEY, (ms) => rows.map((row) => row(ms)));
    const html = await saying('<html>Please sign in</html>', 'text/html');
    const refusing = await saying('{"success":false,"message":"no"}', 'application/json');
    const gone = await saying('', 'text/plain');
    gone.close();
    opened.push(slack, hamsa, html, refusing);

    const good = `connections:\n${connection('clinic', hamsa.url)}`;
    const bad =
      connection('wrong-key', hamsa.url, 'WRONG_KEY') +
      connection('dead-host', gone.url) +
      connection('web-page', html.url) +
      connection('refused', refusing.url);
    const troubledConfig = file(folder.path, 'troubled.yaml', good + bad + rest(slack));
    const goodConfig = file(folder.path, 'good.yaml', good + rest(slack));
    const run = (config: string, seconds: string) =>
      callwire(['run', '--config', config, '--data', data, '--seconds', seconds, '--json'], {
        env: ENV,
      });

    troubled = await run(troubledConfig, '14');
    postedAtFirst = slack.posted.length;
    const rare = readFileSync(goodConfig, 'utf8').replaceAll('1s', '24h');
    again = await run(file(folder.path, 'rare.yaml', rare), '5');
    postedAgain = slack.posted.length;

    const db = openDatabase(join(data, 'callwire.db'));
    const forgotten = db
      .prepare(`DELETE FROM dynamodb_row
        WHERE item ->> '$.state.S' = 'delivered' AND item ->> '$.subject.S' = 'clinic#plain'`)
      .run();
    canaries = db
      .prepare(`SELECT item ->> '$.state.S' AS state FROM dynamodb_row
        WHERE item ->> '$.destination.S' = 'canary'`)
      .all();
    db.close();
    expect(forgotten.changes).toBe(1);
    const here = ['--data', data, '--json'];
    const inFile = [...here, '--config', goodConfig];
    const looks = [
      ['attention', ...here],
      ['webhooks', 'list', ...here],
      ['silence', '--list', ...inFile],
      ['replay', ...ofClinic, '--dry-run', ...inFile],
      ['remap', '--connection', 'clinic', '--dry-run', ...inFile],
      ['calls', 'show', 'plain', ...here],
      ['trace', 'plain', ...here],
    ];
    // One by one: what applies the configuration has the folder for itself.
    looked = [];
    for (const args of looks) looked.push(await callwire(args));
    republished = await callwire(['republish', ...ofClinic, ...inFile], { env: ENV });
  }, 180_000);

  afterAll(() => {
    for (const server of opened) server.close();
    folder.remove();
  });

  const told = (channel: string) => slack.posted.filter((post) => post.channel === channel);

  it('tells Slack once of each call that ended, whatever is wrong elsewhere', () => {
    const outcomes = told('#calls').slice(0, 4);

    expect(outcomes.map(({ text }) => text).sort()).toEqual([
      expect.stringContaining('Call completed'),
      expect.stringContaining('Call completed'),
      expect.stringContaining('an error at the provider'),
      expect.stringContaining('no answer'),
    ]);
    expect(reportIn(troubled)).toMatchObject({
      events: { 'call.completed': 2, 'call.failed': 2 },
      lost: null,
      duplicates: null,
      quarantined: 1,
    });
  });

  it('keeps names of any script, and makes nobody ring who is only named', () => {
    const all = told('#calls').map((post) => post.all);

    expect(all.some((text) => text.includes(ARABIC))).toBe(true);
    expect(all.some((text) => text.includes('&lt;!channel&gt;'))).toBe(true);
    expect(all.join('')).not.toContain('<!channel>');
    expect(Math.max(...all.map((text) => text.length))).toBeLessThan(40_000);
  });

  it('names the connections that fail, tells people of them, and ends with status 1', () => {
    const { failing } = reportIn(troubled);

    expect(Object(failing)).toEqual(
      expect.arrayContaining(['dead-host', 'refused', 'web-page', 'wrong-key']),
    );
    expect(Object(failing)).toHaveLength(4);
    expect(troubled.status).toBe(1);
    expect(
      told('#ops')
        .map(({ all }) => all)
        .join(),
    ).toContain('wrong-key');
    expect(troubled.stderr).toMatch(/trouble +wrong-key: key refused/);
  });

  it('says what it watches in plain lines, and leaves nothing in the temporary folder', () => {
    expect(isPlain(troubled.stderr + troubled.stdout)).toBe(true);
    expect(Math.max(...troubled.stderr.split('\n').map((line) => line.length))).toBeLessThan(300);
    expect(troubled.left).toEqual([]);
  });

  it('asks at once in the next run, whenever the next poll would be due', () => {
    expect(reportIn(again)).toMatchObject({ polls: 1 });
  });

  it('announces nothing again in the next run, which is all well without the bad connections', () => {
    expect(reportIn(again)).toMatchObject({ events: {}, failing: [], drained: true });
    expect(again.status).toBe(0);
    expect(postedAgain).toBe(postedAtFirst);
  });

  it('carries a canary of each run to the null destination, which no report counts', () => {
    expect(canaries).toEqual([{ state: 'delivered' }, { state: 'delivered' }]);
    expect(reportIn(again)).toMatchObject({ calls: 4, resent: 0 });
    expect(again.stderr).not.toContain('canary');
  });

  it('is looked at when nothing runs without being started for that', () => {
    const whatRuns = looked.map(({ stderr }) => stderr).filter((said) => said.includes('start'));

    expect(whatRuns).toEqual([]);
    expect(looked.map(reportIn)).toMatchObject([
      { entries: [] },
      { webhooks: [] },
      { silences: [] },
      { dryRun: true, calls: 4, to: { calls: { known: 3 } } },
      { dryRun: true, calls: { same: 4 }, recorded: 0 },
      { call: { connection: 'clinic', id: 'plain' } },
      { known: true, nextPollAt: null },
    ]);
    expect(looked.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  it('republishes all of it, and tells only what was lost on its way', () => {
    expect(reportIn(republished)).toMatchObject({
      calls: 4,
      refused: 0,
      delivered: 1,
      drained: true,
    });
    expect(Number(reportIn(republished).events)).toBeGreaterThanOrEqual(4);
    expect(republished.status).toBe(0);

    expect(slack.posted).toHaveLength(postedAgain + 1);
    const last = slack.posted.at(-1);
    expect(told('#calls').filter(({ all }) => all === last?.all)).toHaveLength(2);
  });
});
