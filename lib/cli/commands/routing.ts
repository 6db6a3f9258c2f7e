import { type Command, Option } from 'commander';
import {
  collect,
  configOption,
  dataOption,
  help,
  jsonOption,
  stackOption,
  withStatus,
} from './options.ts';

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

/** Commands about who is told. */
export function declareRouting(program: Command): void {
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
      withStatus(async () => (await import('../routes-test.ts')).routesTest)({ ...options, file }),
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
    .action(withStatus(async () => (await import('../explain.ts')).explain));

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
    .addOption(dataOption())
    .addOption(stackOption())
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
    .action(withStatus(async () => (await import('../silence.ts')).silence));
}
