import * as z from 'zod';

const instant = z.iso.datetime();

export const failureSchema = z.object({
  count: z.int().positive(),
  reason: z.string(),
  since: instant,
  /** Whether `connection.failing` was announced, so that a recovery is. */
  announced: z.boolean(),
});
export type Failure = z.infer<typeof failureSchema>;

/** Why a connection can be failing whose polls succeed. */
export const CONCERNS = ['silent', 'lagging'] as const;

/** What is wrong with a connection whose polls succeed: one thing at a time, and none beside an announced failure. */
const concernSchema = z.object({
  reason: z.enum(CONCERNS),
  since: instant,
  announced: z.boolean(),
});
export type Concern = z.infer<typeof concernSchema>;

/** Records that cannot be read, or words that nobody knows. */
export const driftSchema = z.object({
  /** How many times all could be read again: what drifts after that is news once more. */
  ended: z.int().nonnegative(),
  /** Null: all can be read. */
  since: instant.nullable(),
  /** When something was last found that could not be read before. */
  lastAt: instant,
  /** Fingerprints of some of the records, and some of the words: they are looked for again. */
  samples: z.array(z.string()),
  words: z.array(z.string()),
});
export type Drift = z.infer<typeof driftSchema>;

/** An announcement about the connection that may not have been written yet. */
export const owedSchema = z.object({
  type: z.enum(['connection.failing', 'connection.recovered']),
  reason: z.string(),
  since: instant,
  at: instant,
});
export type OwedNotice = z.infer<typeof owedSchema>;

/**
 * The part of a state that says how it goes with its connection. What most connections do not have is left
 * out, not null: dispatch reads every byte of every state each minute.
 */
export const healthShape = {
  failure: failureSchema.nullable(),
  concern: concernSchema.optional(),
  /** When a new call was last seen, where that is to be known. */
  lastNewAt: instant.optional(),
  drift: driftSchema.optional(),
  owed: z.array(owedSchema).default([]),
};
export type HealthMemory = z.infer<z.ZodObject<typeof healthShape>>;

/** A failure that people were told of stays until a poll that knows of it tells its end. */
function mergeFailures(stored: HealthMemory['failure'], mine: HealthMemory['failure']) {
  if (!stored?.announced) return mine;
  return mine ? { ...mine, since: stored.since, announced: true } : stored;
}

/** At most this many records, and words, are looked for again: enough to notice that all is well. */
const MAX_SAMPLES = 3;

/** What of two lists is kept: what was there first. */
export const someOf = (...lists: readonly (readonly string[])[]): string[] =>
  [...new Set(lists.flat())].slice(0, MAX_SAMPLES);

function mergeDrifts(stored: Drift | undefined, mine: Drift | undefined): Drift | undefined {
  if (!stored || !mine) return stored ?? mine;
  if (stored.ended !== mine.ended) return stored.ended > mine.ended ? stored : mine;
  if (stored.since === null || mine.since === null) return mine.since === null ? stored : mine;
  return {
    ...stored,
    lastAt: stored.lastAt > mine.lastAt ? stored.lastAt : mine.lastAt,
    samples: someOf(stored.samples, mine.samples),
    words: someOf(stored.words, mine.words),
  };
}

/** What mine went on from has been told to be over, by a poll that began after it and was faster. */
const isOverMeanwhile = (
  stored: HealthMemory,
  { concern }: HealthMemory,
  before: HealthMemory | undefined,
): boolean =>
  concern !== undefined &&
  stored.concern === undefined &&
  before?.concern?.reason === concern.reason &&
  before.concern.since === concern.since;

/**
 * Two polls of one connection overlapped: what either told stays told, and what either owes is owed.
 *
 * @param before what mine began with
 */
export function mergeHealth(
  stored: HealthMemory,
  mine: HealthMemory,
  before?: HealthMemory,
): HealthMemory {
  if (isOverMeanwhile(stored, mine, before)) {
    const { concern, ...others } = mine;
    const owed = mine.owed.filter(({ reason }) => reason !== concern?.reason);
    return mergeHealth(stored, { ...others, owed });
  }
  const isConcern = (reason: string) => CONCERNS.some((known) => known === reason);
  // Where people were told of trouble already, neither its beginning nor its end is mine to tell. That
  // drift is over is told under one id, by whomever.
  const isMine = ({ reason }: OwedNotice) => {
    if (reason === 'drifted') return true;
    return isConcern(reason) ? !stored.concern?.announced : !stored.failure?.announced;
  };
  return {
    failure: mergeFailures(stored.failure, mine.failure),
    concern: stored.concern?.announced ? stored.concern : mine.concern,
    lastNewAt: [stored.lastNewAt ?? '', mine.lastNewAt ?? ''].sort()[1] || undefined,
    drift: mergeDrifts(stored.drift, mine.drift),
    owed: [...stored.owed, ...mine.owed.filter(isMine)],
  };
}
