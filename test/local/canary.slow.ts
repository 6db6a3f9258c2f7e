import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { synthesize } from '../../lib/cli/synthesize.ts';
import { preciseNow } from '../../lib/local/simulators/loopback.ts';
import { type SlackLookalike, startSlack } from '../../lib/local/simulators/slack.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { ask, kill, startProcess } from '../support/local-lives.ts';
import type { LocalProcessOrder } from '../support/local-process.ts';

const TOKEN = 'xoxb-1';
const SECRETS = { 'callwire/destinations/slack/test': JSON.stringify({ token: TOKEN }) };
/** For what takes seconds when nobody else needs the processors. */
const PATIENCE = { timeout: 90_000, interval: 100 };
/** From one canary to the next. */
const QUARTER_MS = 15 * MINUTE_MS;

const configOf = (slack: SlackLookalike): LocalProcessOrder['config'] => ({
  connections: [],
  destinations: [
    {
      id: 'ops',
      kind: 'slack',
      token: 'secret:callwire/destinations/slack/test#token',
      channel: '#ops',
      baseUrl: slack.apiUrl,
    },
  ],
  routes: [
    { id: 'trouble', when: { type: ['delivery.failing', 'delivery.recovered'] }, to: ['ops'] },
  ],
});

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Properties: z
        .looseObject({
          Description: z.unknown().optional(),
          Environment: z.looseObject({ Variables: z.record(z.string(), z.unknown()) }).optional(),
        })
        .optional(),
    }),
  ),
});

/** A deployment that went wrong: the function of the null destination is given a table that is not there. */
function breakCanary(assembly: string): void {
  const path = join(assembly, 'Callwire.template.json');
  const template = templateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const all = Object.values(template.Resources);
  const deliver = all.find(
    ({ Properties }) => Properties?.Description === 'Tells canary destinations',
  );
  const variables = deliver?.Properties?.Environment?.Variables;
  if (!variables) throw new Error('The stack has no function that delivers canaries');
  variables.DELIVERIES_TABLE = 'NoSuchTable';
  writeFileSync(path, JSON.stringify(template));
}

it('tells Slack once that canaries cannot arrive since a deployment, and once that they do again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'test-canary-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [sound, broken] = [join(folder, 'sound'), join(folder, 'broken')];
  const { assembly } = await synthesize();
  for (const copy of [sound, broken]) cpSync(assembly, copy, { recursive: true });
  breakCanary(broken);

  let aheadMs = 0;
  const slack = await startSlack({
    token: TOKEN,
    channels: [{ id: 'C0OPS', name: 'ops' }],
    now: () => preciseNow() + aheadMs,
  });
  onTestFinished(slack.close);
  const told = () => slack.messages().map(({ text }) => text.split('\n')[0]);

  /** The system lives until that is so, and then a quarter of an hour goes by. */
  async function live(
    assembly: string,
    until: (life: ChildProcess, bornAt: number) => Promise<void>,
  ) {
    const config = configOf(slack);
    const dataFile = join(folder, 'callwire.db');
    // Schedules know whole seconds.
    const bornAt = preciseNow() + aheadMs - 1_000;
    const life = startProcess({ assembly, aheadMs, dataFile, config, secrets: SECRETS });
    await until(life, bornAt);
    await kill(life);
    aheadMs += QUARTER_MS;
  }
  /** The canary that this life has sent, not one before it that arrives only now, has gone its way or has not. */
  const untilCanary = (arrived: boolean) => (life: ChildProcess, bornAt: number) => {
    const ofThisLife = async () => {
      const { canary } = await ask(life, 'report');
      return canary && Date.parse(canary.sentAt) >= bornAt ? canary.arrived : undefined;
    };
    return expect.poll(ofThisLife, PATIENCE).toBe(arrived);
  };
  const untilTold = (count: number) => () => expect.poll(told, PATIENCE).toHaveLength(count);

  await live(sound, untilCanary(true));
  await live(broken, untilCanary(false));
  await live(broken, untilTold(1));
  await live(broken, untilCanary(false));
  await live(sound, untilCanary(true));
  await live(sound, async (life, bornAt) => {
    await untilTold(2)();
    await untilCanary(true)(life, bornAt);
  });
  await live(sound, untilCanary(true));

  expect(told()).toEqual([
    expect.stringContaining('Our own test calls do not arrive'),
    expect.stringContaining('Our own test calls arrive again'),
  ]);
}, 400_000);
