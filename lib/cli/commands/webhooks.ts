import type { Command } from 'commander';
import {
  configOption,
  dataOption,
  help,
  jsonOption,
  needed,
  stackOption,
  withStatus,
} from './options.ts';

/** Commands about what providers sent and nobody could make out. */
export function declareWebhooks(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('looks after webhooks of providers that nobody could make out')
    .addHelpText(
      'after',
      help('npx callwire webhooks list', 'npx callwire webhooks retake --help'),
    );

  webhooks
    .command('list')
    .description('names those that are kept: of which connection, since when, and why')
    .option('--connection <id>', 'those of one connection')
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help('npx callwire webhooks list', 'npx callwire webhooks list --stack Callwire'),
    )
    .action(withStatus(async () => (await import('../webhooks.ts')).listWebhooks));

  webhooks
    .command('show')
    .description('prints one as it came, or in base64 if it is no text; it holds personal data')
    .addOption(needed('--connection <id>', 'the connection that it came for'))
    .addOption(needed('--id <id>', 'which one: as list names it'))
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help('npx callwire webhooks show --connection clinic-riyadh --id tGFy2c3Jm0c0xQm1mZ5o1A'),
    )
    .action(withStatus(async () => (await import('../webhooks.ts')).showWebhook));

  webhooks
    .command('retake')
    .description(
      'takes them again with what this version knows of their provider, as of when they came; those made out are kept no longer',
    )
    .addOption(needed('--connection <id>', 'the connection that they came for'))
    .option('--id <id>', 'only this one')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(stackOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      help(
        'npx callwire webhooks retake --connection clinic-riyadh',
        'npx callwire webhooks retake --stack Callwire --connection clinic-riyadh',
      ),
    )
    .action(withStatus(async () => (await import('../webhooks.ts')).retake));
}
