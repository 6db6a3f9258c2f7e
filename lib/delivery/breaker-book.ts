import { type Clock, SECOND_MS } from '../time.ts';
import { type Breaker, untroubled } from './breaker.ts';
import type { Freshness } from './deliver-deps.ts';

/** Where breakers are kept. Its suite is `test/delivery/breaker-book.contract.ts`. */
export interface BreakerBook {
  /** What a moment ago was there will do, unless it has to be `fresh`. */
  read(destination: string, options: Freshness): Promise<Breaker | undefined>;
  /**
   * Writes a breaker in one conditional write.
   *
   * @param next its version is one more than that of the breaker it was made from
   * @returns false when another worker was quicker
   */
  save(next: Breaker, now: Date): Promise<boolean>;
}

/** The breakers of all destinations, as one worker sees them. */
export interface Breakers {
  /** As it was a few seconds ago, or is: enough for asking at every delivery. */
  look(destination: string): Promise<Breaker>;
  /** Makes of a breaker, as it is now, what `step` says; undefined: leaves it, and tells so. */
  change(
    destination: string,
    step: (breaker: Breaker) => Breaker | undefined,
  ): Promise<{ readonly breaker: Breaker; readonly changed: boolean }>;
}

/**
 * How old a look may be. Every delivery looks, so it decides what a good day costs: half a read unit a
 * worker and destination in this time, and no write.
 */
const LOOK_MS = 5 * SECOND_MS;

/** Workers that have the same trouble at once get in each other's way this often in a row at most. */
const TRIES = 8;

/** Looks at breakers through a short memory. */
export function watchBreakers(book: BreakerBook, now: Clock): Breakers {
  const seen = new Map<string, { readonly until: number; readonly breaker: Promise<Breaker> }>();

  const remember = (destination: string, breaker: Promise<Breaker>): Promise<Breaker> => {
    const entry = { until: now().getTime() + LOOK_MS, breaker };
    seen.set(destination, entry);
    breaker.catch(() => {
      if (seen.get(destination) === entry) seen.delete(destination);
    });
    return breaker;
  };
  const read = (destination: string, freshness: Freshness): Promise<Breaker> =>
    remember(
      destination,
      book.read(destination, freshness).then((breaker) => breaker ?? untroubled(destination)),
    );

  return {
    look: (destination) => {
      const known = seen.get(destination);
      return known && now().getTime() < known.until
        ? known.breaker
        : read(destination, { fresh: false });
    },
    change: async (destination, step) => {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const breaker = await read(destination, { fresh: true });
        const stepped = step(breaker);
        if (!stepped) return { breaker, changed: false };
        const next = { ...stepped, version: breaker.version + 1 };
        if (await book.save(next, now())) {
          return { breaker: await remember(destination, Promise.resolve(next)), changed: true };
        }
      }
      throw new Error(`The breaker of ${destination} was changed by others again and again`);
    },
  };
}
