import { readFileSync } from 'node:fs';
import { type CallwireConfig, readCallwireFile } from '../config/callwire-file.ts';
import { formatWarnings } from '../config/config-error.ts';
import { destinations } from '../destinations/index.ts';
import { providers } from '../providers/index.ts';
import { UserError } from './failure.ts';

/** Reads the text of a configuration; warnings go to stderr. @throws ConfigError */
export function readConfigText(text: string, file: string): CallwireConfig {
  const { config, warnings } = readCallwireFile(text, {
    file,
    providers,
    destinations,
  });
  if (warnings.length > 0) console.error(formatWarnings({ file, problems: warnings }));
  return config;
}

/** Reads a file that a person named. @throws UserError with a hint when there is no such file */
export function readTextFile(file: string, hint: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UserError(`There is no readable file ${file}. ${hint}`);
  }
}

/** Reads a configuration file. @throws ConfigError @throws UserError when there is no such file */
export const readConfigFile = (file: string): CallwireConfig =>
  readConfigText(
    readTextFile(file, 'Name one with --config, or try `npm run demo` without one.'),
    file,
  );
