import { addMs, type Clock, SECOND_MS } from '../time.ts';
import { withAttempt } from './attempt-log.ts';
import type { DelayedQueue } from './deliver-deps.ts';
import type { Delivery } from './delivery.ts';
import type { DeliveryLists } from './delivery-lists.ts';

export interface BringBackDeps {
  readonly lists: DeliveryLists;
  readonly now: Clock;
}

/** Nearly always the row is written before its message is there. */
export const LEAST_DELAY_SECONDS = 5;

/**
 * Gives a delivery that no message carries a message again, from the event in its row.
 *
 * The message goes first, delayed: whoever dies before the row is written leaves a message that finds the
 * row as it was, and drops. Should it be there before the row is, a second one follows.
 *
 * @param change what else becomes of the row
 * @returns false when there is nothing to bring back: somebody has touched the row, or it has no event
 */
export async function bringBack(
  row: Delivery,
  queue: DelayedQueue,
  { delaySeconds, change = {} }: { delaySeconds: number; change?: Partial<Delivery> },
  { lists, now }: BringBackDeps,
): Promise<boolean> {
  const { event, destination } = row;
  if (!event) return false;
  const message = { event, destination, heldMs: 0 };
  const dueAt = addMs(now(), delaySeconds * SECOND_MS);
  await queue.send(message, delaySeconds);
  const next: Delivery = {
    ...row,
    state: 'waiting',
    parkedBy: undefined,
    fix: undefined,
    slotAt: undefined,
    dueAt: dueAt.toISOString(),
    ...change,
  };
  const isReplaced = await lists.replace(row, next, now());
  if (isReplaced && now() >= dueAt) await queue.send(message, 0);
  return isReplaced;
}

/** What a person's word makes of a row: it begins its schedule anew, and its log goes on. */
export const redriven = (row: Delivery, now: Date): Partial<Delivery> => ({
  failures: 0,
  log: withAttempt(row.log, 'redriven', now),
});
