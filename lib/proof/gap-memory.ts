import * as z from 'zod';

const instant = z.iso.datetime();

const lookAgainSchema = z.object({
  connection: z.string(),
  /** The call's id. */
  id: z.string(),
  /** When it was looked at first. */
  since: instant,
  /** How often it was announced again. */
  tries: z.int().nonnegative(),
  /** Destinations that had no receipt of it; none where it only goes on. */
  lackedBy: z.array(z.string()).default([]),
});
/** A call that is to be looked at again: it goes on, was recorded late, or is lost. */
export type LookAgain = z.infer<typeof lookAgainSchema>;

/** What is remembered from one look for gaps to the next. */
export const gapMemorySchema = z.object({
  /** When that look was; null: there was none. */
  at: instant.nullable(),
  again: z.array(lookAgainSchema),
  /** Destinations without receipts that people were told of, and since when. */
  failing: z.record(z.string(), instant),
});
export type GapMemory = z.infer<typeof gapMemorySchema>;

export const EMPTY_MEMORY: GapMemory = { at: null, again: [], failing: {} };

/** So many calls are looked at again; those beyond are found by the next sweep. */
export const MAX_AGAIN = 200;
