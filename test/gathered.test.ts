import { expect, it } from 'vitest';
import { gathered } from '../lib/gathered.ts';

/** Questions are answered with their double, when they are let; what was asked together is noted. */
function setup() {
  const rounds: number[][] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const ask = gathered(async (questions: readonly number[]) => {
    rounds.push([...questions]);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    if (questions.includes(13)) throw new Error('no answer');
    return questions.map((question) => question * 2);
  });
  const letGo = async (round: number) => {
    await expect.poll(() => gates.length).toBeGreaterThan(round);
    gates[round]?.resolve();
  };
  return { ask, rounds, letGo };
}

it('answers who asks at once in one go, and who asks meanwhile in the next', async () => {
  const { ask, rounds, letGo } = setup();
  const first = Promise.all([ask(1), ask(2)]);
  await expect.poll(() => rounds).toEqual([[1, 2]]);
  const second = Promise.all([ask(3), ask(4), ask(5)]);
  await letGo(0);

  expect(await first).toEqual([2, 4]);
  await letGo(1);
  expect(await second).toEqual([6, 8, 10]);
  expect(rounds).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
});

it('tells all of a round what went wrong, and goes on with the next', async () => {
  const { ask, letGo } = setup();
  const broken = Promise.allSettled([ask(1), ask(13)]);
  await letGo(0);

  expect((await broken).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const next = ask(2);
  await letGo(1);
  expect(await next).toBe(4);
});
