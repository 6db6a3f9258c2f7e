import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UserError } from './failure.ts';

/** The file in a data folder that the local system keeps everything in. */
export const dataFile = (folder: string): string => join(folder, 'callwire.db');

/** The file in a data folder that says where the system that works on it can be reached. */
export const systemFile = (folder: string): string => join(folder, 'system.json');

/** The file in a data folder that says what its records lie in, also while no system runs on it. */
export const storesFile = (folder: string): string => join(folder, 'stores.json');

export interface DataFolder {
  readonly file: string;
  release(): void;
}

const SQLITE_BUSY = 5;

const lockFile = (folder: string): string => join(folder, 'lock.db');

const isBusy = (error: unknown): boolean => Object(error).errcode === SQLITE_BUSY;

/** Who only looks whether a folder is taken is done with it sooner than that. */
const LOOK_MS = 200;

/** True while another process works on a data folder. Those who look do not take each other for one. */
export function isTaken(folder: string): boolean {
  if (!existsSync(lockFile(folder))) return false;
  const lock = new DatabaseSync(lockFile(folder), { timeout: 0 });
  try {
    // A read: only an exclusive lock refuses it.
    lock.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    lock.close();
  }
}

/** For its owner alone: numbers and summaries of calls lie in it. Step by step: Node's own way never ends below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/**
 * Makes a data folder if need be, and takes it for this process alone: two systems on one file would
 * deliver every message twice. The lock is SQLite's own, on a file of its own, so that it ends with the
 * process however that ends, and the data can still be read beside it.
 *
 * @throws UserError when the folder is taken, or cannot be written
 */
export function takeDataFolder(folder: string): DataFolder {
  try {
    makeFolder(resolve(folder));
    const lock = new DatabaseSync(lockFile(folder), { timeout: LOOK_MS });
    lock.exec('BEGIN EXCLUSIVE');
    return { file: dataFile(folder), release: () => lock.close() };
  } catch (error) {
    const why = isBusy(error)
      ? `Another callwire is at work on the data in ${folder}. Stop it first, or name`
      : `The data folder ${folder} cannot be used (${error instanceof Error ? error.message : error}). Name`;
    throw new UserError(`${why} another folder with --data.`);
  }
}
