import type { Event } from '../events/event.ts';
import { addMs, HOUR_MS, SECOND_MS } from '../time.ts';
import { type Delivery, subjectOf } from './delivery.ts';
import { hold } from './mind-breaker.ts';
import { inHandOf } from './take-delivery.ts';
import { type DeliverResult, type Work, wait } from './work.ts';

/** How soon to look again after an earlier word that is being sent right now. */
const SENDING_MS = 10 * SECOND_MS;

/** Nothing has come of it for so long: its message lies among the dead letters, which are a person's. */
const DEAD_AFTER_MS = HOUR_MS;

/**
 * Lets no later word about a call overtake an earlier one that is still on its way to the same destination;
 * undefined: there is none. An earlier one that only a person can bring on is not waited for. Only what can
 * have a word before it asks, which most deliveries cannot.
 */
export async function waitForEarlier(work: Work): Promise<DeliverResult | undefined> {
  const { message, deps } = work;
  const { event, destination } = message;
  if (!mayBeLater(event)) return undefined;
  const subject = subjectOf(event);
  const rows = [
    ...inHandOf(deps.store, subject, destination),
    ...(await deps.store.ofSubject(subject, destination)),
  ];
  const now = deps.now();
  const earlier = rows.filter(
    ({ eventId, revision = 0 }) => eventId !== event.id && revision < event.revision,
  );
  const dueTimes = earlier.flatMap((row) => dueTimeOf(row, now) ?? []);
  const latest = dueTimes.toSorted().at(-1);
  if (latest === undefined) return undefined;
  work.row = { ...work.row, lastReason: 'earlier_first' };
  if (earlier.some(({ parkedBy }) => parkedBy !== undefined)) return hold(work);
  return wait(work, latest);
}

const mayBeLater = ({ type, revision, corrects }: Event): boolean =>
  revision > 1 || type === 'call.updated' || corrects !== null;

/** When an earlier word may have been told; undefined: it has been, or waits for a person. */
function dueTimeOf(row: Delivery, now: Date): string | undefined {
  const { state, dueAt = '', leaseUntil, parkedBy } = row;
  const soon = addMs(now, SENDING_MS).toISOString();
  const isDead = (instant: string) => instant < addMs(now, -DEAD_AFTER_MS).toISOString();
  if (state === 'sending') return isDead(leaseUntil) ? undefined : soon;
  if (state === 'waiting' && isDead(dueAt)) return undefined;
  if (state === 'waiting') return dueAt > soon ? dueAt : soon;
  return parkedBy === undefined ? undefined : soon;
}
