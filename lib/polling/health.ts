import { type OtherSideError, TransientError } from '../errors.ts';
import { HOUR_MS, MINUTE_MS } from '../time.ts';
import type { Failure } from './health-memory.ts';

/** So many failed polls in a row are not a hiccup any more. */
const ANNOUNCE_AFTER = 3;

const MAX_BACKOFF_MS = 15 * MINUTE_MS;

/**
 * A refused key is asked with as seldom as its connection is ever polled, and once an hour at least: a person
 * must act, and the provider is not to be pestered.
 */
const refusedKeyBackoffMs = (maxMs: number): number => Math.min(maxMs, HOUR_MS);

const askedMs = (error: OtherSideError): number =>
  error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;

/** True when nothing is to be asked for so long that people should know of it at once. */
export const isLongWait = (error: OtherSideError): boolean => askedMs(error) > MAX_BACKOFF_MS;

export interface FailedPoll {
  readonly failure: Failure;
  readonly backoffMs: number;
  /** True when people are to be told, now and once. */
  readonly announce: boolean;
}

/**
 * What one more failed poll means: waits double from `every` up to a quarter of an hour, are
 * jittered so that connections do not come back in step, and are never shorter than what the
 * provider asked for.
 *
 * @param random from 0 to 1
 */
export function failedPoll(
  error: OtherSideError,
  before: Failure | null,
  { everyMs, maxMs, now, random }: { everyMs: number; maxMs: number; now: Date; random: number },
): FailedPoll {
  const count = (before?.count ?? 0) + 1;
  const isNews = count >= ANNOUNCE_AFTER || isLongWait(error);
  const announce = isNews && !before?.announced;
  const isRefused = error.reason === 'key_refused' && count >= ANNOUNCE_AFTER;
  const doubled = Math.min(everyMs * 2 ** (count - 1), Math.max(MAX_BACKOFF_MS, everyMs));
  const backoffMs = isRefused ? refusedKeyBackoffMs(maxMs) : doubled * (0.8 + 0.4 * random);
  return {
    failure: {
      count,
      reason: error.reason,
      since: before?.since ?? now.toISOString(),
      announced: announce || (before?.announced ?? false),
    },
    backoffMs: Math.max(backoffMs, askedMs(error)),
    announce,
  };
}
