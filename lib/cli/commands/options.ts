import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT_STATUS_HELP } from '../exit-status.ts';

/** The longest that a timer of Node can wait. */
const MAX_SECONDS = Math.floor((2 ** 31 - 1) / 1000);

export function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(
    `Write a number of seconds up to ${MAX_SECONDS}, with a point: 40 or 2.5.`,
  );
}

export function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value > 0 && value < 65_536) return value;
  throw new InvalidArgumentError('Write a number from 1 to 65535.');
}

/** An instant; a date is its midnight in UTC. */
export function instant(text: string): Date {
  const isWhole = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const at = new Date(isWhole ? text : Number.NaN);
  if (!Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError('Write 2026-01-31 or 2026-01-31T09:00:00Z.');
}

export const help = (...examples: readonly string[]): string =>
  ['', 'Examples:', ...examples.map((line) => `  $ ${line}`), EXIT_STATUS_HELP].join('\n');

export const secondsOption = () =>
  new Option('--seconds <n>', 'stop after so many seconds; without it, at Ctrl-C').argParser(
    seconds,
  );
export const plainOption = () =>
  new Option('--plain', 'one line per happening instead of a picture').default(false);
export const jsonOption = () =>
  new Option('--json', 'one line of JSON on stdout at the end; all else goes to stderr').default(
    false,
  );
export const configOption = () =>
  new Option('-c, --config <file>', 'the configuration').default('callwire.yaml');

/**
 * Loads a command when it is wanted, so that help and hints are there at once. Its status becomes the
 * process's when nothing is left to do, not before.
 */
export const withStatus =
  <Options>(load: () => Promise<(options: Options) => Promise<number>>) =>
  async (options: Options): Promise<void> => {
    const command = await load();
    process.exitCode = await command(options);
  };

export const dataOption = () =>
  new Option('--data <folder>', 'the local data of `callwire run`, which may be running').default(
    '.callwire',
  );
export const stackOption = () =>
  new Option('--stack <name>', 'a CloudFormation stack instead of local data').conflicts('data');

const NEEDED = new WeakSet<Option>();

/** An option that its command cannot do without; see `refuseWhatIsMissing`. */
export function needed(
  flags: string,
  description: string,
  parse?: (text: string) => unknown,
): Option {
  const option = new Option(flags, `${description} (required)`);
  if (parse) option.argParser(parse);
  NEEDED.add(option);
  return option;
}

/** Names all that is missing at once; Commander's own mandatory options cost an attempt each. */
export function refuseWhatIsMissing(program: Command): void {
  program.hook('preAction', (_program, command) => {
    const missing = command.options.filter(
      (option) =>
        NEEDED.has(option) && command.getOptionValue(option.attributeName()) === undefined,
    );
    if (missing.length === 0) return;
    const flags = missing.map((option) => option.flags).join(', ');
    command.error(`error: not given, and required: ${flags}`);
  });
}

/** An option that may be given several times. */
export const collect = (text: string, before: readonly string[]): readonly string[] => [
  ...before,
  text,
];
