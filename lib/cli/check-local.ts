import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type CheckFinding, ok, wrong } from '../check/check-finding.ts';
import { PermanentError } from '../errors.ts';
import type { CheckPlace } from './check-place.ts';
import { dataFile, isTaken } from './data-folder.ts';

/** This machine: the system that runs on the data, or the folder for it. */
export function localPlace(
  data: string,
  env: Readonly<Record<string, string | undefined>>,
): CheckPlace {
  return {
    checks: [
      {
        subject: `data ${data}`,
        run: async () => {
          if (!isTaken(data)) return checkFolder(data);
          // Not before it is needed: it loads AWS's clients.
          const { checkRunning } = await import('./check-running.ts');
          return checkRunning(data);
        },
      },
    ],
    secret: () => async (reference) => {
      const [, name] = /^env:(.+)$/.exec(reference) ?? [];
      if (name === undefined) {
        const fix = 'It can be read on AWS only. Here, write env:NAME.';
        throw new PermanentError('key_misplaced', fix);
      }
      const value = env[name];
      if (!value) throw new PermanentError('key_missing', `The variable ${name} is not set`);
      return value;
    },
  };
}

/** Whether records can be kept where nothing runs yet. What is made for that is removed. */
function checkFolder(data: string): readonly CheckFinding[] {
  const folder = resolve(data);
  let place = folder;
  while (!existsSync(place)) place = dirname(place);
  const notYet = ok('bus', 'it is part of `callwire run`, which is not running');
  const mark = String(Date.now());
  try {
    const made = mkdtempSync(join(place, '.callwire-check-'));
    try {
      writeFileSync(join(made, 'mark'), mark);
      if (readFileSync(join(made, 'mark'), 'utf8') !== mark) throw new Error('it reads otherwise');
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
    const isThere = existsSync(dataFile(folder));
    const what = isThere ? 'holds records and can be written' : 'can be written';
    return [ok('store', `the folder ${what}`), notYet];
  } catch (error) {
    const why = `${place} cannot be written (${error instanceof Error ? error.message : error})`;
    return [wrong('store', why, 'Name another folder with --data.'), notYet];
  }
}
