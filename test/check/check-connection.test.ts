import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkConnection } from '../../lib/check/check-connection.ts';
import type { CheckFinding } from '../../lib/check/check-finding.ts';
import { connectionSchema } from '../../lib/config/settings.ts';
import { PermanentError } from '../../lib/errors.ts';
import { createHttpClient } from '../../lib/http.ts';
import { startHamsa } from '../../lib/local/simulators/hamsa.ts';
import type {
  ProviderOptions,
  ProviderSimulator,
} from '../../lib/local/simulators/provider-simulator.ts';
import { startSamva } from '../../lib/local/simulators/samva.ts';
import { startSolum } from '../../lib/local/simulators/solum.ts';
import { startVozagent } from '../../lib/local/simulators/vozagent.ts';
import { createWorld } from '../../lib/local/simulators/world.ts';
import { providerById } from '../../lib/providers/index.ts';

const KEY = 'do-not-leak-0123456789';
const now = () => new Date();

async function started(
  start: (options: ProviderOptions) => Promise<ProviderSimulator>,
  options: Partial<ProviderOptions> = {},
): Promise<ProviderSimulator> {
  const world = createWorld({ seed: 7, now: Date.now, history: 12, callsPerMinute: 0 });
  const simulator = await start({ key: KEY, world, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

const check = (
  provider: string,
  baseUrl: string,
  { key = KEY, ...settings }: Record<string, unknown> & { key?: string | undefined } = {},
) =>
  checkConnection(
    connectionSchema.parse({ id: 'clinic', provider, key: 'env:CLINIC_KEY', baseUrl, ...settings }),
    providerById(provider),
    {
      http: createHttpClient(now),
      now,
      secret: async (reference) => {
        if (reference === 'env:CLINIC_KEY' && key !== '') return key;
        throw new PermanentError('key_missing', `${reference}: the variable is not set`);
      },
    },
  );

const troubleIn = (findings: readonly CheckFinding[]) =>
  findings.filter(({ state }) => state !== 'ok');

describe('a connection that is checked', () => {
  it.each([
    ['hamsa', startHamsa, 'newest first, by createdAt'],
    ['samva', startSamva, 'newest first, by startedAt'],
    ['solum', startSolum, ''],
    ['vozagent', startVozagent, ''],
  ] as const)('has nothing wrong where %s works', async (provider, start, order) => {
    const simulator = await started(start);

    const findings = await check(provider, simulator.url);

    expect(troubleIn(findings)).toEqual([]);
    expect(findings.map(({ what }) => what)).toEqual(['key', 'list', 'record', 'order', 'filter']);
    expect(findings[2]?.why).toMatch(/^call ".+" has the status \w+, outcome (completed|failed)/);
    expect(findings[3]?.why).toContain(order);
    expect(simulator.counts()).toEqual({ list: 1, detail: 0 });
  });

  it('shows of a call what identifies it and no person', async () => {
    const simulator = await started(startHamsa);

    const shown = inspect(await check('hamsa', simulator.url));

    expect(shown).not.toMatch(/\+?\d{8,}(?!-)\b/);
    expect(shown).not.toContain(KEY);
  });

  it('names the variable whose key is refused, and never its value', async () => {
    const simulator = await started(startHamsa);

    const findings = await check('hamsa', simulator.url, { key: 'a-wrong-key' });

    expect(findings).toEqual([
      {
        state: 'wrong',
        what: 'key',
        why: 'hamsa refuses env:CLINIC_KEY',
        fix: 'Give the variable CLINIC_KEY the right one: export CLINIC_KEY=…',
      },
    ]);
  });

  it('says so of a key that no header may hold', async () => {
    const [finding] = await check('hamsa', 'http://127.0.0.1:9', { key: 'pasted\nwith a break' });

    expect(finding).toMatchObject({ state: 'wrong', what: 'key' });
    expect(inspect(finding)).not.toContain('pasted');
  });

  it('names the variable that is not set, and asks nobody', async () => {
    const simulator = await started(startHamsa);

    const findings = await check('hamsa', simulator.url, { key: '' });

    expect(findings).toMatchObject([{ state: 'wrong', fix: 'Set it first: export CLINIC_KEY=…' }]);
    expect(simulator.counts().list).toBe(0);
  });

  it('tells an address that nobody answers from a refusal', async () => {
    const { url, close } = await startHamsa({
      key: KEY,
      world: createWorld({ seed: 1, now: Date.now, callsPerMinute: 0 }),
    });
    await close();

    const findings = await check('hamsa', url);

    expect(findings).toMatchObject([{ state: 'wrong', what: 'list' }]);
    expect(findings[0]?.why).toContain('could not be reached');
    expect(findings[0]?.fix).toContain('baseUrl');
  });

  it.each([
    ['a page of a login form', { htmlPage: 1 }, 'list', 'no JSON'],
    ['a refusal inside a 200', { refusalIn200: 1 }, 'list', 'said no inside a 200'],
    ['records of another shape', { malformed: { wrongType: 1 } }, 'record', '12 of 12 cannot be'],
  ])('takes %s for a changed shape', async (_name, faults, what, why) => {
    const simulator = await started(startHamsa, { faults });

    const findings = await check('hamsa', simulator.url);

    expect(troubleIn(findings)).toMatchObject([{ state: 'wrong', what }]);
    expect(troubleIn(findings)[0]?.why).toContain(why);
    expect(troubleIn(findings)[0]?.fix).toContain('please report it');
  });

  it('takes a limit for no fault of the key', async () => {
    const simulator = await started(startHamsa, {
      faults: { tooManyRequests: 1, retryAfterSeconds: 20 },
    });

    expect(await check('hamsa', simulator.url)).toEqual([
      {
        state: 'warning',
        what: 'list',
        why: 'hamsa asks us to wait',
        fix: 'Check again in 20 s.',
      },
    ]);
  });

  it('shows words that nobody has met, and where to say what they mean', async () => {
    const faults = { malformed: { unknownStatus: 1 } };
    const world = createWorld({ seed: 7, now: Date.now, callsPerMinute: 0 });
    const simulator = await started(startHamsa, { faults, world });
    world.spawn({ endedAt: Date.now() + 600_000 });

    const findings = await check('hamsa', simulator.url);

    expect(troubleIn(findings)).toMatchObject([
      { state: 'warning', what: 'status', why: 'nobody has met the status "RINGING"' },
    ]);
    expect(troubleIn(findings)[0]?.fix).toContain('statusOverrides: { "RINGING": completed }');
  });

  it('warns where a list in no order has no time filter', async () => {
    const simulator = await started(startVozagent, { order: 'shuffled' });

    const findings = await check('vozagent', simulator.url);

    expect(troubleIn(findings)).toMatchObject([{ state: 'warning', what: 'order' }]);
  });

  it('names the secrets of webhooks that lead to nothing', async () => {
    const simulator = await started(startHamsa);

    const webhook = { secrets: ['env:CLINIC_KEY', 'env:OTHER'] };
    const findings = await check('hamsa', simulator.url, { webhook });

    expect(troubleIn(findings)).toMatchObject([
      { state: 'wrong', what: 'webhook', fix: 'Set it first: export OTHER=…' },
    ]);
  });
});
