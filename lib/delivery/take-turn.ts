import type { Pace } from '../destinations/destination.ts';
import { SECOND_MS } from '../time.ts';
import { held, type Work } from './work.ts';

/** A wait up to this long is slept; a longer one is a delayed message. */
export const NEAR_MS = 2 * SECOND_MS;

/**
 * Sleeps until a delivery may be sent at a paced destination.
 *
 * Who comes to a gate that stays closed for longer, however late and however often, goes to the end of
 * the line: a backlog whose turns have all gone by (the worker was down) leaves one after the other,
 * and not in a burst. Yet a slow worker gets on, because nobody comes to the gate too late.
 *
 * @returns its turn, if that is too far off to sleep for
 */
export async function takeTurn(work: Work, { key, everyMs }: Pace): Promise<string | undefined> {
  const { paceBook, now, sleep } = work.deps;
  for (;;) {
    const hasTurn = work.row.slotAt !== undefined;
    const passage = { key, everyMs, now: now(), withinMs: NEAR_MS, hasTurn };
    const answer = await paceBook.pass(passage);
    const hasPassed = 'passAt' in answer;
    const slot = hasPassed ? answer.passAt : await paceBook.lineUp(key, everyMs, answer.notBefore);
    const waitMs = Math.max(0, slot.getTime() - now().getTime());
    if (hasPassed && waitMs === 0 && isInTime(slot, everyMs, now())) return undefined;

    const slotAt = slot.toISOString();
    work.row = { ...held(work.row, waitMs), slotAt };
    if (waitMs > NEAR_MS) return slotAt;
    await sleep(waitMs);
    if (hasPassed && (await isStillGood(work, slot, { key, everyMs }))) return undefined;
  }
}

/** Not if another worker was rate limited during the sleep, nor if this one was stopped during it. */
async function isStillGood(
  { deps: { paceBook, now } }: Work,
  passAt: Date,
  { key, everyMs }: Pace,
): Promise<boolean> {
  const heldUntil = await paceBook.heldUntil(key);
  const at = now();
  return (heldUntil === undefined || at >= heldUntil) && isInTime(passAt, everyMs, at);
}

/** A passage that is used later than this would meet the next one. */
const isInTime = (passAt: Date, everyMs: number, now: Date): boolean =>
  now.getTime() - passAt.getTime() < Math.max(everyMs, SECOND_MS);
