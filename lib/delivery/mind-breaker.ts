import { PermanentError } from '../errors.ts';
import { addMs, MINUTE_MS } from '../time.ts';
import { afterArrival, afterProbe, afterTrouble, isFallbackDue, isProbeDue } from './breaker.ts';
import { callFallback } from './call-fallback.ts';
import type { DeliverDeps } from './deliver-deps.ts';
import type { DeliveryMessage } from './delivery.ts';
import { isRecovery } from './incident.ts';
import { type DeliverResult, noted, settle, type Work, wait } from './work.ts';

/** Of all that can go wrong, what says that the destination itself is ill; a limit or a locked record does not. */
const ILLNESSES: ReadonlySet<string> = new Set([
  'unreachable',
  'provider_error',
  'unreadable_answer',
]);

/**
 * Parks a delivery whose destination's breaker is open; undefined: it may be tried, for all is well or to
 * see whether it is.
 */
export async function parkIfOpen(work: Work): Promise<DeliverResult | undefined> {
  const { breakers, now } = work.deps;
  const { destination, event } = work.message;
  const { open } = await breakers.look(destination);
  if (!open) return undefined;
  if (isProbeDue(open, now()) && !isRecovery(event.id)) {
    const { breaker, changed } = await breakers.change(destination, (at) => afterProbe(at, now()));
    // It is this one that probes, or the breaker was closed meanwhile.
    if (changed) work.probes = true;
    if (changed || !breaker.open) return undefined;
  }
  work.row = noted(work.row, 'breaker_open', now());
  return hold(work, open.fix);
}

/** As long as an incident is quiet by default before it is over. */
const RECOVERY_AGAIN_MS = 15 * MINUTE_MS;

const BY_ITSELF = 'Its destination is failing: this is sent once it accepts something again.';

/**
 * Parks a delivery without a message until its destination accepts something again. Whether the breaker is
 * still open when the row is written does not matter: parked rows are looked for until there are none.
 */
export async function hold(work: Work, fix = BY_ITSELF): Promise<DeliverResult> {
  const { message, deps, settings } = work;
  const { destination, event } = message;
  // An incident is not over while what belongs to it is parked, which is told before this looks again.
  if (isRecovery(event.id)) {
    return wait(work, addMs(deps.now(), RECOVERY_AGAIN_MS).toISOString());
  }
  const { open } = await deps.breakers.look(destination);
  const fallback =
    work.row.fallback ??
    (open && isFallbackDue(open, settings, deps.now())
      ? await callFallback(message, settings?.fallback, deps)
      : undefined);
  // Released in the order in which things happened, however late each was parked.
  const dueAt = event.recordedAt;
  return settle(work, { state: 'parked', parkedBy: 'breaker', fix, fallback, dueAt, event });
}

/** Parks a delivery that was refused as every other one to its destination would be. */
export async function parkWithOthers(work: Work, error: PermanentError): Promise<DeliverResult> {
  const { deps } = work;
  await noteTrouble(work, error);
  work.row = noted(work.row, error.reason, deps.now());
  return hold(work, error.message);
}

/** Tells the breaker of a failure. @returns whether it is open now */
export async function noteTrouble(
  { message, deps }: Work,
  error: PermanentError | { readonly reason: string },
): Promise<boolean> {
  const { destination, event } = message;
  const concernsAll = error instanceof PermanentError && error.scope === 'destination';
  if (!concernsAll && !ILLNESSES.has(error.reason)) return false;
  const trouble = {
    eventId: event.id,
    reason: error.reason,
    ...(concernsAll && { fix: error.message }),
  };
  let wasOpen = false;
  const { breaker, changed } = await deps.breakers.change(destination, (at) => {
    wasOpen = at.open !== undefined;
    return afterTrouble(at, trouble, deps.now());
  });
  if (changed && !wasOpen && breaker.open) {
    deps.count('DestinationsFailing', deps.sender.definition.kind);
    deps.log('warn', 'breaker open', { destination, reason: breaker.open.reason });
  }
  return breaker.open !== undefined;
}

/** Tells the breaker that a delivery arrived. A destination that was well costs nothing by that. */
export async function noteArrival(
  { destination }: DeliveryMessage,
  deps: Pick<DeliverDeps, 'breakers' | 'now' | 'log'>,
): Promise<void> {
  const { breakers, now, log } = deps;
  if (!afterArrival(await breakers.look(destination), now())) return;
  let wasOpen = false;
  const { changed } = await breakers.change(destination, (at) => {
    wasOpen = at.open !== undefined;
    return afterArrival(at, now());
  });
  if (changed && wasOpen) log('info', 'breaker closed', { destination });
}
