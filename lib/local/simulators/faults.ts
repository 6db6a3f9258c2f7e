import type { Random } from './random.ts';

/** How often a fault strikes: a probability from 0 to 1, or the next so many times and then never. */
export type Chance = number | { times: number };

/** Decides once whether a fault strikes now. A counted chance is used up by it. */
export function strikes(chance: Chance, random: Random): boolean {
  if (typeof chance === 'number') return random.next() < chance;
  if (chance.times <= 0) return false;
  chance.times -= 1;
  return true;
}
