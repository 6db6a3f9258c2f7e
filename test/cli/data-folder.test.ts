import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { isTaken, takeDataFolder } from '../../lib/cli/data-folder.ts';
import { file, workFolder } from './callwire.ts';

describe('the data folder', () => {
  const folder = workFolder();
  afterAll(folder.remove);

  it('is made if need be, for its owner alone, and taken by one at a time', () => {
    const path = join(folder.path, 'deep', 'data');

    const first = takeDataFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(() => takeDataFolder(path)).toThrow(
      `Another callwire is at work on the data in ${path}`,
    );
    first.release();

    const second = takeDataFolder(path);
    expect(second.file).toBe(join(path, 'callwire.db'));
    second.release();
  });

  it('is seen to be taken by all who look, and by nobody for the sake of a look', () => {
    const path = join(folder.path, 'looked-at');
    expect(isTaken(path)).toBe(false);
    const { release } = takeDataFolder(path);
    expect([isTaken(path), isTaken(path)]).toEqual([true, true]);
    release();
    expect(isTaken(path)).toBe(false);

    const looking = new DatabaseSync(join(path, 'lock.db'));
    looking.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
    expect(isTaken(path)).toBe(false);
    looking.close();
  });

  it('is refused with the reason where it cannot be made', () => {
    const path = file(folder.path, 'a-file', '');

    expect(() => takeDataFolder(path)).toThrow(/cannot be used .*--data/);
  });

  it('is refused, and soon, where nothing can be made', () => {
    expect(() => takeDataFolder('/proc/callwire/data')).toThrow(/cannot be used .*--data/);
  });
});
