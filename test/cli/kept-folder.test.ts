import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keptFolder } from '../../lib/cli/kept-folder.ts';

describe('a folder that is kept', () => {
  function setUp() {
    const parent = mkdtempSync(join(tmpdir(), 'test-kept-'));
    onTestFinished(() => rmSync(parent, { recursive: true }));
    let made = 0;
    const ask = (name: string, from = parent) =>
      keptFolder({
        parent: from,
        name,
        most: 2,
        make: async (folder) => {
          made += 1;
          writeFileSync(join(folder, 'content'), name);
          await Promise.resolve();
        },
      });
    return { parent, ask, made: () => made };
  }

  it('is made once, and stays when who asked is done with it', async () => {
    const { parent, ask, made } = setUp();
    const first = await ask('one');
    first.remove();
    const again = await ask('one');

    expect(again.path).toBe(first.path);
    expect(readFileSync(join(again.path, 'content'), 'utf8')).toBe('one');
    expect(made()).toBe(1);
    expect(readdirSync(parent)).toEqual(['one']);
  });

  it('is one for two who make it at once', async () => {
    const { parent, ask } = setUp();
    const [first, second] = await Promise.all([ask('one'), ask('one')]);

    expect(second.path).toBe(first.path);
    expect(readdirSync(parent)).toEqual(['one']);
  });

  it('is not there by its name before it is whole', async () => {
    const { parent, ask } = setUp();
    const failing = keptFolder({
      parent,
      name: 'one',
      most: 2,
      make: () => Promise.reject(new Error('planted')),
    });

    await expect(failing).rejects.toThrow('planted');
    expect(readdirSync(parent)).toEqual([]);
    expect(readFileSync(join((await ask('one')).path, 'content'), 'utf8')).toBe('one');
  });

  it('goes when more were used since', async () => {
    const { parent, ask } = setUp();
    const longAgo = (name: string, seconds: number) =>
      utimesSync(join(parent, name), new Date(), new Date(Date.now() - seconds * 1000));
    await ask('one');
    await ask('two');
    longAgo('one', 20);
    longAgo('two', 10);
    await ask('one');
    await ask('three');

    expect(readdirSync(parent).toSorted()).toEqual(['one', 'three']);
  });

  it('is made each time where nothing can be written, and goes then', async () => {
    const { parent, ask, made } = setUp();
    const file = join(parent, 'file');
    writeFileSync(file, '');
    const first = await ask('one', join(file, 'below'));
    const second = await ask('one', join(file, 'below'));

    expect(made()).toBe(2);
    expect(dirname(first.path)).toBe(tmpdir());
    expect(readFileSync(join(second.path, 'content'), 'utf8')).toBe('one');
    for (const { remove } of [first, second]) remove();
    expect([first, second].map(({ path }) => existsSync(path))).toEqual([false, false]);
  });
});
