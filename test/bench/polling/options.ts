import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../../../lib/cli/exit-status.ts';

export interface BenchOptions {
  readonly seeds: number;
  readonly from: number;
  readonly quick: boolean;
  readonly json: boolean;
  readonly svg?: string;
}

function seeds(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number, such as 5.');
}

/** What a command line asks for; asks for help or is wrong: the process ends. */
export function benchOptions(args: readonly string[]): BenchOptions {
  const command = new Command('npm run bench:polling --')
    .description(
      'Compares strategies of polling on the same calls: how many requests each takes per final call, and how late it sees the end. Callwire runs its production code on a virtual clock.',
    )
    .option('--seeds <n>', 'how many different traces', seeds, 5)
    .option('--from <n>', 'the first of them', seeds, 1)
    .option('--quick', 'a tenth of the connections, judged by nothing: to see that it works', false)
    .option('--svg <file>', 'draw the result into a file')
    .option('--json', 'one line of JSON on stdout at the end; all else goes to stderr', false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.cannotBeDone))
    .addHelpText(
      'after',
      `
Examples:
  $ npm run bench:polling
  $ npm run bench:polling -- --seeds 5 --json --svg test/bench/polling.svg
  $ npm run bench:polling -- --quick --seeds 5 --from 101

The trace: 400 connections, lognormal rates (median 30 calls a day, sigma 1.8) by the time of day, calls of
110 seconds (median), a summary 20 to 60 seconds after the end (one in twenty: 10 minutes to 2 hours), pages
of 100 rows; a day to warm up, then the day that counts, then one more for the last sweep.

Requests are those of the call list; details and sweeps are counted apart. Delays are from the end of a call
to the write that announces it, with what a poll waits to share a message with others. Shares are of the calls
that ended on the measured day. Sweeps are the daily ones, over 48 hours; a weekly one finds no month here.
clairvoyantRatio: list requests, sweeps counted, over the fewest that keep every delay within Callwire's p95.

Exit status:
  ${EXIT.allIsWell}  the medians over the seeds keep what Callwire promises
  ${EXIT.needsALook}  one of them does not: which, is printed
  ${EXIT.cannotBeDone}  what was asked cannot be done`,
    );
  return command.parse(args, { from: 'user' }).opts<BenchOptions>();
}
