import * as z from 'zod';
import type { CommonSettings } from '../destinations/destination.ts';
import { deliveryEventSchema } from '../events/event.ts';
import { deliveryNotice } from '../events/notice.ts';
import { addMs, MINUTE_MS, SECOND_MS } from '../time.ts';

const instant = z.iso.datetime();

/**
 * What is known of how a destination does. Closed, deliveries leave; open, they are parked without being
 * tried, but for one now and then that probes.
 */
export const breakerSchema = z.object({
  destination: z.string(),
  /** Of the stored item: 0 before there is one. */
  version: z.int().nonnegative(),
  /** Deliveries that failed since one arrived, each once; empty while all is well. */
  failing: z.array(z.string()),
  /** When the first of them failed. */
  failingSince: instant.optional(),
  /** Present while it is open. */
  open: z
    .object({
      /** When the first delivery failed, which is what people are told. */
      since: instant,
      openedAt: instant,
      reason: z.string(),
      /** What a person can do about it, where only a person can. */
      fix: z.string().optional(),
      probes: z.int().nonnegative(),
      /** From when on the next delivery may probe. */
      probeAt: instant,
    })
    .optional(),
  /** Transitions that are to be announced: written down with them, so that none is missed. */
  untold: z.array(deliveryEventSchema),
});
export type Breaker = z.infer<typeof breakerSchema>;
export type Opening = NonNullable<Breaker['open']>;

/** How a destination does that nobody has had trouble with. */
export const untroubled = (destination: string): Breaker => ({
  destination,
  version: 0,
  failing: [],
  untold: [],
});

/** So many different deliveries in a row, over so long: one event that is not accepted, or a bad second, opens nothing. */
const OPEN_AFTER_DELIVERIES = 5;
const OPEN_AFTER_MS = 20 * SECOND_MS;

/** How long until the first, second, … probe. */
const PROBE_WAITS_MS = [
  30 * SECOND_MS,
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
] as const;
const LAST_PROBE_WAIT_MS = 15 * MINUTE_MS;

const probeWaitMs = (probes: number): number => PROBE_WAITS_MS[probes] ?? LAST_PROBE_WAIT_MS;

/** A failed attempt, as far as it says something about the destination. */
export interface Trouble {
  readonly eventId: string;
  readonly reason: string;
  /** Every other delivery would be refused as well, until a person does this. */
  readonly fix?: string | undefined;
}

/** What a failure makes of a breaker; undefined: nothing new. */
export function afterTrouble(breaker: Breaker, trouble: Trouble, now: Date): Breaker | undefined {
  const { failing, failingSince = now.toISOString(), open } = breaker;
  const { eventId, reason, fix } = trouble;
  if (open) {
    if (open.reason === reason && open.fix === fix) return undefined;
    const { fix: _former, ...rest } = open;
    return { ...breaker, open: { ...rest, reason, ...(fix !== undefined && { fix }) } };
  }
  const isNew = !failing.includes(eventId) && failing.length < OPEN_AFTER_DELIVERIES;
  const all = isNew ? [...failing, eventId] : failing;
  const isLong = now.getTime() - Date.parse(failingSince) >= OPEN_AFTER_MS;
  if (fix !== undefined || (all.length >= OPEN_AFTER_DELIVERIES && isLong)) {
    return opened(breaker, trouble, failingSince, now);
  }
  return isNew ? { ...breaker, failing: all, failingSince } : undefined;
}

function opened(breaker: Breaker, { reason, fix }: Trouble, since: string, now: Date): Breaker {
  const { destination, untold } = breaker;
  return {
    ...breaker,
    failing: [],
    failingSince: undefined,
    open: {
      since,
      openedAt: now.toISOString(),
      reason,
      ...(fix !== undefined && { fix }),
      probes: 0,
      probeAt: addMs(now, probeWaitMs(0)).toISOString(),
    },
    untold: [...untold, deliveryNotice('delivery.failing', { destination, reason, since }, now)],
  };
}

/** What an arrival makes of a breaker; undefined: nothing new. */
export function afterArrival(breaker: Breaker, now: Date): Breaker | undefined {
  const { destination, failing, open, untold } = breaker;
  if (!open) {
    return failing.length === 0 ? undefined : { ...breaker, failing: [], failingSince: undefined };
  }
  const { reason, since } = open;
  const recovered = deliveryNotice('delivery.recovered', { destination, reason, since }, now);
  return { ...breaker, open: undefined, untold: [...untold, recovered] };
}

/** Lets one delivery through an open breaker; undefined: it is not time, or it is not open. */
export function afterProbe(breaker: Breaker, now: Date): Breaker | undefined {
  const { open } = breaker;
  if (!open || !isProbeDue(open, now)) return undefined;
  const probes = open.probes + 1;
  const probeAt = addMs(now, probeWaitMs(probes)).toISOString();
  return { ...breaker, open: { ...open, probes, probeAt } };
}

export const isProbeDue = ({ probeAt }: Opening, now: Date): boolean =>
  Date.parse(probeAt) <= now.getTime();

/** How long a destination may fail before its fallback is told, where its settings do not say. */
const FALLBACK_AFTER_MS = 5 * MINUTE_MS;

type FallbackSettings = Pick<CommonSettings, 'fallbackAfter'> | undefined;

export const fallbackDueAt = ({ openedAt }: Opening, settings: FallbackSettings): Date =>
  addMs(new Date(openedAt), settings?.fallbackAfter ?? FALLBACK_AFTER_MS);

/** Whether the fallback is told now: what only a person can end is not waited for. */
export const isFallbackDue = (open: Opening, settings: FallbackSettings, now: Date): boolean =>
  open.fix !== undefined || now >= fallbackDueAt(open, settings);

/** Forgets what was announced; undefined: that is forgotten. */
export function withoutTold(breaker: Breaker, ids: ReadonlySet<string>): Breaker | undefined {
  const untold = breaker.untold.filter(({ id }) => !ids.has(id));
  return untold.length === breaker.untold.length ? undefined : { ...breaker, untold };
}
