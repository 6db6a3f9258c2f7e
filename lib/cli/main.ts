import { Command, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { EXIT, EXIT_STATUS_HELP } from './exit-status.ts';
import { tellOf } from './failure.ts';

/** The longest that a timer of Node can wait. */
const MAX_SECONDS = Math.floor((2 ** 31 - 1) / 1000);

function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(
    `Write a number of seconds up to ${MAX_SECONDS}, with a point: 40 or 2.5.`,
  );
}

function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value > 0 && value < 65_536) return value;
  throw new InvalidArgumentError('Write a number from 1 to 65535.');
}

/** An instant; a date is its midnight in UTC. */
function instant(text: string): Date {
  const isWhole = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const at = new Date(isWhole ? text : Number.NaN);
  if (!Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError('Write 2026-01-31 or 2026-01-31T09:00:00Z.');
}

const help = (...examples: readonly string[]): string =>
  ['', 'Examples:', ...examples.map((line) => `  $ ${line}`), EXIT_STATUS_HELP].join('\n');

const ROUTE_TESTS_HELP = `
A file of tests. Of an event, write what matters: the rest follows from its type, or is not there.
  cases:
    - name: a failed call is told to people
      event: { type: call.failed, call: { connection: clinic-riyadh } }
      to: [ops, crm, own]
    - name: a call that nobody answered is not
      event: { type: call.failed, call: { reason: no_answer } }
      to: [crm, own]
    - name: nobody is told that a delivery recovered
      event: { type: delivery.recovered }
      to: []`;

const secondsOption = () =>
  new Option('--seconds <n>', 'stop after so many seconds; without it, at Ctrl-C').argParser(
    seconds,
  );
const plainOption = () =>
  new Option('--plain', 'one line per happening instead of a picture').default(false);
const jsonOption = () =>
  new Option('--json', 'one line of JSON on stdout at the end; all else goes to stderr').default(
    false,
  );
const configOption = () =>
  new Option('-c, --config <file>', 'the configuration').default('callwire.yaml');

/**
 * Loads a command when it is wanted, so that help and hints are there at once. Its status becomes the
 * process's when nothing is left to do, not before.
 */
const withStatus =
  <Options>(load: () => Promise<(options: Options) => Promise<number>>) =>
  async (options: Options): Promise<void> => {
    const command = await load();
    process.exitCode = await command(options);
  };

const program = new Command('callwire')
  .description(
    'Watches voice-agent providers, keeps one record of each call, and announces each outcome once.',
  )
  .version(packageJson.version, '-v, --version', 'the version of Callwire')
  .showHelpAfterError('(callwire --help says more, and callwire <command> --help still more)')
  // Commander's own status for bad options is 1, which here says that something needs a look.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.cannotBeDone))
  .addHelpText('after', help('npm run demo', 'npx callwire run --config clinic.yaml'));

program
  .command('demo')
  .description('the whole system on this machine, against simulated providers and destinations')
  .addOption(secondsOption())
  .addOption(jsonOption())
  .addOption(plainOption())
  .option('--faults', 'everybody on the other side is unreliable, in every way', false)
  .addHelpText(
    'after',
    help('npm run demo', 'npm run demo -- --seconds 40 --json', 'npm run demo -- --faults'),
  )
  .action(withStatus(async () => (await import('./demo.ts')).demo));

program
  .command('run')
  .description('the same local system, against what a configuration names')
  .addOption(configOption())
  .option('--data <folder>', 'where records and queues are kept between runs', '.callwire')
  .option('--port <n>', 'where webhooks are taken on loopback; without it, any free port', port)
  .addOption(secondsOption())
  .addOption(jsonOption())
  .addOption(plainOption())
  .addHelpText(
    'after',
    help(
      'npx callwire run',
      'npx callwire run --config clinic.yaml --seconds 60 --json',
      'npx callwire run --port 8787',
    ),
  )
  .action(withStatus(async () => (await import('./run.ts')).run));

program
  .command('apply')
  .description('makes a deployment on AWS follow a configuration: no redeploy')
  .addOption(configOption())
  .option('--stack <name>', 'the CloudFormation stack', 'Callwire')
  .option('--control-table <name>', 'the Control table, instead of asking the stack for it')
  .option('--dry-run', 'only print what would change', false)
  .option('--yes', 'do not ask before writing', false)
  .addOption(jsonOption())
  .addHelpText('after', help('npx callwire apply --dry-run', 'npx callwire apply --stack Callwire'))
  .action(withStatus(async () => (await import('./apply.ts')).apply));

program
  .command('republish')
  .description('announces stored calls again; who was told already is not told twice')
  .requiredOption('--connection <id>', 'the connection whose calls they are')
  .requiredOption('--from <time>', 'calls created at this time or later', instant)
  .requiredOption('--to <time>', 'calls created before this time', instant)
  .addOption(configOption())
  .option('--data <folder>', 'the local data of `callwire run`', '.callwire')
  .addOption(
    new Option('--stack <name>', 'a CloudFormation stack instead of local data').conflicts('data'),
  )
  .addOption(jsonOption())
  .addHelpText(
    'after',
    help(
      'npx callwire republish --connection clinic-riyadh --from 2026-01-31 --to 2026-02-01',
      'npx callwire republish --stack Callwire --connection clinic-riyadh --from 2026-01-31T09:00Z --to 2026-01-31T10:00Z',
    ),
  )
  .action(withStatus(async () => (await import('./republish.ts')).republishCalls));

const dataOption = () =>
  new Option('--data <folder>', 'the local data of `callwire run`, which may be running').default(
    '.callwire',
  );
const stackOption = () =>
  new Option('--stack <name>', 'a CloudFormation stack instead of local data').conflicts('data');

program
  .command('attention')
  .description('lists deliveries that stand still: why, since when, and what to do')
  .addOption(configOption())
  .addOption(dataOption())
  .addOption(stackOption())
  .addOption(jsonOption())
  .addHelpText('after', help('npx callwire attention', 'npx callwire attention --stack Callwire'))
  .action(withStatus(async () => (await import('./attention.ts')).attention));

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
  .action(withStatus(async () => (await import('./redrive.ts')).redrive));

program
  .command('backfill')
  .description(
    'reads a range of the past of a connection, beside its polls; can be stopped and gone on with',
  )
  .requiredOption('--connection <id>', 'the connection whose calls they are')
  .option('--from <time>', 'calls created at this time or later', instant)
  .option('--to <time>', 'calls created before this time', instant)
  .addOption(
    new Option(
      '--announce <what>',
      'of calls that are over and were never seen: nothing, ever, or all, however old; calls that are stored stay as they are',
    ).choices(['none', 'events']),
  )
  .addOption(configOption())
  .option('--data <folder>', 'the local data of `callwire run`, which may be running', '.callwire')
  .addOption(
    new Option('--stack <name>', 'a CloudFormation stack instead of local data').conflicts('data'),
  )
  .option('--dry-run', 'only ask how many calls there are, and tell how long it would take', false)
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
  .action(withStatus(async () => (await import('./backfill.ts')).backfill));

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

program
  .command('silence')
  .description('keeps people from being told of some events for a while, and says who decided it')
  .option('--when <condition>', 'which events, as in a route; may be repeated', collect, [])
  .option('--everything', 'all events', false)
  .option('--to <destination>', 'who is not told; else all that alert people', collect, [])
  .option('--for <duration>', 'for how long: 30m, 2h, 7d')
  .option('--comment <why>', 'for those who wonder where the alerts are')
  .option('--author <name>', 'who decided it; else your user name here')
  .addOption(new Option('--list', 'those in force').default(false).conflicts(['end']))
  .option('--end <id>', 'tell people again')
  .addOption(configOption())
  .option('--data <folder>', 'the local data of `callwire run`, which may be running', '.callwire')
  .addOption(
    new Option('--stack <name>', 'a CloudFormation stack instead of local data').conflicts('data'),
  )
  .addOption(jsonOption())
  .addHelpText(
    'after',
    help(
      'npx callwire silence --when "connection: clinic-riyadh" --for 2h --comment "their lines move tonight"',
      'npx callwire silence --when "reason: [busy, no_answer]" --to ops --for 7d --comment "a campaign"',
      'npx callwire silence --list --stack Callwire',
      'npx callwire silence --end 1f0c2a9e',
    ),
  )
  .action(withStatus(async () => (await import('./silence.ts')).silence));

const routes = program
  .command('routes')
  .description('checks the routes of a configuration')
  .addHelpText('after', help('npx callwire routes test', 'npx callwire routes test --help'));

routes
  .command('test')
  .argument('[file]', 'what is expected of them', 'routes.test.yaml')
  .description('tells whether events go where you expect: this event, these destinations')
  .addOption(configOption())
  .addOption(jsonOption())
  .addHelpText('after', ROUTE_TESTS_HELP)
  .addHelpText(
    'after',
    help(
      'npx callwire routes test',
      'npx callwire routes test routes.test.yaml --config clinic.yaml',
    ),
  )
  .action((file: string, options: { config: string; json: boolean }) =>
    withStatus(async () => (await import('./routes-test.ts')).routesTest)({ ...options, file }),
  );

program
  .command('explain')
  .description('tells which routes an event takes, and what keeps it from the others')
  .option(
    '--event <file>',
    'the event, or a part of it, as JSON or YAML; else read from stdin',
    '-',
  )
  .addOption(configOption())
  .addOption(jsonOption())
  .addHelpText(
    'after',
    help(
      'npx callwire explain --event event.json',
      `echo '{ "type": "call.failed" }' | npx callwire explain --config clinic.yaml`,
    ),
  )
  .action(withStatus(async () => (await import('./explain.ts')).explain));

function end(error: unknown): never {
  const { text, status } = tellOf(error, { debug: process.env.CALLWIRE_DEBUG === '1' });
  console.error(text);
  // Not only the status: workers and timers of what went wrong must not keep the process.
  process.exit(status);
}

// Of a promise that nobody waited for, too. What is to be tidied up at the end still is.
process.on('uncaughtException', end);
// Whoever read us has gone (`callwire demo | head`): nobody is left to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => process.exit(EXIT.needsALook));
}

await program.parseAsync().catch(end);
