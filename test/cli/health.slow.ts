import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startHamsa } from '../../lib/local/simulators/hamsa.ts';
import { preciseNow } from '../../lib/local/simulators/loopback.ts';
import type { ProviderSimulator } from '../../lib/local/simulators/provider-simulator.ts';
import { type SlackLookalike, startSlack } from '../../lib/local/simulators/slack.ts';
import { createWorld } from '../../lib/local/simulators/world.ts';
import { type Ended, file, type Running, reportIn, start, workFolder } from './callwire.ts';

const ENV = { HAMSA_KEY: 'right', SLACK_TOKEN: 'xoxb-health' };
const PATIENCE = { timeout: 200_000, interval: 100 };

/** What happens to each connection, and what it is that tells people of it. */
const CONNECTIONS = ['quiet', 'slow', 'expired', 'drifting'] as const;
const TROUBLE = [
  'Connection quiet is failing: no new call for longer than expected',
  'Connection slow is failing: it does not keep up',
  'Connection expired is failing: key refused',
  'hamsa sent a record we cannot read',
];
const ENDS = [
  'Connection quiet has calls again',
  'Connection slow keeps up again',
  'Connection expired works again',
  'Connection drifting can be read whole again',
];

/** Short, and only where it is tried: a busy machine is late by seconds as well. */
const OWN: Partial<Record<(typeof CONNECTIONS)[number], string>> = {
  quiet: ', expectTraffic: 3s',
  slow: ', maxLag: 4s',
};

const connection = (id: (typeof CONNECTIONS)[number], { url }: ProviderSimulator) =>
  `  - { id: ${id}, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${url}", poll: { every: 1s, max: 2s }${OWN[id] ?? ''} }\n`;

const config = (connections: string, slack: SlackLookalike) => `connections:
${connections}destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slack.apiUrl}" }
routes:
  - { id: trouble, when: { type: [connection.failing, connection.recovered, provider.drifted] }, to: [ops] }
`;

/** A provider whose calls come only when the test says so. */
async function startProvider() {
  const world = createWorld({ seed: 1, now: preciseNow, callsPerMinute: 0 });
  return { world, provider: await startHamsa({ key: ENV.HAMSA_KEY, world }) };
}

describe('a running system', () => {
  const folder = workFolder();
  const providers = new Map<string, Awaited<ReturnType<typeof startProvider>>>();
  let slack: SlackLookalike;
  let running: Running | undefined;
  let ended: Ended;
  let isFlowing = true;
  const at = (id: (typeof CONNECTIONS)[number]) => {
    const found = providers.get(id);
    if (!found) throw new Error(`${id} was not started`);
    return found;
  };
  const traffic = setInterval(() => {
    if (isFlowing) providers.get('quiet')?.world.spawn();
  }, 500);
  const told = () => slack.messages().map(({ text }) => text);
  const isTold = (words: readonly string[]) => () => {
    for (const each of words) expect(told().join('\n')).toContain(each);
  };

  beforeAll(async () => {
    slack = await startSlack({
      token: ENV.SLACK_TOKEN,
      channels: [{ id: 'C0OPS', name: 'ops' }],
      now: preciseNow,
    });
    for (const id of CONNECTIONS) providers.set(id, await startProvider());
    const connections = CONNECTIONS.map((id) => connection(id, at(id).provider)).join('');
    const path = file(folder.path, 'callwire.yaml', config(connections, slack));
    running = start(['run', '--config', path, '--data', folder.path, '--json'], { env: ENV });
    await vi.waitFor(() => {
      for (const id of CONNECTIONS) {
        expect(at(id).provider.requests().length).toBeGreaterThan(2);
      }
    }, PATIENCE);
    expect(told()).toEqual([]);

    isFlowing = false;
    Object.assign(at('slow').provider.faults, { slowBody: 1, slowBodyMs: 6_000 });
    Object.assign(at('expired').provider.faults, { refusedKey: 1 });
    Object.assign(at('drifting').provider.faults, { malformed: { wrongType: { times: 1 } } });
    at('drifting').world.spawn();
    await vi.waitFor(isTold(TROUBLE), PATIENCE);

    isFlowing = true;
    Object.assign(at('slow').provider.faults, { slowBody: 0 });
    Object.assign(at('expired').provider.faults, { refusedKey: 0 });
    at('drifting').provider.mend();
    await vi.waitFor(isTold(ENDS), PATIENCE);
    running.child.kill('SIGINT');
    ended = await running.ended;
  }, 600_000);

  afterAll(async () => {
    clearInterval(traffic);
    running?.child.kill('SIGKILL');
    await slack.close();
    for (const { provider } of providers.values()) await provider.close();
    folder.remove();
  });

  it.each([...TROUBLE, ...ENDS])('lets people in Slack know, once, that %s', (words) => {
    const saying = slack.messages().filter(({ text }) => text.includes(words));

    expect(saying.map(({ text }) => text)).toHaveLength(1);
  });

  it('announces each trouble and its end once, and is well when it is stopped', () => {
    expect(ended.status, ended.stderr).toBe(0);
    expect(reportIn(ended)).toMatchObject({
      events: { 'connection.failing': 3, 'connection.recovered': 4, 'provider.drifted': 1 },
      failing: [],
    });
  });
});
