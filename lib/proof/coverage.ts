import * as z from 'zod';

/** Where a call was lost: it is listed and not recorded, it was told nobody, or not everybody. */
export const HOPS = ['stored', 'announced', 'delivered'] as const;

const lostSchema = z.object({
  connection: z.string(),
  /** The call's id. */
  call: z.string(),
  hop: z.enum(HOPS),
  /** What was not told, and to whom; undefined where nothing is recorded. */
  event: z.string().optional(),
  destinations: z.array(z.string()).optional(),
});
/** A call of which something is missing. */
export type Lost = z.infer<typeof lostSchema>;

const count = z.int().nonnegative();

/** Listed calls, each counted once, by what is known of them. */
export const proofSchema = z.object({
  /** Everybody who was to be told has been. */
  told: count,
  /** They go on, or are over and nobody was to be told. */
  open: count,
  silent: count,
  /** They were recorded a moment ago, or a delivery waits, is parked, or needs a person. */
  waiting: count,
  /** Nobody can say: routes have changed since, or the call has. */
  unjudged: count,
  /** Calls that are missing something, and the first of them. */
  lost: count,
  names: z.array(lostSchema),
  /** True when some of them could not be looked at. */
  isPartial: z.boolean(),
});
export type Proof = z.infer<typeof proofSchema>;

export const NO_PROOF: Proof = {
  told: 0,
  open: 0,
  silent: 0,
  waiting: 0,
  unjudged: 0,
  lost: 0,
  names: [],
  isPartial: false,
};

/** So many are named; of more, only how many there are is known. */
export const MAX_LOST_NAMED = 20;

/** Two parts of one list together. */
export const addProofs = (a: Proof, b: Proof): Proof => ({
  told: a.told + b.told,
  open: a.open + b.open,
  silent: a.silent + b.silent,
  waiting: a.waiting + b.waiting,
  unjudged: a.unjudged + b.unjudged,
  lost: a.lost + b.lost,
  names: [...a.names, ...b.names].slice(0, MAX_LOST_NAMED),
  isPartial: a.isPartial || b.isPartial,
});

/** What a sweep that is done has proven of the calls that its provider lists. */
export const coverageSchema = z.object({
  /** Calls were asked for that were created between these. */
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  listed: count,
  /** Parts of the list that could not be shown to be complete. */
  unproven: count,
  /** When it began, and ended. */
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  proof: proofSchema,
});
export type Coverage = z.infer<typeof coverageSchema>;

/** True when each listed call is recorded, and whoever was to be told of it has a receipt, or waits for one. */
export const isCovered = ({ proof }: Pick<Coverage, 'proof'>): boolean =>
  proof.lost === 0 && !proof.isPartial;
