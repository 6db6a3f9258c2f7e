import type { Command } from 'commander';
import { dataOption, help, port, secondsOption, stackOption, withStatus } from './options.ts';

/** Commands that look at what is kept, and change nothing. */
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
}
