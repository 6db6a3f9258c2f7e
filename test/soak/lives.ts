import type { SimulatedSide } from '../../lib/cli/simulated-side.ts';
import { createRandom } from '../../lib/local/simulators/random.ts';
import { type LifeOptions, startLife } from './life.ts';
import type { SoakOptions } from './options.ts';
import { say, secondsSince } from './progress.ts';

/** The share of lives that may be killed while they start; all others get as far as their first poll. */
const KILLED_AT_START = 0.2;

/** Where starting takes longer than the life was to last, it lasts up to this much from its first poll on. */
const MAX_WORKING_MS = 3_000;

const isAskedSince = (side: SimulatedSide, instant: number): boolean =>
  side.truth().some(({ askedAt }) => (askedAt.at(-1) ?? 0) > instant);

/** Begins lives, one after the other on the same data, and kills each. Returns how many. */
export async function killAgainAndAgain(
  side: SimulatedSide,
  { forMs, killEveryMs, seed }: SoakOptions,
  lifeOptions: LifeOptions,
): Promise<number> {
  const startedAt = performance.now();
  const random = createRandom(seed);
  let kills = 0;
  while (performance.now() - startedAt < forMs) {
    const bornAt = performance.now();
    const bornInstant = Date.now();
    const hasPolled = () => isAskedSince(side, bornInstant);
    const lifeMs = killEveryMs * random.between(0.5, 1.5);
    const workingMs = random.between(0, MAX_WORKING_MS);
    const mayDieEarly = random.next() < KILLED_AT_START;

    const life = startLife(lifeOptions);
    await life.goOn(Math.min(lifeMs, forMs - (bornAt - startedAt)));
    if (!mayDieEarly && !hasPolled()) {
      while (!hasPolled()) await life.goOn(100);
      await life.goOn(workingMs);
    }
    await life.kill();
    kills += 1;
    const after = `after a life of ${secondsSince(bornAt)} s${hasPolled() ? '' : ' without a poll'}`;
    const arrived = `${side.events().length} events have arrived`;
    say(`${secondsSince(startedAt)} s: kill ${kills}, ${after}; ${arrived}`);
  }
  return kills;
}
