import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DataFileError, openDatabase } from '../../lib/local/database.ts';

function dataFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-database-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'callwire.db');
}

/** A file with a table, as some version of the local system left it. */
function written(version: number): string {
  const path = dataFile();
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE s3_objects (key TEXT); PRAGMA user_version = ${version}`);
  db.close();
  return path;
}

describe('the data file', () => {
  it('is opened again by the version that wrote it', () => {
    const path = dataFile();
    const first = openDatabase(path);
    first.exec('CREATE TABLE kept (x)');
    first.close();

    const again = openDatabase(path);
    expect(again.prepare('SELECT count(*) AS count FROM kept').get()).toEqual({ count: 0 });
    again.close();
  });

  it('may be opened by a second process before the first has created its tables', () => {
    const path = dataFile();
    const first = openDatabase(path);
    const second = openDatabase(path);
    second.close();
    first.close();
  });

  it.each([
    [0, 'an older version', 'Go on with that version'],
    [99, 'a newer version', 'Use that version'],
  ])('of format %i is refused as of %s, and stays as it is', (version, age, remedy) => {
    const path = written(version);

    expect(() => openDatabase(path)).toThrow(DataFileError);
    expect(() => openDatabase(path)).toThrow(new RegExp(`${path}.*${age}.*${remedy}`));

    const db = new DatabaseSync(path);
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: version });
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' });
    db.close();
  });
});
