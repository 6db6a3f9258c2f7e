import { drawWorld } from './draw-world.ts';
import { isKnown } from './known-gaps.ts';
import { copyEngine } from './mutant-copy.ts';
import { MUTANTS, type Mutant, type NamedTest } from './mutants.ts';
import { passes } from './run-named-test.ts';
import { runSeeds } from './run-seeds.ts';

/** So many seeds have to see a bug, so that none is found by luck. */
const KILLERS = 2;

/** A bug that so many seeds do not see, though each has what it takes, is one that nobody sees. */
const MAX_SEEDS = 300;

interface Killer {
  readonly seed: number;
  readonly invariant: string;
}

export interface Hunt {
  readonly mutant: string;
  /** Seeds that saw it and see nothing wrong without it, and what they saw. */
  readonly killers: readonly Killer[];
  /** Tests that fail with it and pass without it. */
  readonly tests: readonly string[];
  /** Seeds that were lived through. */
  readonly seeds: number;
  readonly seconds: number;
  readonly survived: boolean;
}

/** Seeds that have all of what a bug needs, from the first on. */
function* seedsWith({ needs = [], needsDays }: Mutant): Generator<number> {
  for (let seed = 1, found = 0; found < MAX_SEEDS; seed += 1) {
    const { faults, plan } = drawWorld(seed);
    if (!needs.every(faults.has) || (needsDays && !plan.isLong)) continue;
    found += 1;
    yield seed;
  }
}

/** Tells which seeds see nothing wrong in an engine as it is. */
function cleanSeeds(root: string) {
  const known = new Map<number, boolean>();
  return async (killers: readonly Killer[]): Promise<Killer[]> => {
    await runSeeds({
      root,
      seeds: killers.map(({ seed }) => seed).filter((seed) => !known.has(seed)),
      onResult: ({ seed, findings }) => {
        known.set(seed, findings.every(isKnown));
        return false;
      },
    });
    return killers.filter(({ seed }) => known.get(seed));
  };
}

/** Lives through seeds with a planted bug until enough of them have seen it. */
async function huntBySeeds(
  root: string,
  mutant: Mutant,
  clean: ReturnType<typeof cleanSeeds>,
): Promise<Pick<Hunt, 'killers' | 'seeds'>> {
  const candidates = seedsWith(mutant);
  let killers: Killer[] = [];
  let seeds = 0;
  let tried = -1;
  while (killers.length < KILLERS && seeds > tried) {
    tried = seeds;
    const suspects: Killer[] = [];
    await runSeeds({
      root,
      // Where a suspect turns out to be none, the hunt goes on with those that are left.
      seeds: candidates,
      onResult: ({ seed, findings }) => {
        seeds += 1;
        const [first] = findings.filter((finding) => !isKnown(finding));
        if (first) suspects.push({ seed, invariant: first.invariant });
        return killers.length + suspects.length >= KILLERS;
      },
    });
    killers = [...killers, ...(await clean(suspects))];
  }
  return { killers, seeds };
}

/** The tests that fail with a planted bug. @throws Error for one that fails without it */
async function huntByTests(
  root: string,
  copy: string,
  tests: readonly NamedTest[],
): Promise<string[]> {
  const killers: string[] = [];
  for (const test of tests) {
    const [isSound, isBlind] = await Promise.all([passes(root, test), passes(copy, test)]);
    if (!isSound) throw new Error(`“${test.name}” fails without any planted bug`);
    if (!isBlind) killers.push(test.name);
  }
  return killers;
}

/** Plants one bug after the other, and runs what is to see it until that has been seen to. */
export async function huntMutants(
  root: string,
  folder: string,
  onHunted: (hunt: Hunt) => void,
  mutants: readonly Mutant[] = MUTANTS,
): Promise<Hunt[]> {
  const copy = copyEngine(root, folder);
  const clean = cleanSeeds(root);
  const hunts: Hunt[] = [];
  for (const mutant of mutants) {
    const startedAt = performance.now();
    copy.plant(mutant);
    const { name, tests: named } = mutant;
    const tests = named ? await huntByTests(root, copy.root, named) : [];
    const { killers, seeds } = named
      ? { killers: [], seeds: 0 }
      : await huntBySeeds(copy.root, mutant, clean);
    const hunt = {
      mutant: name,
      killers,
      tests,
      seeds,
      seconds: Math.round((performance.now() - startedAt) / 1_000),
      survived: named ? tests.length < named.length : killers.length < KILLERS,
    };
    hunts.push(hunt);
    onHunted(hunt);
  }
  return hunts;
}
