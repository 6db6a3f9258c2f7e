import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { declareCommands } from './commands/declare-commands.ts';
import { help } from './commands/options.ts';
import { EXIT } from './exit-status.ts';
import { tellOf } from './failure.ts';

const program = new Command('callwire')
  .description(
    'Watches voice-agent providers, keeps one record of each call, and announces each outcome once.',
  )
  .version(packageJson.version, '-v, --version', 'the version of Callwire')
  // Options after the name of a command are its own, also where the group that it is in has the same.
  .enablePositionalOptions()
  .showHelpAfterError('(callwire --help says more, and callwire <command> --help still more)')
  // Commander's own status for bad options is 1, which here says that something needs a look.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.cannotBeDone))
  .addHelpText('after', help('npm run demo', 'npx callwire run --config clinic.yaml'));

declareCommands(program);

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
