import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { synthesize } from '../../lib/cli/synthesize.ts';
import { stableId } from '../../lib/hash.ts';
import { type HamsaSimulator, startHamsa } from '../../lib/local/simulators/hamsa.ts';
import { preciseNow } from '../../lib/local/simulators/loopback.ts';
import { createRandom } from '../../lib/local/simulators/random.ts';
import { type SlackLookalike, startSlack } from '../../lib/local/simulators/slack.ts';
import { createWorld } from '../../lib/local/simulators/world.ts';
import { ask, kill, startProcess } from '../support/local-lives.ts';
import type { LocalProcessOrder } from '../support/local-process.ts';

const CONNECTION = 'clinic';
const KEYS = { hamsa: 'key-1', slack: 'xoxb-1' };
const SECRETS = {
  'callwire/providers/test': JSON.stringify({ hamsa: KEYS.hamsa }),
  'callwire/destinations/slack/test': JSON.stringify({ token: KEYS.slack }),
};
/** What becomes of each call; they are looked up by name, which takes one more step than by id. */
const CHANNELS = [
  { id: 'C0COMPLETED', name: 'completed' },
  { id: 'C000FAILED0', name: 'failed' },
];
const CALLS_PER_LIFE = 3;
/** Longer than a delivery's lease: nobody but a dead process can hold one afterwards. */
const PAUSE_MS = 70_000;

/**
 * How each life of the process ends; a fourth is killed when all is delivered. `sending`: Slack has
 * the message and has not answered yet. `any`: some time after the first poll.
 */
const LIVES = ['sending', 'any', 'sending'] as const;
/** For what takes a second when nobody else needs the processors. */
const PATIENCE = { timeout: 45_000, interval: 100 };

const config = (hamsa: HamsaSimulator, slack: SlackLookalike): LocalProcessOrder['config'] => ({
  connections: [
    {
      id: CONNECTION,
      provider: 'hamsa',
      key: 'secret:callwire/providers/test#hamsa',
      baseUrl: hamsa.url,
      poll: { every: '1s', max: '1s' },
      firstRun: 'baseline',
    },
  ],
  destinations: CHANNELS.map(({ name }) => ({
    id: name,
    kind: 'slack',
    token: 'secret:callwire/destinations/slack/test#token',
    channel: `#${name}`,
    baseUrl: slack.apiUrl,
  })),
  routes: CHANNELS.map(({ name }) => ({
    id: name,
    when: { type: [`call.${name}`] },
    to: [name],
  })),
});

it('tells each outcome once, however often the whole process is killed', async () => {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
  const context = `CRASH_SEED=${seed}`;
  const random = createRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'test-crash-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { assembly } = await synthesize();

  let aheadMs = 0;
  const now = () => preciseNow() + aheadMs;
  const world = createWorld({
    seed,
    now,
    callsPerMinute: 0,
    history: 6,
    lifetimeSeconds: [0.3, 2],
    enrichSeconds: [0.2, 1],
  });
  const hamsa = await startHamsa({ key: KEYS.hamsa, world });
  onTestFinished(hamsa.close);
  const slack = await startSlack({
    token: KEYS.slack,
    channels: CHANNELS,
    now,
    faults: { slowAnswerMs: 3_000 },
  });
  onTestFinished(slack.close);

  const begin = async (): Promise<ChildProcess> => {
    const polls = hamsa.counts().list;
    const child = startProcess({
      assembly,
      aheadMs,
      dataFile: join(folder, 'callwire.db'),
      config: config(hamsa, slack),
      secrets: SECRETS,
    });
    await expect.poll(() => hamsa.counts().list, PATIENCE).toBeGreaterThan(polls);
    return child;
  };

  const spawned: string[] = [];
  for (const end of LIVES) {
    const child = await begin();
    spawned.push(...Array.from({ length: CALLS_PER_LIFE }, () => world.spawn().id));
    if (end === 'sending') {
      const told = slack.messages().length;
      slack.faults.slowAnswer = 1;
      await expect.poll(() => slack.messages().length, PATIENCE).toBeGreaterThan(told);
    } else {
      await delay(random.between(300, 2_500));
    }
    await kill(child);
    slack.faults.slowAnswer = 0;
    if (random.next() < 0.5) aheadMs += PAUSE_MS;
  }

  aheadMs += PAUSE_MS;
  const child = await begin();
  const stateOf = async () => (await ask(child, 'report')).deliveries.map(({ state }) => state);
  const allDelivered = spawned.map(() => 'delivered');
  await expect.poll(stateOf, { ...PATIENCE, message: context }).toEqual(allDelivered);
  await kill(child);

  // What a killed life has left in the queues as well, once more, is dropped now.
  aheadMs += PAUSE_MS;
  const { drained, deliveries } = await ask(await begin(), 'finish');

  const calls = hamsa.truth().filter(({ id }) => spawned.includes(id));
  const due = calls.map(({ id, status }) => {
    const name = ['COMPLETED', 'FORWARDED'].includes(status) ? 'completed' : 'failed';
    return `#${name} ${stableId(CONNECTION, id, `call.${name}`)}`;
  });
  const told = slack
    .messages()
    .map(({ channelName, metadata }) => `#${channelName} ${Object(metadata?.event_payload).id}`);
  expect(told.toSorted(), context).toEqual(due.toSorted());
  expect(due, context).toHaveLength(spawned.length);
  expect(drained, context).toBe(true);
  expect(
    deliveries.map(({ state }) => state),
    context,
  ).toEqual(allDelivered);
  expect(slack.violations(), context).toEqual([]);
}, 180_000);
