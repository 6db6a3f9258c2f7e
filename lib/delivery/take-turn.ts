import type { Pace } from '../destinations/destination.ts';
import type { DeliverDeps } from './deliver-deps.ts';
import type { Delivery } from './delivery.ts';

/** A reserved turn, as the row keeps it while it waits. */
export type Turn = Pick<Delivery, 'slotAt' | 'missedSlot'>;

/**
 * The turn at which a delivery may be sent: the one it has reserved, else the next free one.
 *
 * Turns are reserved ahead, so that a backlog leaves in order and nobody has to try twice. A turn that
 * a rate limit made void is exchanged. One that went by (the worker was down) is exchanged once, so
 * that a restart does not send a whole backlog in one burst; the next is taken however late, so that
 * a slow worker still gets on.
 */
export async function takeTurn(
  row: Delivery,
  { key, everyMs }: Pace,
  { paceBook, now }: Pick<DeliverDeps, 'paceBook' | 'now'>,
): Promise<Required<Turn> & { readonly slotAt: string }> {
  const missedSlot = row.missedSlot ?? false;
  if (row.slotAt === undefined) {
    return { slotAt: (await paceBook.reserve(key, everyMs, now())).toISOString(), missedSlot };
  }
  const slot = new Date(row.slotAt);
  const heldUntil = await paceBook.heldUntil(key);
  const isVoid = heldUntil !== undefined && slot < heldUntil && now() < heldUntil;
  const isMissed = now().getTime() - slot.getTime() > everyMs;
  if (!isVoid && (!isMissed || missedSlot)) return { slotAt: row.slotAt, missedSlot };
  const next = await paceBook.reserve(key, everyMs, now());
  return { slotAt: next.toISOString(), missedSlot: missedSlot || isMissed };
}
