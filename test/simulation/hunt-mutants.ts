import { isKnown } from './known-gaps.ts';
import { copyEngine } from './mutant-copy.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { runSeeds } from './run-seeds.ts';

/** So many seeds have to see a bug, so that none is found by luck. */
const KILLERS = 2;

/** A bug that so many seeds do not see is one that nobody sees. */
const MAX_SEEDS = 300;

export interface Hunt {
  readonly mutant: string;
  /** Seeds that saw it, and what they saw. */
  readonly killers: readonly { readonly seed: number; readonly invariant: string }[];
  readonly seeds: number;
  readonly survived: boolean;
}

/** Plants one bug after the other, and runs seeds until two have seen it. */
export async function huntMutants(
  root: string,
  folder: string,
  onHunted: (hunt: Hunt) => void,
  mutants: readonly Mutant[] = MUTANTS,
): Promise<Hunt[]> {
  const copy = copyEngine(root, folder);
  const hunts: Hunt[] = [];
  for (const mutant of mutants) {
    copy.plant(mutant);
    const killers: { seed: number; invariant: string }[] = [];
    let seeds = 0;
    await runSeeds({
      root: copy.root,
      from: 1,
      count: MAX_SEEDS,
      onResult: ({ seed, findings }) => {
        seeds += 1;
        const [first] = findings.filter((finding) => !isKnown(finding));
        if (first) killers.push({ seed, invariant: first.invariant });
        return killers.length >= KILLERS;
      },
    });
    const hunt = { mutant: mutant.name, killers, seeds, survived: killers.length < KILLERS };
    hunts.push(hunt);
    onHunted(hunt);
  }
  return hunts;
}
