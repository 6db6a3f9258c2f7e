import type { Command } from 'commander';
import { configOption, dataOption, help, jsonOption, stackOption, withStatus } from './options.ts';

/** Commands for the first ten minutes. */
export function declareSettingUp(program: Command): void {
  program
    .command('check')
    .description(
      'tells whether keys, lists, destinations, store and bus work, and what to do where not',
    )
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .option(
      '--send-test',
      'also send a message that says it is a test, to Slack and webhooks',
      false,
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire check',
        'npx callwire check --config clinic.yaml --send-test',
        'npx callwire check --stack Callwire --json',
      ),
    )
    .action(withStatus(async () => (await import('../check.ts')).check));
}
