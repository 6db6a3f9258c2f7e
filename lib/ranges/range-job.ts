import * as z from 'zod';
import type { ConnectionSettings } from '../config/settings.ts';
import type { PollState } from '../polling/poll-state.ts';
import { type Coverage, coverageSchema, NO_PROOF, proofSchema } from '../proof/coverage.ts';
import { DAY_MS } from '../time.ts';

/** What reads a connection's list over a range of time, outside hot polling. */
export const RANGE_KINDS = ['daily', 'weekly', 'backfill'] as const;
export type RangeKind = (typeof RANGE_KINDS)[number];
export type SweepKind = Exclude<RangeKind, 'backfill'>;

/** How far back the two sweeps look. */
const SPAN_MS = { daily: 2 * DAY_MS, weekly: 30 * DAY_MS } as const satisfies Record<
  SweepKind,
  number
>;

/** A sweep makes up for those that were not completed before it, within reason. */
const MAX_SPANS = 4;

const countsSchema = z.object({
  requests: z.int().nonnegative(),
  detailRequests: z.int().nonnegative(),
  /** Rows of the range that were shown. */
  listed: z.int().nonnegative(),
  /** Versions of calls that were written. */
  changed: z.int().nonnegative(),
  final: z.int().nonnegative(),
  silent: z.int().nonnegative(),
  quarantined: z.int().nonnegative(),
  /** Calls that were over long enough for hot polling to have told, and were not recorded as over. */
  missedFinal: z.int().nonnegative(),
  /** Recorded outcomes that had changed since. */
  missedChange: z.int().nonnegative(),
  /** Slices that could not be shown to be complete, and were left after a few tries. */
  unproven: z.int().nonnegative(),
  /** Rows that could not be recorded through a fault of ours. */
  broken: z.int().nonnegative(),
});
export type RangeCounts = z.infer<typeof countsSchema>;

export const NO_COUNTS: RangeCounts = {
  requests: 0,
  detailRequests: 0,
  listed: 0,
  changed: 0,
  final: 0,
  silent: 0,
  quarantined: 0,
  missedFinal: 0,
  missedChange: 0,
  unproven: 0,
  broken: 0,
};

/** In a list with a time filter: all before `at` is read, and the next slice is so long. */
const timePositionSchema = z.object({
  by: z.literal('time'),
  at: z.iso.datetime(),
  sliceMs: z.number().positive(),
});
export type TimePosition = z.infer<typeof timePositionSchema>;

/** In a list without one: the last page that was read, where the next slice begins again. */
const pagePositionSchema = z.object({
  by: z.literal('page'),
  /** Null: the first page. */
  cursor: z.union([z.string(), z.number()]).nullable(),
  /** Rows on the pages before it. */
  rowsBefore: z.int().nonnegative(),
  /** Fingerprints of ids on it: one of them seen again there proves that nothing slipped through. */
  tail: z.array(z.string()),
  /** The oldest instant so far, and how far a row was newer than one before it. */
  oldest: z.iso.datetime().nullable(),
  aheadMs: z.number().nonnegative(),
  /** How often the walk began anew because the list had shifted under it. */
  restarts: z.int().nonnegative(),
});
export type PagePosition = z.infer<typeof pagePositionSchema>;

/** One job, as it is kept between two of its slices: small, and written once per slice. */
export const rangeJobSchema = z.object({
  /** Of this shape. */
  v: z.literal(1),
  /** One more at each write; a write names the one it was derived from. */
  version: z.int().nonnegative(),
  /** Of one kind, later jobs have greater ids. */
  id: z.string(),
  kind: z.enum(RANGE_KINDS),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** What is announced of calls that are over when first seen here: what is news, nothing, or all. */
  announce: z.enum(['news', 'none', 'events']),
  /** Only counts, reads nothing. */
  dryRun: z.boolean(),
  state: z.enum(['running', 'done', 'canceled']),
  /** Slices that were worked on; each message names the one it asks for. */
  step: z.int().nonnegative(),
  position: z.discriminatedUnion('by', [timePositionSchema, pagePositionSchema]),
  /** How many calls the provider says are in the range; null while it was not asked, or does not say. */
  expected: z.int().nonnegative().nullable(),
  counts: countsSchema,
  /** Ids of the first calls that were missed. */
  missed: z.array(z.string()).default([]),
  /** Of a sweep: what is proven so far of the calls that were listed, and what the one before it proved. */
  proof: proofSchema.default(NO_PROOF),
  before: coverageSchema.nullable().default(null),
  /** Whether the calls that come next are likely to be new: then they are written without being read first. */
  expectsNew: z.boolean(),
  /** Failed tries of the present slice, why the last one failed, and until when to wait for the next. */
  tries: z.int().nonnegative(),
  reason: z.string().nullable(),
  waitUntil: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime(),
  savedAt: z.iso.datetime(),
  /** Everything created before this was read by a completed sweep of this kind. */
  reached: z.iso.datetime().nullable(),
  /** So far back hot polling would have had to look to see what this missed. */
  lookBackMs: z.number().nonnegative(),
});
export type RangeJob = z.infer<typeof rangeJobSchema>;

/** Reads a job of any shape that was ever deployed. @throws ZodError for what never was one. */
export const migrateJob = (stored: unknown): RangeJob => rangeJobSchema.parse(stored);

const firstPosition = (
  list: { readonly window: unknown },
  from: string,
  sliceMs: number,
): RangeJob['position'] =>
  list.window
    ? { by: 'time', at: from, sliceMs }
    : { by: 'page', cursor: null, rowsBefore: 0, tail: [], oldest: null, aheadMs: 0, restarts: 0 };

type Begun = Pick<RangeJob, 'id' | 'kind' | 'from' | 'to' | 'announce'> &
  Partial<Pick<RangeJob, 'dryRun' | 'reached'>>;

/** A job that has done nothing yet, in place of the one before it. */
function newJob(
  begun: Begun,
  before: RangeJob | undefined,
  list: { readonly window: unknown },
  now: Date,
): RangeJob {
  const { from, to } = begun;
  const wholeMs = Math.max(1, Date.parse(to) - Date.parse(from));
  // A sweep of yesterday knows how much time one slice holds.
  const sliceMs = before?.position.by === 'time' ? before.position.sliceMs : wholeMs;
  return {
    v: 1,
    version: before?.version ?? 0,
    dryRun: false,
    reached: null,
    ...begun,
    state: 'running',
    step: 0,
    position: firstPosition(list, from, Math.min(wholeMs, sliceMs)),
    expected: null,
    counts: NO_COUNTS,
    missed: [],
    proof: NO_PROOF,
    before: before ? (coverageOf(before) ?? null) : null,
    expectsNew: false,
    tries: 0,
    reason: null,
    waitUntil: null,
    startedAt: now.toISOString(),
    savedAt: now.toISOString(),
    lookBackMs: 0,
  };
}

/** What the last sweep of this kind that was done has proven; undefined: none has yet. */
export function coverageOf(job: RangeJob): Coverage | undefined {
  if (job.kind === 'backfill') return undefined;
  if (job.state !== 'done') return job.before ?? undefined;
  const { from, to, counts, startedAt, savedAt, proof } = job;
  const { listed, unproven } = counts;
  return { from, to, listed, unproven, startedAt, endedAt: savedAt, proof };
}

/** Calls from before this were over when the connection was first polled: nobody asked for them. */
function earliestOf({ baselineAt }: PollState, { maxCallAge }: ConnectionSettings): number {
  return baselineAt === null ? 0 : Date.parse(baselineAt) - maxCallAge;
}

/**
 * A sweep that begins now. It goes back as far as its kind does, and further where the one before it was
 * not completed; a sweep that never ended leaves nothing unswept.
 */
export function newSweep(
  { id, kind }: { id: string; kind: SweepKind },
  before: RangeJob | undefined,
  {
    settings,
    hot,
    list,
    now,
  }: {
    settings: ConnectionSettings;
    hot: PollState;
    list: { readonly window: unknown };
    now: Date;
  },
): RangeJob {
  const spanMs = SPAN_MS[kind];
  const reached =
    before === undefined ? null : before.state === 'done' ? before.to : before.reached;
  const usual = now.getTime() - spanMs;
  const from = Math.max(
    Math.min(usual, reached === null ? usual : Date.parse(reached)),
    now.getTime() - MAX_SPANS * spanMs,
    earliestOf(hot, settings),
  );
  const range = {
    from: new Date(Math.min(from, now.getTime())).toISOString(),
    to: now.toISOString(),
  };
  return newJob({ id, kind, ...range, announce: 'news', reached }, before, list, now);
}

/** A backfill that begins now. */
export const newBackfill = (
  {
    from,
    to,
    announce,
    dryRun,
  }: { from: Date; to: Date; announce: 'none' | 'events'; dryRun: boolean },
  before: RangeJob | undefined,
  list: { readonly window: unknown },
  now: Date,
): RangeJob =>
  newJob(
    {
      id: now.toISOString(),
      kind: 'backfill',
      from: from.toISOString(),
      to: to.toISOString(),
      announce,
      dryRun,
    },
    // Another range says nothing about this one.
    before && { ...before, position: firstPosition({ window: undefined }, '', 1) },
    list,
    now,
  );

/** How much of a job is done, 0 to 1; undefined where only its end will tell. */
export function progressOf({
  state,
  position,
  from,
  to,
  counts,
  expected,
}: RangeJob): number | undefined {
  if (state === 'done') return 1;
  if (position.by === 'time') {
    const wholeMs = Date.parse(to) - Date.parse(from);
    return wholeMs <= 0 ? 1 : (Date.parse(position.at) - Date.parse(from)) / wholeMs;
  }
  return expected ? Math.min(1, counts.listed / expected) : undefined;
}
