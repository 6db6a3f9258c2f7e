import * as z from 'zod';

/** What became of an attempt that did not deliver. */
export const attemptSchema = z.object({
  at: z.iso.datetime(),
  /** One of our words, such as `unreachable` or `channel_not_found`: never a text from outside. */
  reason: z.string(),
});
export type Attempt = z.infer<typeof attemptSchema>;

/** More than the retry schedule has steps, and few enough to cost a row no further write unit by themselves. */
const MAX_ATTEMPTS = 15;

/** What every reason of ours looks like. */
const WORD = /^[a-z][a-z0-9_]{0,63}$/;

/** The log with one more attempt at its end; the oldest give way. */
export const withAttempt = (
  log: readonly Attempt[] | undefined,
  reason: string,
  at: Date,
): Attempt[] =>
  [
    ...(log ?? []),
    // A sender that hands on its destination's own words shall not have them kept here.
    { at: at.toISOString(), reason: WORD.test(reason) ? reason : 'other' },
  ].slice(-MAX_ATTEMPTS);
