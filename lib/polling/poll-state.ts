import * as z from 'zod';
import type { ConnectionSettings } from '../config/settings.ts';
import { healthShape, mergeHealth } from './health-memory.ts';
import { listMemorySchema, mergeListMemories } from './list-memory.ts';
import { paceSchema, priorPace } from './pace.ts';

/** What a poll of a provider of usual speed can do within its time. */
export const MAX_ROWS = 2_000;

export const MIN_LOOK_BACK_MS = 3_600_000;
export const MAX_LOOK_BACK_MS = 48 * 3_600_000;

/** A call that was open when last seen, or final but not yet read in full. */
const rememberedSchema = z.object({
  id: z.string(),
  /** When it was created at the provider, or first seen where that is unknown. */
  since: z.iso.datetime(),
});
export type RememberedCall = z.infer<typeof rememberedSchema>;

const enrichmentSchema = z.object({
  id: z.string(),
  dueAt: z.iso.datetime(),
  tries: z.int().nonnegative(),
});
export type Enrichment = z.infer<typeof enrichmentSchema>;

const busySchema = z.object({
  /** When the whole look-back was last read. */
  deepAt: z.iso.datetime(),
  /** Everything that was listed by then was read. */
  readUntil: z.iso.datetime(),
  /** How far back one page reached at that time, on average. Before it was measured: five minutes were read. */
  pageMs: z.int().positive().default(300_000),
});

/**
 * What one connection's hot polling must remember. Small on purpose: it is read at each poll, and
 * written only when it changes.
 */
export const pollStateSchema = z.object({
  /**
   * Of this shape. A field that is added has a default, so that code of before and after can share a
   * state; a shape that changes otherwise gets a new number and a step in `migrate`.
   */
  v: z.literal(1),
  /** One more at each write; a write names the one it was derived from. */
  version: z.int().nonnegative(),
  /** Fixed before the first request; null where everything is announced. */
  baselineAt: z.iso.datetime().nullable(),
  /** Every call created before this has been listed by a completed walk. */
  watermark: z.iso.datetime(),
  /** False until the list was read as far back as calls can be open: what it shows till then is history. */
  begun: z.boolean().default(true),
  /** Of a list without a time filter; null of one that has one. */
  list: listMemorySchema.nullable().default(null),
  /** Of a list whose look-back takes more than one page; null of one that is read whole each time. */
  busy: busySchema.nullable().default(null),
  /** No look-back is shorter: grows when a sweep finds what hot polling did not see. */
  minLookBackMs: z.number().positive().default(MIN_LOOK_BACK_MS),
  /** How far behind now each walk begins: as far as one page reaches, within bounds. */
  lookBackMs: z.number().positive(),
  /** The oldest open calls, to be read by id when no page shows them any more. */
  open: z.array(rememberedSchema),
  /** Where the others begin that did not fit into `open`: walks reach back to there. */
  openFrom: z.iso.datetime().nullable(),
  enrich: z.array(enrichmentSchema),
  /** Rows that one walk may face before its window is halved: fewer where the provider is slow. */
  maxRows: z.int().positive().default(MAX_ROWS),
  /** When a call last changed: the schedule is a function of it. */
  lastChangeAt: z.iso.datetime(),
  /** What was learned by then about when its calls come and end. */
  pace: paceSchema.default(priorPace),
  ...healthShape,
  backoffUntil: z.iso.datetime().nullable(),
});
export type PollState = z.infer<typeof pollStateSchema>;

/** Open calls that are remembered by id; with all of them a state is read for half a unit. */
export const MAX_OPEN = 20;

/** Calls whose late details are waited for. */
export const MAX_ENRICH = 16;

/** The state before the first request. Its instants are what "first run" means for ever after. */
export function initialState(settings: ConnectionSettings, now: Date): PollState {
  const { firstRun, maxCallAge } = settings;
  const watermark =
    firstRun === 'baseline'
      ? // Far enough back to find every call that may still be open.
        new Date(now.getTime() - maxCallAge)
      : new Date(firstRun === 'all' ? 0 : firstRun.since);
  return {
    v: 1,
    version: 0,
    // `since` is a baseline in the past: the walk may show calls from before it.
    baselineAt:
      firstRun === 'baseline'
        ? now.toISOString()
        : firstRun === 'all'
          ? null
          : new Date(firstRun.since).toISOString(),
    watermark: watermark.toISOString(),
    begun: false,
    list: null,
    busy: null,
    minLookBackMs: MIN_LOOK_BACK_MS,
    lookBackMs: MIN_LOOK_BACK_MS,
    open: [],
    openFrom: null,
    enrich: [],
    maxRows: MAX_ROWS,
    lastChangeAt: now.toISOString(),
    pace: priorPace,
    failure: null,
    owed: [],
    backoffUntil: null,
  };
}

/** Reads a state of any shape that was ever deployed. @throws ZodError for what never was one. */
export const migrate = (stored: unknown): PollState => pollStateSchema.parse(stored);

export const later = <T extends string | null>(a: T, b: T): T =>
  a !== null && (b === null || a > b) ? a : b;

/** The first of these instants, null when there is none. */
export const earliest = (instants: readonly (string | null | undefined)[]): string | null =>
  instants.filter((instant) => typeof instant === 'string').sort()[0] ?? null;

/** The open calls as a state holds them: the oldest by their ids, and where the others begin. */
export function boundOpen(calls: Iterable<RememberedCall>): Pick<PollState, 'open' | 'openFrom'> {
  const open = [...calls].sort((a, b) => (a.since < b.since ? -1 : 1));
  return { open: open.slice(0, MAX_OPEN), openFrom: open[MAX_OPEN]?.since ?? null };
}

const unionById = <T extends { id: string }>(...lists: readonly (readonly T[])[]): T[] => [
  ...new Map(lists.flat().map((entry) => [entry.id, entry])).values(),
];

/** Null where either read all of it in one page: that needs no memory. */
const mergeBusy = (stored: PollState['busy'], mine: PollState['busy']): PollState['busy'] =>
  stored &&
  mine && {
    deepAt: later(stored.deepAt, mine.deepAt),
    readUntil: later(stored.readUntil, mine.readUntil),
    pageMs: mine.pageMs,
  };

/**
 * Two polls of one connection overlapped: what both know, less what either has finished. Nothing
 * that one of them still had to do is forgotten.
 *
 * @param settled ids that `mine` saw become final or gave up on
 * @param before what `mine` began with
 */
export function mergeStates(
  stored: PollState,
  mine: PollState,
  settled: ReadonlySet<string>,
  before?: PollState,
): PollState {
  const unsettled = (entry: { id: string }) => !settled.has(entry.id);
  const { open, openFrom } = boundOpen(unionById(stored.open.filter(unsettled), mine.open));
  return {
    ...mine,
    version: stored.version,
    baselineAt: stored.baselineAt,
    begun: stored.begun || mine.begun,
    list: mergeListMemories(stored.list, mine.list),
    busy: mergeBusy(stored.busy, mine.busy),
    minLookBackMs: Math.max(stored.minLookBackMs, mine.minLookBackMs),
    watermark: later(stored.watermark, mine.watermark),
    lastChangeAt: later(stored.lastChangeAt, mine.lastChangeAt),
    pace: stored.lastChangeAt > mine.lastChangeAt ? stored.pace : mine.pace,
    open,
    openFrom: earliest([openFrom, stored.openFrom, mine.openFrom]),
    enrich: unionById(stored.enrich, mine.enrich).slice(0, MAX_ENRICH),
    ...mergeHealth(stored, mine, before),
    backoffUntil: later(stored.backoffUntil, mine.backoffUntil),
  };
}
