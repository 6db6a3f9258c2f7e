import type { CommonSettings } from '../destinations/destination.ts';
import { MINUTE_MS } from '../time.ts';
import { withAttempt } from './attempt-log.ts';
import { callFallback } from './call-fallback.ts';
import { delaySeconds } from './delay-seconds.ts';
import type { DeliverDeps } from './deliver-deps.ts';
import type { Delivery, DeliveryMessage, DeliveryState } from './delivery.ts';
import type { Place } from './incident.ts';
import { keepDelivery } from './keep-delivery.ts';

/** From so long a wait on the row can do without its message; a shorter one is not worth the write units. */
const LONG_WAIT_MS = 5 * MINUTE_MS;

/** One claimed delivery on its way; `row` is what will be saved. */
export interface Work {
  readonly message: DeliveryMessage;
  readonly deps: DeliverDeps;
  row: Delivery;
  /** Where to call when this destination cannot be reached; known once the settings are. */
  settings?: CommonSettings;
  /** The incident that it belongs to; undefined while that is not known, or if it has none. */
  place?: Place | undefined;
  /** It was let through an open breaker to see whether its destination accepts anything. */
  probes?: boolean;
}

export interface DeliverResult {
  /** `dropped`: it was settled before. `busy`: another worker has it, and a delayed message will look again. */
  readonly outcome: DeliveryState | 'dropped' | 'busy';
  /** Undefined: nothing was to be kept of it. */
  readonly row?: Delivery;
}

/** A deliberate wait, added up. */
export const held = (row: Delivery, ms: number): Delivery => ({ ...row, heldMs: row.heldMs + ms });

/** Notes why an attempt did not deliver. */
export const noted = (row: Delivery, reason: string, at: Date): Delivery => ({
  ...row,
  lastReason: reason,
  log: withAttempt(row.log, reason, at),
});

/** The delayed message goes first: a row that waits always has a message on its way. */
export async function wait(work: Work, dueAt: string): Promise<DeliverResult> {
  const { deps, message } = work;
  const now = deps.now();
  await deps.queue.send(message, delaySeconds(dueAt, now));
  const isLong = Date.parse(dueAt) - now.getTime() >= LONG_WAIT_MS;
  return settle(work, { state: 'waiting', dueAt, ...(isLong && { event: message.event }) });
}

/** Leaves a delivery to a person, and tells the fallback instead. */
export async function giveUp(
  work: Work,
  state: 'parked' | 'failed' | 'uncertain',
  reason: string,
  fix: string,
): Promise<DeliverResult> {
  const { deps, message, settings } = work;
  const fallback = await callFallback(message, settings?.fallback, deps);
  deps.count('DeliveriesParked', deps.sender.definition.kind);
  const now = deps.now();
  work.row = noted(work.row, reason, now);
  return settle(work, { state, fix, fallback, dueAt: now.toISOString(), event: message.event });
}

export async function settle(work: Work, change: Partial<Delivery>): Promise<DeliverResult> {
  const row = { ...work.row, ...change };
  logDelivery(work.deps, row, await keepDelivery(work, row));
  return { outcome: row.state, row };
}

/** @param saved false: another worker has taken it over meanwhile */
export function logDelivery({ log }: DeliverDeps, row: Delivery, saved: boolean): void {
  const { destination, eventId, state, attempts, heldMs, lastReason: reason } = row;
  const needsPerson = state === 'parked' || state === 'failed' || state === 'uncertain';
  log(saved && !needsPerson ? 'info' : 'warn', saved ? state : 'lease lost', {
    destination,
    eventId,
    state,
    attempts,
    heldMs,
    reason,
  });
}
