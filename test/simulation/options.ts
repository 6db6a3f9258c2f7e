import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../../lib/cli/exit-status.ts';

export interface SimulateOptions {
  readonly seeds: number;
  readonly from: number;
  /** One seed only, to look at. */
  readonly seed: number | undefined;
  readonly trace: boolean;
  readonly mutants: boolean;
  readonly json: boolean;
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number.');
}

/** What a command line asks for; asks for help or is wrong: the process ends. */
export function simulateOptions(args: readonly string[]): SimulateOptions {
  const command = new Command('npm run simulate --')
    .description(
      'Runs the sync engine on a virtual clock, in worlds where everything goes wrong that can, and compares what it announced with what is true.',
    )
    .option('--seeds <n>', 'so many worlds, each lasting more than a day', whole, 200)
    .option('--from <n>', 'the first of them', whole, 1)
    .option('--seed <n>', 'this one only', whole)
    .option('--trace', 'with --seed: every step of it', false)
    .option('--mutants', 'plant bugs into copies of the engine, and see each of them found', false)
    .option('--json', 'one line of JSON on stdout at the end; all else goes to stderr', false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.cannotBeDone))
    .addHelpText(
      'after',
      `
Examples:
  $ npm run simulate
  $ npm run simulate -- --seeds 2000 --json
  $ npm run simulate -- --seed 1234 --trace
  $ npm run simulate -- --mutants --json

Exit status:
  0  every promise was kept in every world; with --mutants, every planted bug was found
  1  one was not: which, with the command that shows it again, is printed
  2  what was asked cannot be done`,
    );
  const given = command.parse(args, { from: 'user' }).opts<{
    seeds: number;
    from: number;
    seed?: number;
    trace: boolean;
    mutants: boolean;
    json: boolean;
  }>();
  return { ...given, seed: given.seed };
}
