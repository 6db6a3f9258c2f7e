import { existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { readCallwireFile } from '../config/callwire-file.ts';
import { destinations } from '../destinations/index.ts';
import { providers } from '../providers/index.ts';
import { askLines } from './ask-lines.ts';
import { type Asker, InterruptedError } from './asking.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import { fileOf } from './init-file.ts';
import { askConfig, type Said } from './init-questions.ts';
import { lackingOf, nextLines } from './init-words.ts';

export interface InitOptions extends Said {
  readonly config: string;
  readonly yes: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

const alreadyThere = (file: string): UserError =>
  new UserError(
    `There is a ${file} already. Name another with --config, or replace it with --force.`,
  );

/** A person where there is a terminal; else the lines of a pipe; with `--yes`, nobody. */
async function askerFor({ yes }: InitOptions): Promise<Asker> {
  const say = (question: string) => console.error(`callwire: ${question}`);
  if (yes) return askLines([], () => {});
  if (!process.stdin.isTTY) return askLines((await textOf(process.stdin)).split('\n'), say);
  const { askTerminal } = await import('./ask-terminal.ts');
  // What is asked is no result.
  return askTerminal(process.stdin, process.stderr);
}

/** Whole or not at all; and never over a file that came meanwhile. */
function writeWhole(file: string, text: string, force: boolean): void {
  const draft = `${file}.${process.pid}.draft`;
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    if (force) renameSync(draft, file);
    else linkSync(draft, file);
  } catch (error) {
    if (existsSync(file) && !force) throw alreadyThere(file);
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`${file} cannot be written (${why}). Name another with --config.`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Writes a first configuration by asking. Returns the exit status. */
export async function init(options: InitOptions): Promise<number> {
  const { config: file, force, json } = options;
  if (existsSync(file) && !force) throw alreadyThere(file);
  try {
    const config = await askConfig(await askerFor(options), options);
    const text = fileOf(config);
    // What was answered is checked by what will read it: nothing is written that would be refused.
    readCallwireFile(text, { file, providers, destinations });
    writeWhole(file, text, force);
    console.log(
      json ? JSON.stringify({ file, ...lackingOf(config) }) : nextLines(file, config).join('\n'),
    );
    return EXIT.allIsWell;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    console.error('callwire: Nothing was written.');
    return EXIT.interrupted;
  }
}
