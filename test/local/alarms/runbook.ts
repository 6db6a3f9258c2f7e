import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../../../RUNBOOK.md', import.meta.url), 'utf8');

/** Heading → what stands under it. */
export const sections: ReadonlyMap<string, string> = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] ?? '', section]),
);

/** What a person puts where the runbook has an example. */
export interface Given {
  readonly connection?: string;
  readonly destination?: string;
  readonly id?: string;
}

const DAY_MS = 86_400_000;

/** The options of a command that take one of our own values; days are those around now. */
const chosen = (option: string, { connection, destination, id }: Given): string | undefined => {
  const day = (days: number) =>
    new Date(Date.now() + days * DAY_MS).toISOString().replace(/\.\d+/, '');
  const values: Readonly<Record<string, string | undefined>> = {
    '--connection': connection,
    '--destination': destination,
    '--id': id,
    '--from': day(-1),
    '--to': day(0),
    '--since': day(-1),
    '--until': day(1),
  };
  return values[option];
};

/** Each `callwire … --stack …` that stands under a heading, without the stack, in the order of the text. */
export const commandsUnder = (heading: string): string[] =>
  [...(sections.get(heading) ?? '').matchAll(/callwire ([a-z][^`\n#;]*--stack [^`\n#;]*)/g)].map(
    ([, words = '']) =>
      words
        .replace(/--stack ("\$STACK"|\S+)/, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
  );

/** The same words, for the data of this machine. */
export function localArguments(command: string, given: Given): string[] {
  const words = command.split(' ');
  return words.map((word, index) => chosen(words[index - 1] ?? '', given) ?? word);
}

/** The functions whose logs a section sends people to, with `errs`. */
export const logsNamedUnder = (heading: string): string[] =>
  [...(sections.get(heading) ?? '').matchAll(/`errs (\w+)/g)].map(([, name = '']) => name);

/** The lines that a section has people filter a log for: the function's name, and the message. */
export const linesNamedUnder = (heading: string): { log: string; message: string }[] =>
  [
    ...(sections.get(heading) ?? '').matchAll(
      /AWS::Logs::LogGroup (\w+)Logs\)".*?\$\.message = "([^"]+)"/g,
    ),
  ].map(([, log = '', message = '']) => ({ log, message }));
