import { DatabaseSync } from 'node:sqlite';

/** How long a second process (`callwire status` beside `callwire run`) may hold the file before we give up. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Changes whenever a table of the local system does: its services create their tables where there are
 * none, and would otherwise read one of another shape as if it were theirs. Files from before there
 * was a version have 0, which is what SQLite gives a new file too.
 */
const SCHEMA_VERSION = 1;

/** A data file that this version of Callwire must not touch. The message says what to do. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError';
}

/**
 * Opens the one file the local system keeps everything in, or a database in memory.
 *
 * A commit is appended to the write-ahead log but not flushed to the disk (`synchronous=NORMAL`). What is in
 * the log is the operating system's to keep, so SIGKILL loses nothing that was acknowledged. A power cut can
 * lose the last commits, but only whole ones from the end (https://www.sqlite.org/pragma.html#pragma_synchronous):
 * the whole system, poll state included, is then back at one earlier moment, and the providers are polled
 * again from there. `FULL` would buy those seconds at the price of a disk flush in every write.
 *
 * @throws DataFileError when another version of Callwire wrote the file
 */
export function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    claimSchema(db, path);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Marks a new file as ours, and refuses one of another shape before anything in it is changed. */
function claimSchema(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (version === SCHEMA_VERSION) return;
  const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (version === 0 && isEmpty) {
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    return;
  }
  const [age, remedy] =
    version > SCHEMA_VERSION
      ? ['a newer', 'Use that version, or another data folder']
      : ['an older', 'Go on with that version, or use another data folder'];
  throw new DataFileError(
    `The data file ${path} is of ${age} version of Callwire (format ${version}; this one has format ${SCHEMA_VERSION}). ${remedy}: in a new one, every connection begins with its firstRun.`,
  );
}

/**
 * Runs `work`, which must not be asynchronous, in a transaction, or as part of the one that is open: what
 * a rule sends to its queues must be committed together. An error takes back the whole outermost
 * transaction, so whoever catches one within it must know that nothing was written before it was thrown.
 */
export function atomically<T>(db: DatabaseSync, work: () => T): T {
  if (db.isTransaction) return work();
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors, a full disk for one; a second time would hide why.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
