import { createRandom, type Random } from '../../lib/local/simulators/random.ts';
import { createFaults, type Faults } from './faults.ts';
import { drawPlan, type Plan } from './plan.ts';

/** What is decided of a seed before anything happens in it. */
export interface World {
  readonly random: Random;
  readonly faults: Faults;
  readonly plan: Plan;
}

/** What goes wrong in a seed and how long it lasts: known without living through it. */
export function drawWorld(seed: number): World {
  const random = createRandom(seed);
  const faults = createFaults(random);
  return { random, faults, plan: drawPlan(random) };
}
