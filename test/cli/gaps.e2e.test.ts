import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../lib/local/database.ts';
import { startHamsaStandIn } from '../support/hamsa-stand-in.ts';
import type { Listening } from '../support/listen.ts';
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts';
import { callwire, type Ended, file, workFolder } from './callwire.ts';

const ENV = { HAMSA_KEY: 'right', SLACK_TOKEN: 'xoxb-stand-in' };
const HOUR_MS = 3_600_000;

/** Of a connection that is polled each second, calls are looked at when they are so old, and a second. */
const LOOKED_AT_MS = 900_000;

describe('a call whose delivery was lost on its way', () => {
  const folder = workFolder();
  const data = join(folder.path, 'data');
  const opened: Listening[] = [];
  let slack: SlackStandIn;
  let again: Ended;
  let before: number;

  beforeAll(async () => {
    slack = await startSlackStandIn(ENV.SLACK_TOKEN);
    // Between the looks of the two runs, however long the first one takes to begin.
    const createdAt = () => new Date(Date.now() - LOOKED_AT_MS + 2_000).toISOString();
    let at: string | undefined;
    const hamsa = await startHamsaStandIn(ENV.HAMSA_KEY, () => {
      at ??= createdAt();
      return [
        { id: 'lost', createdAt: at, status: 'COMPLETED', channelType: 'Telephone', duration: 1 },
      ];
    });
    opened.push(slack, hamsa);
    const config = file(
      folder.path,
      'callwire.yaml',
      `connections:
  - { id: clinic, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa.url}", poll: { every: 1s, max: 1s }, firstRun: all }
destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slack.apiUrl}" }
  - { id: calls, kind: slack, token: env:SLACK_TOKEN, channel: "#calls", baseUrl: "${slack.apiUrl}" }
routes:
  - { id: trouble, when: { type: delivery.failing }, to: [ops] }
  - { id: calls, to: [calls] }
`,
    );
    const run = () =>
      callwire(['run', '--config', config, '--data', data, '--seconds', '9', '--json'], {
        env: ENV,
      });

    await run();
    before = slack.posted.length;
    const db = openDatabase(join(data, 'callwire.db'));
    const changed = [
      `DELETE FROM dynamodb_row WHERE item ->> '$.subject.S' = 'clinic#lost'`,
      // Recorded an hour ago, by routes of before.
      `UPDATE dynamodb_row SET item = json_set(item, '$.recordedAt.N', '${Date.now() - HOUR_MS}')
        WHERE item ->> '$.pk.S' = 'clinic#lost' AND item ->> '$.version.N' IS NOT NULL`,
      `UPDATE dynamodb_row SET item = json_remove(item, '$.since') WHERE item ->> '$.pk.S' = 'config#routes'`,
    ].map((sql) => Number(db.prepare(sql).run().changes));
    db.close();
    expect(changed).toEqual([1, expect.any(Number), 1]);
    again = await run();
  }, 180_000);

  afterAll(() => {
    for (const server of opened) server.close();
    folder.remove();
  });

  it('is told by the next look, and people hear that something was not', () => {
    expect(before).toBe(1);
    expect(
      slack.posted
        .slice(before)
        .map(({ channel }) => channel)
        .toSorted(),
    ).toEqual(['#calls', '#ops']);
    expect(slack.posted.find(({ channel }) => channel === '#ops')?.all).toContain('not told');
    expect(again.status).toBe(0);
  });
});
