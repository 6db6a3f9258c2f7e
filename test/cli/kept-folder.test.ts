import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keptFolder } from '../../lib/cli/kept-folder.ts';

const HOUR_S = 3_600;

describe('a folder that is kept', () => {
  function setUp() {
    const parent = mkdtempSync(join(tmpdir(), 'test-kept-'));
    onTestFinished(() => rmSync(parent, { recursive: true }));
    let made = 0;
    const ask = (
      name: string,
      {
        from = parent,
        ms = 0,
        afterwards = name,
      }: { from?: string; ms?: number; afterwards?: string } = {},
    ) => {
      const names = [name, afterwards];
      return keptFolder({
        parent: from,
        name: () => names.shift() ?? afterwards,
        make: async (folder) => {
          made += 1;
          await wait(ms);
          writeFileSync(join(folder, 'content'), name);
        },
      });
    };
    const usedAgo = (name: string, seconds: number) =>
      utimesSync(join(parent, name), new Date(), new Date(Date.now() - seconds * 1_000));
    return { parent, ask, usedAgo, made: () => made };
  }
  const contentOf = ({ path }: { path: string }) => readFileSync(join(path, 'content'), 'utf8');

  it('is made once, and stays when who asked is done with it', async () => {
    const { parent, ask, made } = setUp();
    const first = await ask('one');
    first.remove();
    const again = await ask('one');

    expect(again.path).toBe(first.path);
    expect(contentOf(again)).toBe('one');
    expect(made()).toBe(1);
    expect(readdirSync(parent)).toEqual(['one']);
  });

  it('is one for many who make it at once, and whole for each', async () => {
    const { parent, ask } = setUp();
    const asked = await Promise.all([30, 20, 10, 0, 5, 15].map((ms) => ask('one', { ms })));

    expect(asked.map(contentOf)).toEqual(Array(6).fill('one'));
    expect(readdirSync(parent)).toEqual(['one']);
  });

  it('stays when many others are made meanwhile', async () => {
    const { ask } = setUp();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const asked = await Promise.all(names.map((name, index) => ask(name, { ms: 5 * index })));

    expect(asked.map(contentOf)).toEqual(names);
  });

  it('is not there by its name before it is whole', async () => {
    const { parent, ask } = setUp();
    const failing = keptFolder({
      parent,
      name: () => 'one',
      make: () => Promise.reject(new Error('planted')),
    });

    await expect(failing).rejects.toThrow('planted');
    expect(readdirSync(parent)).toEqual([]);
    expect(contentOf(await ask('one'))).toBe('one');
  });

  it('is used, but not kept, when what it is made of changed meanwhile', async () => {
    const { parent, ask } = setUp();
    const odd = await ask('one', { afterwards: 'two' });

    expect(contentOf(odd)).toBe('one');
    expect(readdirSync(parent)).not.toContain('one');
    odd.remove();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('goes when nobody has used it for a day, and with it what was never finished', async () => {
    const { parent, ask, usedAgo } = setUp();
    await ask('old');
    await ask('recent');
    mkdirSync(join(parent, 'callwire-killed'));
    mkdirSync(join(parent, 'callwire-under-way'));
    usedAgo('old', 25 * HOUR_S);
    usedAgo('recent', 20 * HOUR_S);
    usedAgo('callwire-killed', 25 * HOUR_S);
    await ask('new');

    expect(readdirSync(parent).toSorted()).toEqual(['callwire-under-way', 'new', 'recent']);
  });

  it('is used by whoever asks for it again', async () => {
    const { parent, ask, usedAgo } = setUp();
    await ask('one');
    usedAgo('one', 25 * HOUR_S);
    await ask('one');
    await ask('two');

    expect(readdirSync(parent).toSorted()).toEqual(['one', 'two']);
  });

  it('is made each time where nothing can be written, and goes then', async () => {
    const { parent, ask, made } = setUp();
    writeFileSync(join(parent, 'file'), '');
    const from = join(parent, 'file', 'below');
    const [first, second] = [await ask('one', { from }), await ask('one', { from })];

    expect(made()).toBe(2);
    expect(dirname(first.path)).toBe(tmpdir());
    expect(contentOf(second)).toBe('one');
    for (const { remove } of [first, second]) remove();
    expect([first, second].map(({ path }) => existsSync(path))).toEqual([false, false]);
  });
});
