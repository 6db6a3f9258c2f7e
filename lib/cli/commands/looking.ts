import { type Command, InvalidArgumentError, Option } from 'commander';
import { outcomeSchema } from '../../calls/call.ts';
import type { CallsShowOptions } from '../calls-show.ts';
import type { TraceOptions } from '../trace.ts';
import {
  dataOption,
  help,
  instant,
  jsonOption,
  needed,
  port,
  secondsOption,
  stackOption,
  withStatus,
} from './options.ts';

function count(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value > 0 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Write a whole number from 1 on.');
}

const numbersOption = () =>
  new Option('--numbers', 'numbers in full instead of their last four digits').default(false);

/** Commands that only look: they start nothing, and change nothing. */
export function declareLooking(program: Command): void {
  program
    .command('console')
    .description(
      'a page on this machine to look at connections, calls and deliveries, for reading only',
    )
    .addOption(dataOption())
    .addOption(stackOption())
    .option('--port <n>', 'where it is served on loopback; without it, 8686 or any free port', port)
    .addOption(secondsOption())
    .option('--json', 'the address as one line of JSON on stdout', false)
    .addHelpText(
      'after',
      help(
        'npx callwire console',
        'npx callwire console --stack Callwire',
        'npx callwire console --data clinic-data --port 9000',
      ),
    )
    .action(withStatus(async () => (await import('../console.ts')).consoleOf));

  program
    .command('status')
    .description('says how connections and destinations do, and who is silenced')
    .option('--connection <id>', 'only this connection')
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help('npx callwire status', 'npx callwire status --stack Callwire --json'),
    )
    .action(withStatus(async () => (await import('../status.ts')).status));

  program
    .command('trace')
    .argument('[call]', '<connection>/<id>, its id alone, or the end of it as run shows it')
    .description('tells the whole life of a call, hop by hop, and what is missing in it')
    .option('--event <id>', 'the call that announced this event')
    .option(
      '--since <time>',
      'of an event, or the end of an id: its call was created then or later; else 7 days',
      instant,
    )
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire trace clinic-riyadh/849e77c6-5cb3-479a-a985-7fab630e2c78',
        'npx callwire trace 849e77c6-5cb3-479a-a985-7fab630e2c78 --stack Callwire',
        'npx callwire trace --event 4DqXyf3bQmT0mZyJmQ3fXA',
      ),
    )
    .action((call: string | undefined, options: Omit<TraceOptions, 'call'>) =>
      withStatus(async () => (await import('../trace.ts')).trace)({ ...options, call }),
    );

  const calls = program
    .command('calls')
    .description('lists calls, the newest first')
    .option('--connection <id>', 'those of one connection')
    .option('--from <time>', 'created at this time or later; else in the last 24 hours', instant)
    .option('--to <time>', 'created before this time', instant)
    .addOption(
      new Option('--outcome <outcome>', 'with this outcome').choices(outcomeSchema.options),
    )
    .option('--reason <reason>', 'failed for this reason, such as no_answer')
    .option('--number <number>', 'with this number at the other end')
    .option('--limit <n>', 'so many at most', count, 50)
    .addOption(numbersOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire calls --outcome failed',
        'npx callwire calls --connection clinic-riyadh --from 2026-01-31 --to 2026-02-01 --limit 500',
        'npx callwire calls --number +966551234567 --from 2026-01-01 --stack Callwire',
        'npx callwire calls show clinic-riyadh/849e77c6-5cb3-479a-a985-7fab630e2c78',
      ),
    )
    // What stands after `show` is its own.
    .enablePositionalOptions()
    .action(withStatus(async () => (await import('../calls.ts')).calls));

  calls
    .command('show')
    .argument('<call>', '<connection>/<id>, its id alone, or the end of it as run shows it')
    .description('shows all that is kept of a call')
    .option('--raw', 'with the records of its provider, as they were sent', false)
    .addOption(numbersOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help('npx callwire calls show clinic-riyadh/849e77c6-5cb3-479a-a985-7fab630e2c78 --raw'),
    )
    .action((call: string, options: Omit<CallsShowOptions, 'call'>) =>
      withStatus(async () => (await import('../calls-show.ts')).callsShow)({ ...options, call }),
    );

  program
    .command('export')
    .description('writes stored calls, the newest first, as JSON lines or CSV')
    .addOption(
      needed('--format <format>', 'a line of JSON for each call, or a table').choices([
        'jsonl',
        'csv',
      ]),
    )
    .addOption(needed('--from <time>', 'created at this time or later', instant))
    .addOption(needed('--to <time>', 'created before this time', instant))
    .option('--connection <id>', 'those of one connection')
    .option('--out <file>', 'into this file, which is there as a whole or not at all; else stdout')
    .addOption(numbersOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire export --format csv --from 2026-01-01 --to 2026-02-01 --out january.csv',
        'npx callwire export --format jsonl --from 2026-01-31 --to 2026-02-01 --numbers --stack Callwire',
      ),
    )
    .action(withStatus(async () => (await import('../export.ts')).exportCalls));
}
