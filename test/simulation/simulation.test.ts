import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../lib/local/simulators/random.ts';
import { FAULT_KINDS } from './fault-kinds.ts';
import type { Finding } from './finding.ts';
import { createKernel, type Doom } from './kernel.ts';
import { isKnown } from './known-gaps.ts';
import { plantedSource } from './mutant-copy.ts';
import { MUTANTS } from './mutants.ts';
import { runSeeds, seedsFrom } from './run-seeds.ts';
import { type SeedResult, simulateSeed } from './simulate-seed.ts';
import { tallyOf } from './tally.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const SEEDS = 200;

describe('the simulation', () => {
  const results: SeedResult[] = [];

  beforeAll(async () => {
    await runSeeds({
      root: ROOT,
      seeds: seedsFrom(1, SEEDS),
      onResult: (result) => {
        results.push(result);
        return false;
      },
    });
    // Under a minute on two idle cores; they may be busy with other suites.
  }, 900_000);

  it('sees every promise kept in every seed', () => {
    const broken = results.flatMap(({ seed, findings }) =>
      findings
        .filter((finding) => !isKnown(finding))
        .map((finding: Finding) => ({
          ...finding,
          replay: `npm run simulate -- --seed ${seed} --trace`,
        })),
    );

    expect(broken).toEqual([]);
  });

  it('lasts a day or more in each seed, with four connections, 200 calls and two kills', () => {
    const { least } = tallyOf(results);

    expect(least.virtualHours).toBeGreaterThanOrEqual(24);
    expect(least.connections).toBeGreaterThanOrEqual(4);
    expect(least.calls).toBeGreaterThanOrEqual(200);
    expect(least.kills).toBeGreaterThanOrEqual(2);
  });

  it('lets each of more than forty kinds of fault take effect in one seed of forty', () => {
    const { faults } = tallyOf(results);
    const rare = FAULT_KINDS.filter((kind) => faults[kind] < SEEDS / 40);

    expect(FAULT_KINDS.length - rare.length).toBeGreaterThan(40);
    // By chance the rarest may be missing from so few seeds, but not many of them.
    expect(rare.length).toBeLessThan(5);
  });

  it('has something to prove: most calls are listed as final in two successful polls', () => {
    const { calls, proven } = tallyOf(results).total;

    expect(proven / calls).toBeGreaterThan(0.8);
  });
});

describe('a seed', () => {
  it('is the same every time, step by step', async () => {
    const trace = async () => {
      const lines: string[] = [];
      await simulateSeed(7, (line) => lines.push(line));
      return lines.join('\n');
    };
    const first = await trace();

    expect(await trace()).toBe(first);
    expect(first.length).toBeGreaterThan(100_000);
  }, 120_000);
});

describe('a planted bug', () => {
  it.each(MUTANTS)('finds its place in today’s source: $name', ({ file, ...mutant }) => {
    const source = readFileSync(join(ROOT, file), 'utf8');

    expect(plantedSource({ file, ...mutant }, source)).not.toBe(source);
  });

  it.each(MUTANTS.flatMap(({ name, tests = [] }) => tests.map((test) => [name, test] as const)))(
    'that worlds show too seldom names a test that there is: %s',
    (_, { file, name }) => {
      expect(readFileSync(join(ROOT, file), 'utf8')).toContain(`it('${name}'`);
    },
  );
});

describe('the kernel', () => {
  const kernel = (dooms: readonly Doom[] = []) => {
    const trace: string[] = [];
    return {
      trace,
      kernel: createKernel({
        random: createRandom(1),
        start: 0,
        dooms,
        trace: (line) => trace.push(line),
        onKill: () => {},
      }),
    };
  };

  it('lets things happen in the order of their time, and at one instant in that of their entry', async () => {
    const happened: string[] = [];
    const { kernel: world } = kernel();
    for (const [when, what] of [
      [30, 'c'],
      [10, 'a'],
      [30, 'd'],
      [20, 'b'],
    ] as const) {
      world.at(when, () => happened.push(what));
    }
    await world.run(100);

    expect(happened).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each([
    [false, []],
    [true, ['first']],
  ])(
    'ends a process at a step, whether what it did was done (%s) or not',
    async (afterwards, done) => {
      const effects: string[] = [];
      let ending = '';
      const { kernel: world } = kernel([{ kind: 'poll', from: 0, step: 1, afterwards }]);
      world.spawn(
        'poll',
        async (process) => {
          await world.step(process, 'first', 5, () => effects.push('first'));
          await world.step(process, 'second', 5, () => effects.push('second'));
        },
        (how) => {
          ending = how;
        },
      );
      await world.run(100);

      expect({ effects, ending }).toEqual({ effects: done, ending: 'died' });
    },
  );
});
