import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Outgoing, Pace, Receipt } from '../destinations/destination.ts';
import { ContractError, PermanentError, TransientError } from '../errors.ts';
import { addMs, SECOND_MS } from '../time.ts';
import { lookForQuiet } from './await-quiet.ts';
import { delaySeconds } from './delay-seconds.ts';
import type { DeliverDeps } from './deliver-deps.ts';
import { type Delivery, type DeliveryMessage, keyOf } from './delivery.ts';
import type { Claim } from './delivery-store.ts';
import { findPlace } from './find-place.ts';
import { type Ask, isRecovery, threadsOf } from './incident.ts';
import { joinIncident } from './join-incident.ts';
import { waitForEarlier } from './keep-order.ts';
import { hold, noteArrival, noteTrouble, parkIfOpen, parkWithOthers } from './mind-breaker.ts';
import { outgoingOf, pacing } from './outgoing.ts';
import { recoverIncident } from './recover-incident.ts';
import { isSkipped, replayDoubt } from './replay.ts';
import { retryDelayMs } from './retry.ts';
import { letGo, takeDelivery } from './take-delivery.ts';
import { NEAR_MS, takeTurn } from './take-turn.ts';
import { type DeliverResult, giveUp, held, noted, settle, type Work, wait } from './work.ts';

/**
 * Longer than any ordinary attempt; one that outlives it is followed by a worker that looks first. Not
 * shorter than the function's timeout: nobody looks while the one before could still be sending.
 */
export const LEASE_MS = 60 * SECOND_MS;

/** How soon a copy of a delivery that another worker has looks again; most are settled by then. */
const LOOK_AGAIN_SECONDS = 15;

const DEFAULT_RATE_LIMIT_MS = 30 * SECOND_MS;

/**
 * Delivers one event to one destination, once.
 *
 * A claim precedes the request, unless sending twice is harmless, and a receipt follows it. A worker that dies in between leaves a lease
 * behind; whoever comes after it asks the destination first whether the event arrived. Waiting is a
 * row and a delayed message, never a message that is received again. Throws only what nobody expected.
 */
export async function deliver(message: DeliveryMessage, deps: DeliverDeps): Promise<DeliverResult> {
  const notYet = isRecovery(message.event.id) ? await lookForQuiet(message, deps) : undefined;
  if (notYet !== undefined) return notYet;
  const now = deps.now();
  const request = {
    key: keyOf(message),
    type: message.event.type,
    revision: message.event.revision,
    heldMs: message.heldMs,
    lease: randomUUID(),
    now,
    leaseUntil: addMs(now, LEASE_MS),
    dueBy: addMs(now, NEAR_MS),
  };
  try {
    const result = await deliverClaimed(message, await takeDelivery(request, deps), deps);
    // After the receipt: whatever goes wrong now, the delivery is made.
    if (result.outcome === 'delivered') await noteArrival(message, deps);
    return result;
  } finally {
    letGo(request, deps);
  }
}

async function deliverClaimed(
  message: DeliveryMessage,
  claim: Claim,
  deps: DeliverDeps,
): Promise<DeliverResult> {
  if (!claim.claimed) return leaveToOthers(message, claim.row, deps);

  const { row, before } = claim;
  const workerDied = before?.state === 'sending';
  const doubt = workerDied
    ? { since: before.doubt?.since ?? before.openSince ?? before.claimedAt, failureStated: false }
    : (before?.doubt ?? replayDoubt(message, before, deps));
  const work: Work = { message, deps, row: { ...row, doubt } };
  if (isSkipped(message, before, deps)) return settle(work, { state: 'skipped' });
  try {
    return await attempt(work, before?.dueAt);
  } catch (error) {
    return await afterFailure(error, work);
  }
}

/** Settled: nothing to do. Else a delayed message comes back when it may be claimed. */
async function leaveToOthers(
  message: DeliveryMessage,
  row: Delivery,
  { queue, now }: DeliverDeps,
): Promise<DeliverResult> {
  if (row.state === 'sending') {
    // A second late rather than early, when nothing could be had yet.
    const leftSeconds = delaySeconds(row.leaseUntil, now()) + 1;
    await queue.send(message, Math.min(leftSeconds, LOOK_AGAIN_SECONDS));
    return { outcome: 'busy', row };
  }
  if (row.state === 'waiting') {
    await queue.send(message, delaySeconds(row.dueAt, now()));
    return { outcome: 'waiting', row };
  }
  return { outcome: 'dropped', row };
}

/** Raised inside this file only: it may have arrived, and the destination does not say. */
class UncertainError extends PermanentError {}

/**
 * Settings and secrets are remembered for minutes, so what only a person can end may have been ended
 * already: before a delivery is given up they are read anew, and if they differ it is tried with those.
 */
async function attempt(work: Work, dueAt: string | undefined): Promise<DeliverResult> {
  await sleepUntil(dueAt, work.deps);
  let tried: Outgoing | undefined;
  try {
    tried = await outgoingOf(work, { fresh: false });
    return await attemptWith(tried, work);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const current = await outgoingOf(work, { fresh: true });
    if (isDeepStrictEqual(current, tried)) throw error;
    return await attemptWith(current, work);
  }
}

async function attemptWith(outgoing: Outgoing, work: Work): Promise<DeliverResult> {
  const { deps, message } = work;
  const stopped = (await waitForEarlier(work)) ?? (await parkIfOpen(work));
  if (stopped !== undefined) return stopped;

  const place = await findPlace(work, outgoing);
  work.place = place;
  if (work.row.doubt !== undefined) {
    const threads = threadsOf(place?.incident);
    const settled = await settleDoubt(work, { ...outgoing, threads }, work.row.doubt);
    if (settled !== undefined) return settled;
  }

  const pace = pacing(outgoing.settings, deps);
  const ask: Ask = (request) => send(work, request, pace);
  if (isRecovery(message.event.id)) return recoverIncident(work, place, outgoing, ask);
  if (place !== undefined) {
    const joined = await joinIncident(work, place, outgoing, ask);
    if (joined !== undefined) return joined;
  }

  if (pace !== undefined) {
    const farOff = await takeTurn(work, pace);
    if (farOff !== undefined) return wait(work, farOff);
  }

  const receipt = await ask(() => deps.sender.send(outgoing));
  return settle(work, {
    ...ARRIVED,
    deliveredAt: deps.now().toISOString(),
    receipt,
  });
}

async function sleepUntil(instant: string | undefined, { now, sleep }: DeliverDeps): Promise<void> {
  const ms = instant === undefined ? 0 : Date.parse(instant) - now().getTime();
  if (ms > 0) await sleep(ms);
}

/**
 * Undefined: the earlier attempt did not arrive, or sending again does no harm.
 *
 * @throws UncertainError
 */
async function settleDoubt(
  work: Work,
  outgoing: Outgoing,
  { since, failureStated }: NonNullable<Delivery['doubt']>,
): Promise<DeliverResult | undefined> {
  const { sender, now } = work.deps;
  const from = new Date(since);
  const finding = (await sender.find?.(outgoing, from)) ??
    (outgoing.event.replay ? await sender.readBack?.(outgoing, from) : undefined) ?? {
      state: 'absent',
    };
  if (finding.state === 'arrived') {
    return settle(work, {
      ...ARRIVED,
      sentAt: work.row.sentAt ?? since,
      deliveredAt: now().toISOString(),
      receipt: finding.receipt,
    });
  }
  // Where nothing can be read back, a stated failure is believed: rather told twice than not at all.
  if (finding.state === 'unknown' && !failureStated) {
    throw new UncertainError(finding.reason, finding.fix);
  }
  work.row = { ...work.row, doubt: undefined };
  return undefined;
}

/** What an answer ends: the doubt, and the turn that was used. */
const ANSWERED = { doubt: undefined, slotAt: undefined } as const;

/** A receipt is all that is kept of what arrived: nobody sends its event again. */
const ARRIVED = { ...ANSWERED, state: 'delivered', event: undefined } as const;

async function send(work: Work, request: () => Promise<Receipt>, pace: Pace | undefined) {
  const { paceBook, now } = work.deps;
  const sentAt = now().toISOString();
  // In doubt from the moment the request leaves until its answer is written down.
  const doubt = { since: sentAt, failureStated: false };
  work.row = { ...work.row, attempts: work.row.attempts + 1, sentAt, doubt };
  try {
    return await request();
  } catch (error) {
    work.row = { ...work.row, ...ANSWERED, doubt: doubtAfter(error, sentAt) };
    if (pace !== undefined && isRateLimit(error)) {
      const until = addMs(now(), error.retryAfterMs ?? DEFAULT_RATE_LIMIT_MS);
      await paceBook.hold(pace.key, until);
      const slot = await paceBook.lineUp(pace.key, pace.everyMs, until);
      work.row = { ...work.row, slotAt: slot.toISOString() };
    }
    throw error;
  }
}

function doubtAfter(error: unknown, since: string): Delivery['doubt'] {
  if (error instanceof PermanentError) return undefined;
  if (!(error instanceof TransientError)) return { since, failureStated: false };
  if (!error.maybeDone) return undefined;
  return { since, failureStated: error.reason === 'provider_error' };
}

const isRateLimit = (error: unknown): error is TransientError =>
  error instanceof TransientError && error.reason === 'rate_limited';

async function afterFailure(error: unknown, work: Work): Promise<DeliverResult> {
  const { deps, row } = work;
  if (error instanceof PermanentError) {
    if (error.scope === 'destination') return parkWithOthers(work, error);
    const state = error instanceof UncertainError ? 'uncertain' : 'parked';
    return giveUp(work, state, error.reason, error.message);
  }

  const now = deps.now();
  if (isRateLimit(error)) {
    const askedMs = error.retryAfterMs ?? DEFAULT_RATE_LIMIT_MS;
    const askedUntil = addMs(now, askedMs).toISOString();
    // A turn may have gone by: that of a dead worker, whose message was only looked for.
    const dueAt = row.slotAt && row.slotAt > askedUntil ? row.slotAt : askedUntil;
    work.row = noted(held(row, Date.parse(dueAt) - now.getTime()), error.reason, now);
    return wait(work, dueAt);
  }
  if (error instanceof TransientError || error instanceof ContractError) {
    const reason = error instanceof TransientError ? error.reason : 'unreadable_answer';
    if (await noteTrouble(work, { reason })) {
      // Whoever probes shall not use up its schedule for all the others.
      work.row = noted(row, reason, now);
      return hold(work);
    }
    const failures = row.failures + 1;
    const backOffMs = retryDelayMs(failures, deps.random());
    work.row = { ...row, failures };
    if (backOffMs === undefined) {
      const fix = `It did not accept the event in ${failures} attempts over about a day: see whether it is down, then deliver again.`;
      return giveUp(work, 'failed', reason, fix);
    }
    work.row = noted(work.row, reason, now);
    const askedMs = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
    if (askedMs > backOffMs) work.row = held(work.row, askedMs);
    return wait(work, addMs(now, Math.max(backOffMs, askedMs)).toISOString());
  }
  // A defect of ours. The lease is given back, so that the queue's own retries can claim it, and
  // after the last of them the message stands in the dead-letter queue.
  const dueAt = now.toISOString();
  await deps.store.save({ ...noted(row, 'crashed', now), state: 'waiting', dueAt }, now);
  throw error;
}
