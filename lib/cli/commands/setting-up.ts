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

/** Commands for the first ten minutes. */
export function declareSettingUp(program: Command): void {
  program
    .command('init')
    .description('writes a first callwire.yaml by asking; never asks for a key, only where it is')
    .addOption(configOption())
    .option('--provider <id>', 'whose calls are watched')
    .option('--connection <id>', 'what that account is called here, for ever')
    .addOption(new Option('--keys <where>', 'where keys are kept').choices(['env', 'secrets']))
    .option('--key <reference>', 'where the key is: env:NAME or secret:callwire/providers/…#name')
    .option('--region <country>', 'of numbers without a country code, such as SA')
    .option('--to <names...>', 'slack, slack-webhook, webhook, hubspot, salesforce', [])
    .option('--set <name.setting=value>', 'a setting of one of them; may be repeated', collect, [])
    .option('--yes', 'ask nothing: take what is proposed for all that is not said', false)
    .option('--force', 'replace a file that is there', false)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire init',
        'npx callwire init --yes --provider hamsa --connection clinic-riyadh --set slack.channel="#voice-ops" --to hubspot',
        'npx callwire init --config clinic.yaml < answers.txt',
      ),
    )
    .action(withStatus(async () => (await import('../init.ts')).init));

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
