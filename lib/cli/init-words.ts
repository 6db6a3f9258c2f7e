import { destinations as kinds } from '../destinations/index.ts';
import type { NewConfig } from './init-file.ts';

interface Needed {
  readonly reference: string;
  /** What its value looks like in a shell. */
  readonly value: string;
}

/** Every secret that a configuration refers to, once. */
function neededBy({ connection, destinations }: NewConfig): Needed[] {
  const ofDestinations = destinations.flatMap(({ kind, settings }) => {
    const definition = kinds.find((each) => each.kind === kind);
    const questions = definition?.setup?.flatMap((way) => way.questions) ?? [];
    return settings.flatMap(([name, reference]): Needed[] => {
      const question = questions.find(({ setting, secret }) => setting === name && secret);
      const isSecret = definition?.secrets.includes(name) ?? false;
      return isSecret ? [{ reference, value: question?.secret?.value ?? '…' }] : [];
    });
  });
  const all = [{ reference: connection.key, value: '…' }, ...ofDestinations];
  return [...new Map(all.map((each) => [each.reference, each])).values()];
}

/** What has to be given a value before it runs. */
export function lackingOf(config: NewConfig): { variables: string[]; secrets: string[] } {
  const references = neededBy(config).map(({ reference }) => reference);
  const behind = (kind: string) =>
    references.flatMap((each) => (each.startsWith(kind) ? [each.slice(kind.length)] : []));
  return { variables: behind('env:'), secrets: behind('secret:') };
}

/** What to do next, for people. */
export function nextLines(file: string, config: NewConfig): string[] {
  const named = file === 'callwire.yaml' ? '' : ` --config ${file}`;
  const variables = neededBy(config).flatMap(({ reference, value }) => {
    const [, name] = /^env:(.+)$/.exec(reference) ?? [];
    return name === undefined ? [] : [`  export ${name}=${value}`];
  });
  const { secrets } = lackingOf(config);
  return [
    `${file} is written. It holds no key.`,
    ...(variables.length === 0 ? [] : ['Set these variables:', ...variables]),
    ...(secrets.length === 0
      ? []
      : [
          'Keep these in AWS Secrets Manager, as <secret>#<key of the JSON in it>:',
          ...secrets.map((secret) => `  ${secret}`),
        ]),
    'Then:',
    `  npx callwire check${named}${variables.length === 0 ? ' --stack Callwire' : ''}`,
    variables.length === 0 ? `  npx callwire apply${named}` : `  npx callwire run${named}`,
  ];
}
