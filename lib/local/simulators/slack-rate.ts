import { CLOCK_TOLERANCE_MS, createBlocked } from './blocked.ts';

/** The allowance of one method, and for messages of one channel: a bucket that refills steadily. */
export interface RateLimit {
  readonly perSecond: number;
  /** How many may come at once after a quiet time. */
  readonly burst: number;
}

/** The outcome of asking: allowed, or when to come back and what the asker did wrong, if anything. */
export type RateDecision =
  | { readonly isAllowed: true }
  | {
      readonly isAllowed: false;
      readonly retryAfterSeconds: number;
      readonly breach: 'rate' | 'early-retry' | undefined;
    };

/** Counts requests per key. Times are epoch ms with fractions. */
export interface RateLimiter {
  ask(key: string, limit: RateLimit, now: number): RateDecision;
  /** Refuses everything for `key` until `seconds` from now, as after a 429. */
  block(key: string, seconds: number, now: number): void;
}

export function createRateLimiter(): RateLimiter {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const { block, check } = createBlocked();

  return {
    block,
    ask(key, limit, now) {
      const blocked = check(key, now);
      if (blocked !== undefined) {
        const { retryAfterSeconds, isEarly } = blocked;
        const breach = isEarly ? 'early-retry' : undefined;
        return { isAllowed: false, retryAfterSeconds, breach };
      }

      const { tokens, at } = buckets.get(key) ?? { tokens: limit.burst, at: now };
      const refilled = Math.min(limit.burst, tokens + ((now - at) / 1000) * limit.perSecond);
      const wait = (1 - refilled) / limit.perSecond;
      if (wait * 1000 > CLOCK_TOLERANCE_MS) {
        buckets.set(key, { tokens: refilled, at: now });
        const retryAfterSeconds = Math.ceil(wait);
        block(key, retryAfterSeconds, now);
        return { isAllowed: false, retryAfterSeconds, breach: 'rate' };
      }
      buckets.set(key, { tokens: refilled - 1, at: now });
      return { isAllowed: true };
    },
  };
}
