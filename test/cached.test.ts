import { describe, expect, it } from 'vitest';
import { cached } from '../lib/cached.ts';

function setup(load?: () => Promise<number>) {
  let time = 0;
  let loads = 0;
  const count = async () => {
    loads += 1;
    return loads;
  };
  return {
    read: cached(load ?? count, 30_000, () => new Date(time)),
    pass: (ms: number) => {
      time += ms;
    },
  };
}

describe('what is cached', () => {
  it('is loaded once until its time is over', async () => {
    const { read, pass } = setup();

    expect(await Promise.all([read(), read()])).toEqual([1, 1]);
    pass(29_999);
    expect(await read()).toBe(1);
    pass(1);
    expect(await read()).toBe(2);
  });

  it('is loaded anew for who wants it fresh, and remembered from then on', async () => {
    const { read, pass } = setup();
    await read();
    pass(20_000);

    expect(await read({ fresh: true })).toBe(2);
    pass(20_000);
    expect(await read()).toBe(2);
  });

  it('is never a failure', async () => {
    const answers = [Promise.reject(new Error('throttled')), Promise.resolve(7)];
    const { read } = setup(async () => (await answers.shift()) ?? 0);

    await expect(read()).rejects.toThrow('throttled');
    expect(await read()).toBe(7);
  });
});
