import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askLines } from '../../lib/cli/ask-lines.ts';
import { askTerminal } from '../../lib/cli/ask-terminal.ts';
import { type Asker, InterruptedError } from '../../lib/cli/asking.ts';
import { fileOf } from '../../lib/cli/init-file.ts';
import { askConfig, type Said } from '../../lib/cli/init-questions.ts';
import { lackingOf } from '../../lib/cli/init-words.ts';
import { readCallwireFile } from '../../lib/config/callwire-file.ts';
import { destinations } from '../../lib/destinations/index.ts';
import { providers } from '../../lib/providers/index.ts';

const NOTHING: Said = { to: [], set: [] };

const answering = (...lines: string[]): Asker => askLines(lines, () => {});
const nobody = answering();

const read = (text: string) =>
  readCallwireFile(text, { file: 'callwire.yaml', providers, destinations });

/** A terminal whose person presses these keys, each after something was shown. */
function terminal(...keys: string[]): Asker {
  const input = new PassThrough();
  const output = new PassThrough();
  output.on('data', () => {
    const key = keys.shift();
    if (key !== undefined) setImmediate(() => input.write(key));
  });
  return askTerminal(input, output);
}

describe('a first configuration', () => {
  const ALL: Said = {
    provider: 'hamsa',
    connection: 'clinic-riyadh',
    region: 'SA',
    to: ['slack-webhook', 'hubspot'],
    set: [
      'slack.channel=#voice-ops',
      'webhook.url=https://example.com/hook',
      'salesforce.url=https://acme.my.salesforce.com',
      'salesforce.clientId=3MVG9VwZxxW3bBQjhE6m21CG2nSS4WC',
    ],
  };

  it.each(['env', 'secrets'] as const)(
    'is read by what will run it, with keys in %s',
    async (keys) => {
      const { config } = read(fileOf(await askConfig(nobody, { ...ALL, keys })));

      expect(config.connections).toMatchObject([
        { id: 'clinic-riyadh', provider: 'hamsa', phoneRegion: 'SA' },
      ]);
      expect(new Set(config.destinations.map(({ kind }) => kind))).toEqual(
        new Set(destinations.filter(({ setup }) => setup).map(({ kind }) => kind)),
      );
      expect(config.routes).toMatchObject([
        { id: 'failures-to-people', to: ['ops', 'ops-slack'], continue: true },
        { id: 'outcomes-to-systems', to: ['crm', 'own', 'sales'] },
      ]);
    },
  );

  it('tells which variables are to be set, each once', async () => {
    const { variables, secrets } = lackingOf(await askConfig(nobody, ALL));

    expect(variables.toSorted()).toEqual([
      'HAMSA_API_KEY',
      'HOOK_SECRET',
      'HUBSPOT_TOKEN',
      'SALESFORCE_SECRET',
      'SLACK_BOT_TOKEN',
      'SLACK_WEBHOOK',
    ]);
    expect(secrets).toEqual([]);
  });

  it('names every kind of destination by words of its own, and asks for settings that it has', () => {
    const ways = destinations.flatMap((kind) =>
      (kind.setup ?? []).map((way) => [kind, way] as const),
    );
    const names = ways.map(([, { name }]) => name);

    expect(new Set(names).size).toBe(names.length);
    for (const [{ kind, secrets, settings }, { id, questions }] of ways) {
      const written = Object.fromEntries(
        questions.map(({ setting, secret, example }) => [
          setting,
          secret ? `env:${secret.variable}` : (example ?? ''),
        ]),
      );
      expect(settings.safeParse({ id, kind, ...written }).error).toBeUndefined();
      expect(questions.filter(({ secret }) => secret).map(({ setting }) => setting)).toEqual(
        questions.map(({ setting }) => setting).filter((setting) => secrets.includes(setting)),
      );
    }
  });

  it.each(['sk-live-0123456789abcdef', 'hamsa_api_key', 'env:with-a-dash', 'env:lower'])(
    'does not take %s for the place of a key, and does not repeat it',
    async (key) => {
      const asked = askConfig(nobody, { ...ALL, key });

      await expect(asked).rejects.toThrow('never the key itself');
      await expect(asked).rejects.not.toThrow(key);
    },
  );

  it.each<[string, Partial<Said>, string]>([
    ['no provider', {}, 'Say it with --provider'],
    ['another provider', { provider: 'hamza' }, 'Write one of: '],
    ['a name that is no id', { provider: 'hamsa', connection: 'My Clinic' }, 'lower-case letters'],
    ['no channel', { provider: 'hamsa', to: ['slack'] }, '--set slack.channel=…'],
    ['another setting', { provider: 'hamsa', set: ['slack.chanel=#a'] }, 'slack.channel?'],
    ['another destination', { provider: 'hamsa', to: ['teams'] }, 'slack-webhook'],
    ['a channel of two words', { provider: 'hamsa', set: ['slack.channel=voice ops'] }, 'must be'],
  ])('needs another answer for %s', async (_what, said, hint) => {
    await expect(askConfig(nobody, { ...NOTHING, ...said })).rejects.toThrow(hint);
  });

  it('takes its answers from lines, and what is proposed for empty ones', async () => {
    const lines = ['samva', '', 'env', '', '', 'slack, webhook', '', '#calls'];

    const config = await askConfig(
      answering(...lines, 'https://example.com/in', 'env:OWN_SECRET', 'n'),
      NOTHING,
    );

    expect(config).toMatchObject({
      connection: { id: 'samva-main', provider: 'samva', key: 'env:SAMVA_API_KEY' },
      destinations: [
        { id: 'ops', kind: 'slack' },
        { id: 'own', kind: 'webhook' },
      ],
      failuresToPeople: false,
      everythingToSystems: true,
    });
    expect(read(fileOf(config)).config.routes.map(({ id }) => id)).toEqual(['outcomes-to-systems']);
  });
});

describe('a person at a terminal', () => {
  const question = { ask: 'Which?', flag: '--which' };
  const choices = [
    { value: 'a', label: 'A' },
    { value: 'b', label: 'B' },
  ];

  it('chooses, marks, writes and confirms by keys', async () => {
    expect(await terminal('\x1b[B', '\r').choose(question, choices)).toBe('b');
    expect(await terminal(' ', '\r').several(question, choices)).toEqual(['a']);
    expect(await terminal('x', '\r').text(question, { problem: () => undefined })).toBe('x');
    expect(await terminal('n').confirm(question, true)).toBe(false);
  });

  it('takes what is proposed by enter alone', async () => {
    const rules = { otherwise: 'env:KEY', problem: () => undefined };

    expect(await terminal('\r').text(question, rules)).toBe('env:KEY');
    expect(await terminal('\r').confirm(question, true)).toBe(true);
  });

  it('leaves by Ctrl-C at any question', async () => {
    const rules = { problem: () => undefined };

    await expect(terminal('\x03').choose(question, choices)).rejects.toThrow(InterruptedError);
    await expect(terminal('\x03').several(question, choices)).rejects.toThrow(InterruptedError);
    await expect(terminal('\x03').text(question, rules)).rejects.toThrow(InterruptedError);
    await expect(terminal('\x03').confirm(question, true)).rejects.toThrow(InterruptedError);
  });
});
