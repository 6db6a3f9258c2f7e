import { afterAll, describe, expect, it } from 'vitest';
import { readConfigFile, readConfigText } from '../../lib/cli/read-config.ts';
import { checkDeployable, localEnvironment } from '../../lib/cli/secret-references.ts';
import { file, workFolder } from './callwire.ts';

const yaml = (key: string, token: string) => `connections:
  - { id: clinic, provider: hamsa, key: "${key}" }
  - { id: shop, provider: hamsa, key: "${key}" }
destinations:
  - { id: ops, kind: slack, token: "${token}", channel: "#ops" }
routes:
  - { id: all, to: [ops] }
`;

const config = (key: string, token: string) => readConfigText(yaml(key, token), 'test.yaml');

describe('reading a configuration', () => {
  const folder = workFolder();
  afterAll(folder.remove);

  it('reads a file with what this version can do', () => {
    const path = file(folder.path, 'callwire.yaml', yaml('env:KEY', 'env:TOKEN'));

    expect(readConfigFile(path).connections.map(({ id }) => id)).toEqual(['clinic', 'shop']);
  });

  it('says what to do when there is no file', () => {
    expect(() => readConfigFile('no-such.yaml')).toThrow(
      'There is no readable file no-such.yaml. Name one with --config, or try `npm run demo`',
    );
  });

  it('names line and fix of what is wrong in it', () => {
    expect(() => config('env:KEY', 'xoxb-secret')).toThrow(
      /^test\.yaml:5:\d+ {2}destinations\[0\]\.token .*Never write a secret here/,
    );
  });
});

describe('the variables of a local run', () => {
  it('are those that the configuration names', () => {
    const env = { KEY: 'k', TOKEN: 't', OTHER: 'o' };

    expect(localEnvironment(config('env:KEY', 'env:TOKEN'), env)).toEqual({ KEY: 'k', TOKEN: 't' });
  });

  it('are asked for all at once where they are not set, or empty', () => {
    expect(() => localEnvironment(config('env:KEY', 'env:TOKEN'), { TOKEN: '' })).toThrow(
      [
        'connections/clinic, key: the variable KEY is not set. Set it first: export KEY=…',
        'connections/shop, key: the variable KEY is not set. Set it first: export KEY=…',
        'destinations/ops, token: the variable TOKEN is not set. Set it first: export TOKEN=…',
      ].join('\n'),
    );
  });

  it('stand in for secrets that only AWS can read', () => {
    const onAws = config('secret:callwire/providers/main#hamsa', 'env:TOKEN');

    expect(() => localEnvironment(onAws, { TOKEN: 't' })).toThrow(
      'connections/clinic, key: secret:callwire/providers/main#hamsa can be read on AWS only. Here, write env:NAME.',
    );
  });
});

describe('the secrets of a deployment', () => {
  const KEY = 'secret:callwire/providers/main#hamsa';
  const TOKEN = 'secret:callwire/destinations/slack/main#token';

  it('may be where the functions that need them can read', () => {
    expect(() => checkDeployable(config(KEY, TOKEN))).not.toThrow();
  });

  it.each([
    ['a variable', 'env:KEY', TOKEN],
    ["another function's folder", TOKEN, TOKEN],
    ['a folder of nobody', 'secret:callwire/main#hamsa', TOKEN],
    ["another kind's folder", KEY, 'secret:callwire/destinations/slackers/main#token'],
  ])('may not be in %s', (_where, key, token) => {
    expect(() => checkDeployable(config(key, token))).toThrow(
      /write secret:callwire\/\S+<name>#<key>/,
    );
  });
});

describe('a destination of a deployment', () => {
  it('may not be on the machine that delivers', () => {
    const hook = { id: 'own', kind: 'webhook', secret: 'secret:callwire/destinations/webhook/a#b' };
    const told = (more: object) => ({
      ...config('secret:callwire/providers/a#b', 'secret:callwire/destinations/slack/a#b'),
      destinations: [{ ...hook, ...more }],
    });

    expect(() => checkDeployable(told({}))).not.toThrow();
    expect(() => checkDeployable(told({ allowLoopback: true }))).toThrow(
      'destinations/own, allowLoopback is for local runs. Leave it out.',
    );
  });
});
