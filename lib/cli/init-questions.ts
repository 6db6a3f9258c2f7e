import { closest } from '../config/closest.ts';
import type { SetupQuestion, SetupWay } from '../destinations/destination.ts';
import { destinations as kinds } from '../destinations/index.ts';
import { providers } from '../providers/index.ts';
import type { Asker } from './asking.ts';
import { UserError } from './failure.ts';
import { connectionProblem, settingProblem, whereNotWhat } from './init-answers.ts';
import type { NewConfig, NewDestination } from './init-file.ts';
import { destinationPrefix, PROVIDERS_PREFIX } from './secret-references.ts';

/** What was said already. */
export interface Said {
  readonly provider?: string | undefined;
  readonly connection?: string | undefined;
  readonly keys?: 'env' | 'secrets' | undefined;
  readonly key?: string | undefined;
  readonly region?: string | undefined;
  /** Ways to be told, by their names. */
  readonly to: readonly string[];
  /** `slack.channel=#voice-ops`. */
  readonly set: readonly string[];
}

const WAYS = kinds.flatMap((kind) => (kind.setup ?? []).map((way) => ({ kind, way })));

interface Proposals {
  key(provider: string): string;
  secret(kind: string, question: SetupQuestion): string;
}

const PROPOSALS: Readonly<Record<'env' | 'secrets', Proposals>> = {
  env: {
    key: (provider) => `env:${provider.toUpperCase()}_API_KEY`,
    secret: (_kind, { secret, setting }) => `env:${secret?.variable ?? setting.toUpperCase()}`,
  },
  secrets: {
    key: (provider) => `secret:${PROVIDERS_PREFIX}main#${provider}`,
    secret: (kind, { setting }) => `secret:${destinationPrefix(kind)}main#${setting}`,
  },
};

/** Settings that were said, by way and name. @throws UserError where one is not understood */
function settingsSaid(set: readonly string[]): Map<string, string> {
  return new Map(
    set.map((text): [string, string] => {
      const [, way, setting, value] = /^([\w-]+)\.(\w+)=(.+)$/s.exec(text) ?? [];
      const known = WAYS.find((each) => each.way.name === way)?.way.questions ?? [];
      if (value === undefined || known.every((question) => question.setting !== setting)) {
        const all = WAYS.flatMap(({ way: { name, questions } }) =>
          questions.map((question) => `${name}.${question.setting}`),
        );
        const meant = closest(`${way}.${setting}`, all);
        const hint = meant === undefined ? `One of: ${all.join(', ')}.` : `Did you mean ${meant}?`;
        throw new UserError(`--set takes <destination>.<setting>=<value>. ${hint}`);
      }
      return [`${way}.${setting}`, value];
    }),
  );
}

/** The text if it was said, which is checked as well; else whoever answers is asked. */
async function textOf(
  asker: Asker,
  said: string | undefined,
  ...[question, rules]: Parameters<Asker['text']>
): Promise<string> {
  if (said === undefined) return asker.text(question, rules);
  const problem = rules.problem(said);
  if (problem !== undefined) throw new UserError(`${question.flag}: ${problem}`);
  return said;
}

async function chosen(asker: Asker, said: Said): Promise<readonly string[]> {
  const wanted = [...said.to, ...said.set.map((text) => text.split('.')[0] ?? '')];
  const choices = WAYS.map(({ way: { name, label } }) => ({ value: name, label }));
  const unknown = wanted.find((name) => choices.every(({ value }) => value !== name));
  if (unknown !== undefined) {
    throw new UserError(`--to takes any of: ${choices.map(({ value }) => value).join(', ')}.`);
  }
  if (wanted.length > 0) return [...new Set(wanted)];
  const question = { ask: 'Who is to be told?', flag: '--to' };
  return asker.several(question, choices);
}

async function askDestination(
  asker: Asker,
  name: string,
  said: ReadonlyMap<string, string>,
  { proposals, taken }: { proposals: Proposals; taken: readonly string[] },
): Promise<NewDestination> {
  const found = WAYS.find(({ way }) => way.name === name);
  if (found === undefined) throw new Error(`There is no way ${name}`);
  const { kind, way } = found;
  const settings: [string, string][] = [];
  for (const question of way.questions) {
    const { setting, ask, example, secret } = question;
    const otherwise = secret && proposals.secret(kind.kind, question);
    const problem = secret ? whereNotWhat(otherwise ?? '') : settingProblem(kind, setting);
    const flag = `--set ${name}.${setting}=…`;
    const value = said.get(`${name}.${setting}`);
    const rules = { otherwise, example, problem };
    settings.push([setting, await textOf(asker, value, { ask, flag }, rules)]);
  }
  return { id: idOf(way, taken), kind: kind.kind, audience: kind.audience, settings };
}

const idOf = ({ id, name }: SetupWay, taken: readonly string[]): string =>
  taken.includes(id) ? `${id}-${name}` : id;

/** Asks for everything that was not said. @throws UserError @throws InterruptedError */
export async function askConfig(asker: Asker, said: Said): Promise<NewConfig> {
  const settings = settingsSaid(said.set);
  const ids = providers.map(({ id }) => id);
  if (said.provider !== undefined && !ids.includes(said.provider)) {
    throw new UserError(`--provider: Write one of: ${ids.join(', ')}.`);
  }
  const provider =
    said.provider ??
    (await asker.choose(
      { ask: 'Whose calls are watched?', flag: '--provider' },
      ids.map((id) => ({ value: id, label: id })),
    ));
  const id = await textOf(
    asker,
    said.connection,
    { ask: 'What is this account called here, for ever?', flag: '--connection' },
    { otherwise: `${provider}-main`, problem: connectionProblem('id') },
  );
  const place =
    said.keys ??
    (await asker.choose(
      { ask: 'Where are keys kept?', flag: '--keys' },
      [
        { value: 'env', label: 'in environment variables, for this machine' },
        { value: 'secrets', label: 'in AWS Secrets Manager, for a deployment' },
      ],
      said.key?.startsWith('secret:') ? 'secrets' : 'env',
    ));
  const proposals = PROPOSALS[place === 'secrets' ? 'secrets' : 'env'];
  const otherwise = proposals.key(provider);
  const key = await textOf(
    asker,
    said.key,
    { ask: `Where is the key of ${provider}? (never the key itself)`, flag: '--key' },
    { otherwise, problem: whereNotWhat(otherwise) },
  );
  const region = await textOf(
    asker,
    said.region,
    { ask: 'Country of numbers without a country code? (empty: none)', flag: '--region' },
    {
      otherwise: '',
      example: 'SA',
      problem: (text) => (text === '' ? undefined : connectionProblem('phoneRegion')(text)),
    },
  );
  const destinations: NewDestination[] = [];
  for (const name of await chosen(asker, said)) {
    const taken = destinations.map((each) => each.id);
    destinations.push(await askDestination(asker, name, settings, { proposals, taken }));
  }
  const has = (audience: NewDestination['audience']) =>
    destinations.some((each) => each.audience === audience);
  return {
    connection: { id, provider, key, phoneRegion: region === '' ? undefined : region },
    destinations,
    failuresToPeople:
      has('people') &&
      (await asker.confirm({ ask: 'Tell people of failures?', flag: '--yes' }, true)),
    everythingToSystems:
      has('systems') &&
      (await asker.confirm({ ask: 'Tell systems of every outcome?', flag: '--yes' }, true)),
  };
}
