/** Who was sent away with a 429, and until when. Times are epoch ms with fractions. */
export interface Blocked {
  block(key: string, seconds: number, now: number): void;
  /** Undefined: not blocked. Early is who could have read the 429 and came back all the same. */
  check(key: string, now: number): { retryAfterSeconds: number; isEarly: boolean } | undefined;
}

// A request that set out before the 429 could be read is not disobedience.
const IN_FLIGHT_MS = 25;

/** How much too soon may be nobody's fault: timers fire a little early, clocks differ a little. */
export const CLOCK_TOLERANCE_MS = 10;

export function createBlocked(): Blocked {
  const blocks = new Map<string, { from: number; until: number }>();
  return {
    block(key, seconds, now) {
      blocks.set(key, { from: now, until: now + seconds * 1000 });
    },
    check(key, now) {
      const block = blocks.get(key);
      if (block === undefined || now >= block.until - CLOCK_TOLERANCE_MS) return undefined;
      return {
        retryAfterSeconds: Math.ceil((block.until - now) / 1000),
        isEarly: now > block.from + IN_FLIGHT_MS,
      };
    },
  };
}
