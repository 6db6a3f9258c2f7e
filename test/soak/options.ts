import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../../lib/cli/exit-status.ts';
import { MINUTE_MS, parseDuration } from '../../lib/time.ts';

export interface SoakOptions {
  readonly forMs: number;
  readonly killEveryMs: number;
  readonly faults: boolean;
  readonly seed: number;
  readonly keep: boolean;
  readonly json: boolean;
}

function minutes(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new InvalidArgumentError('Write a number of minutes: 10 or 0.5.');
}

function duration(text: string): number {
  const ms = parseDuration(text) ?? 0;
  if (ms >= 1_000) return ms;
  throw new InvalidArgumentError('Write a duration of at least a second: 20s or 1m.');
}

function seed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number.');
}

/** What a command line asks for; asks for help or is wrong: the process ends. */
export function soakOptions(args: readonly string[]): SoakOptions {
  const command = new Command('npm run soak --')
    .description(
      'Kills `callwire run` again and again on the same data, and compares what the other side was told with what is true.',
    )
    .option('--minutes <n>', 'for so long', minutes, 10)
    .addOption(
      new Option(
        '--kill-every <duration>',
        'on average; lives last half as long to half as long again',
      )
        .argParser(duration)
        .default(20_000, '20s'),
    )
    .option('--faults', 'everybody on the other side is unreliable as well, in every way', false)
    .option('--seed <n>', 'the moments of the kills; without it, others each time', seed)
    .option('--keep', 'leave the data, and what each life said, where it is', false)
    .option('--json', 'one line of JSON on stdout at the end; all else goes to stderr', false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.cannotBeDone))
    .addHelpText(
      'after',
      `
Examples:
  $ npm run soak
  $ npm run soak -- --minutes 10 --kill-every 20s --json
  $ npm run soak -- --minutes 3 --kill-every 8s --faults --keep

Exit status:
  0  nothing was lost, nothing told twice, and nobody was told faster than allowed
  1  something was, or it could not be compared
  2  what was asked cannot be done`,
    );
  const given = command.parse(args, { from: 'user' }).opts<{
    minutes: number;
    killEvery: number;
    faults: boolean;
    seed?: number;
    keep: boolean;
    json: boolean;
  }>();
  return {
    forMs: given.minutes * MINUTE_MS,
    killEveryMs: given.killEvery,
    faults: given.faults,
    seed: given.seed ?? Date.now() % 1_000_000,
    keep: given.keep,
    json: given.json,
  };
}
