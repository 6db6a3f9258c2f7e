import type { StoredCall } from '../calls/version.ts';
import type { DeliveryEvent } from '../events/event.ts';
import { deliveryNotice } from '../events/notice.ts';
import type { Log } from '../log.ts';
import { type Clock, HOUR_MS, MINUTE_MS } from '../time.ts';
import { CANARY_DESTINATION, canaryCall } from './canary.ts';

/** What is remembered from one canary to the next. */
export interface CanaryMemory {
  /** When the last one was sent, which is its name. */
  readonly sentAt: string;
  /** When the first of those was sent that did not arrive; undefined while they do. */
  readonly missingSince?: string | undefined;
}

export interface CanaryDeps {
  readonly load: () => Promise<CanaryMemory | undefined>;
  readonly save: (memory: CanaryMemory) => Promise<void>;
  /** Writes a canary where calls are, if it is not there yet. */
  readonly write: (canary: StoredCall) => Promise<unknown>;
  /** Whether there is a receipt of it. */
  readonly hasArrived: (canary: StoredCall) => Promise<boolean>;
  /** Has a transition announced, once however often it is asked. */
  readonly announce: (event: DeliveryEvent) => Promise<unknown>;
  readonly now: Clock;
  readonly log: Log;
}

/** A canary takes seconds; one that is later than this tells that the calls around it are late as well. */
const ARRIVES_WITHIN_MS = 10 * MINUTE_MS;

/** Of one that was sent so long ago nobody can say whether it was late: canaries themselves stood still. */
const FORGOTTEN_AFTER_MS = HOUR_MS;

export const CANARY_MISSING = 'canary_missing';

/** Since when canaries do not arrive, as the last one shows; tells people when that has changed. */
async function missingSince(
  { sentAt, missingSince: before }: CanaryMemory,
  { hasArrived, announce, now, log }: CanaryDeps,
): Promise<string | undefined> {
  const ageMs = now().getTime() - Date.parse(sentAt);
  if (ageMs < ARRIVES_WITHIN_MS || ageMs > FORGOTTEN_AFTER_MS) return before;
  const arrived = await hasArrived(canaryCall(new Date(sentAt)));
  if (arrived === (before === undefined)) return before;
  const since = before ?? sentAt;
  const type = arrived ? 'delivery.recovered' : 'delivery.failing';
  const delivery = { destination: CANARY_DESTINATION, reason: CANARY_MISSING, since };
  await announce(deliveryNotice(type, delivery, now()));
  log(arrived ? 'info' : 'warn', arrived ? 'canaries arrive again' : 'a canary is missing', {
    destination: CANARY_DESTINATION,
  });
  return arrived ? undefined : since;
}

/**
 * Looks whether the last canary has arrived, then sends the next one. What it tells follows from what it
 * remembers, which it writes last: one that dies in between is told the same by the next.
 */
export async function sendCanary(scheduledAt: Date, deps: CanaryDeps): Promise<void> {
  const before = await deps.load();
  const sentAt = scheduledAt.toISOString();
  // Schedules may call twice, and a younger canary would be judged before it could arrive.
  if (before && before.sentAt >= sentAt) return;
  const missing = before && (await missingSince(before, deps));
  await deps.write(canaryCall(scheduledAt));
  await deps.save({ sentAt, missingSince: missing });
}
