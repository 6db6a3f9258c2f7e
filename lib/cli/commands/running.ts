import type { Command } from 'commander';
import {
  configOption,
  help,
  jsonOption,
  plainOption,
  port,
  secondsOption,
  withStatus,
} from './options.ts';

/** Commands that run the system, or make a deployment follow a configuration. */
export function declareRunning(program: Command): void {
  program
    .command('demo')
    .description('the whole system on this machine, against simulated providers and destinations')
    .addOption(secondsOption())
    .addOption(jsonOption())
    .addOption(plainOption())
    .option('--faults', 'everybody on the other side is unreliable, in every way', false)
    .option('--no-console', 'without the page to look at it, which --json leaves away as well')
    .addHelpText(
      'after',
      help('npm run demo', 'npm run demo -- --seconds 40 --json', 'npm run demo -- --faults'),
    )
    .action(withStatus(async () => (await import('../demo.ts')).demo));

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
    .action(withStatus(async () => (await import('../run.ts')).run));

  program
    .command('apply')
    .description('makes a deployment on AWS follow a configuration: no redeploy')
    .addOption(configOption())
    .option('--stack <name>', 'the CloudFormation stack', 'Callwire')
    .option('--control-table <name>', 'the Control table, instead of asking the stack for it')
    .option('--dry-run', 'only print what would change', false)
    .option('--yes', 'do not ask before writing', false)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help('npx callwire apply --dry-run', 'npx callwire apply --stack Callwire'),
    )
    .action(withStatus(async () => (await import('../apply.ts')).apply));
}
