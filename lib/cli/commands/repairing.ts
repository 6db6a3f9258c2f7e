import { type Command, Option } from 'commander';
import { EXIT } from '../exit-status.ts';
import {
  collect,
  configOption,
  dataOption,
  help,
  instant,
  jsonOption,
  needed,
  stackOption,
  withStatus,
} from './options.ts';

/** Commands that make good what went wrong, or fetch what is past. */
export function declareRepairing(program: Command): void {
  program
    .command('attention')
    .description('lists deliveries that stand still: why, since when, and what to do')
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText('after', help('npx callwire attention', 'npx callwire attention --stack Callwire'))
    .action(withStatus(async () => (await import('../attention.ts')).attention));

  program
    .command('redrive')
    .description('sends deliveries that stand still again, in order; nobody is told twice by that')
    .option('--id <event>', 'those of one event')
    .option('--destination <id>', 'those of one destination')
    .option('--all', 'those of all destinations', false)
    .addOption(
      new Option(
        '--state <state...>',
        'those in these states; an uncertain one is looked for first, as far as its destination lets itself be read',
      )
        .choices(['parked', 'failed', 'uncertain'])
        .default(['parked', 'failed']),
    )
    .option('--since <time>', 'those that were asked for at this time or later', instant)
    .option('--until <time>', 'those that were asked for before this time', instant)
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire redrive --destination ops',
        'npx callwire redrive --stack Callwire --destination crm --since 2026-01-31 --state failed',
        'npx callwire redrive --all',
      ),
    )
    .action(withStatus(async () => (await import('../redrive.ts')).redrive));

  program
    .command('republish')
    .description('announces stored calls again; who was told already is not told twice')
    .addOption(needed('--connection <id>', 'the connection whose calls they are'))
    .addOption(needed('--from <time>', 'calls created at this time or later', instant))
    .addOption(needed('--to <time>', 'calls created before this time', instant))
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire republish --connection clinic-riyadh --from 2026-01-31 --to 2026-02-01',
        'npx callwire republish --stack Callwire --connection clinic-riyadh --from 2026-01-31T09:00Z --to 2026-01-31T10:00Z',
      ),
    )
    .action(withStatus(async () => (await import('../republish.ts')).republishCalls));

  program
    .command('replay')
    .description(
      'announces stored calls again as a replay: nobody is alerted, and systems get what they lack',
    )
    .addOption(needed('--connection <id>', 'the connection whose calls they are'))
    .addOption(needed('--from <time>', 'calls created at this time or later', instant))
    .addOption(needed('--to <time>', 'calls created before this time', instant))
    .option(
      '--destination <id>',
      'only this one, of what its routes lead there; may be repeated. Without it: everybody',
      collect,
      [],
    )
    .option('--dry-run', 'only tell who would be told what', false)
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire replay --connection clinic-riyadh --from 2026-01-31 --to 2026-02-01 --dry-run',
        'npx callwire replay --connection clinic-riyadh --from 2026-01-31 --to 2026-02-01 --destination crm',
        'npx callwire replay --stack Callwire --connection clinic-riyadh --from 2026-01-31 --to 2026-02-01',
      ),
    )
    .action(withStatus(async () => (await import('../replay.ts')).replay));

  program
    .command('forget')
    .description(
      'erases calls, or all that holds a phone number, from every store, and keeps them from coming back',
    )
    .option('--call <connection/id>', 'a call; may be repeated', collect, [])
    .option('--number <number>', 'everything that holds this number, with its country code: +966…')
    .option('--dry-run', 'only list what would be erased', false)
    .option('--yes', 'do not ask before erasing', false)
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire forget --number +966501234567 --dry-run',
        'npx callwire forget --call clinic-riyadh/8f14e45f',
        'npx callwire forget --stack Callwire --number +966501234567 --yes --json',
      ),
    )
    .addHelpText(
      'after',
      `
What was told elsewhere (messages, records of a CRM) cannot be erased from here: it is named with its receipt, and the
exit status is ${EXIT.needsALook}. Ctrl-C leaves nothing half done for good: the next forget goes on with it.`,
    )
    .action(withStatus(async () => (await import('../forget.ts')).forget));

  program
    .command('remap')
    .description(
      'reads stored records again as they are understood today: after a change of statusOverrides, or a newer version',
    )
    .addOption(needed('--connection <id>', 'the connection whose calls they are'))
    .option('--from <time>', 'calls created at this time or later; else all', instant)
    .option('--to <time>', 'calls created before this time; else all', instant)
    .option('--dry-run', 'only list what would be recorded', false)
    .option('--yes', 'do not ask before recording', false)
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire remap --connection clinic-riyadh --dry-run',
        'npx callwire remap --connection clinic-riyadh --from 2026-01-31 --to 2026-02-01',
        'npx callwire apply && npx callwire remap --stack Callwire --connection clinic-riyadh --yes',
      ),
    )
    .addHelpText(
      'after',
      `
What differs is recorded and announced as any change is: a corrected outcome once, else as call.updated; silent calls stay
silent. It is read by the settings that were applied: beside a running callwire run, those that it was started with.`,
    )
    .action(withStatus(async () => (await import('../remap.ts')).remap));

  program
    .command('sweep')
    .description(
      'reads again now what a daily or weekly sweep would, and tells what polls had missed',
    )
    .option('--connection <id>', 'one connection')
    .option('--all', 'all connections', false)
    .addOption(
      new Option('--kind <kind>', 'daily: the last two days; weekly: the last thirty')
        .choices(['daily', 'weekly'])
        .default('daily'),
    )
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire sweep --connection clinic-riyadh',
        'npx callwire sweep --stack Callwire --all --kind weekly',
      ),
    )
    .action(withStatus(async () => (await import('../sweep.ts')).sweep));

  program
    .command('backfill')
    .description(
      'reads a range of the past of a connection, beside its polls; can be stopped and gone on with',
    )
    .addOption(needed('--connection <id>', 'the connection whose calls they are'))
    .option('--from <time>', 'calls created at this time or later', instant)
    .option('--to <time>', 'calls created before this time', instant)
    .addOption(
      new Option(
        '--announce <what>',
        'of calls that are over and were never seen: nothing, ever, or all, however old; calls that are stored stay as they are',
      ).choices(['none', 'events']),
    )
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .option(
      '--dry-run',
      'only ask how many calls there are, and tell how long it would take',
      false,
    )
    .option('--cancel', 'give up the one that is under way; what it recorded stays', false)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire backfill --connection clinic-riyadh --from 2026-01-01 --to 2026-02-01 --announce none',
        'npx callwire backfill --connection clinic-riyadh --from 2026-01-01 --to 2026-02-01 --dry-run',
        'npx callwire backfill --stack Callwire --connection clinic-riyadh --cancel',
      ),
    )
    .action(withStatus(async () => (await import('../backfill.ts')).backfill));
}
