import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Call, CallKey } from '../calls/call.ts';
import { blankCall, forgottenVersion } from '../calls/forgotten.ts';
import { quarantineFolder, rawFolder, webhookFolder } from '../calls/raw-record.ts';
import { type Delivery, subjectOfCall } from '../delivery/delivery.ts';
import { TransientError } from '../errors.ts';
import { announcementIds } from '../events/announcements.ts';
import type { CallEvent } from '../events/event.ts';
import type { Clock } from '../time.ts';
import { textAt, textOf } from './kept-text.ts';
import { mentions } from './mentions.ts';
import type { ErasureStores } from './ports.ts';

/** Whoever records versions of a call all the time is let by so often. */
const MAX_ROUNDS = 10;

/** What was told of a call elsewhere, and stays there: only a person can take it away. */
export interface ToldElsewhere {
  readonly call: CallKey;
  readonly destination: string;
  readonly eventId: string;
  readonly type: Delivery['type'];
  readonly at: string | undefined;
  /** Where it is, in the vendor's own names; undefined: it was sent, and nobody knows whether it arrived. */
  readonly receipt: Delivery['receipt'];
}

export interface ForgetDeps {
  readonly stores: ErasureStores;
  /** Ids of everybody who could be told, so that nothing on its way to them arrives. */
  readonly destinations: readonly string[];
  /** Told of what is elsewhere before it is forgotten here. */
  readonly onTold: (told: ToldElsewhere) => void;
  readonly now: Clock;
}

/** How much was erased of a call. */
export interface Forgotten {
  /** Whether it was stored at all, and not forgotten before. */
  readonly wasStored: boolean;
  readonly objects: number;
  readonly setAside: number;
  readonly deliveries: number;
  readonly incidents: number;
}

/**
 * Erases a call from every store, and leaves what keeps it from coming back. Nothing is announced by
 * that, and nothing that is on its way is told any more. Who is stopped halfway goes on with doing it
 * again; done twice, it changes nothing.
 *
 * What the store of calls held goes first, so that from then on nobody writes anything else of it.
 */
export async function forgetCall(
  key: CallKey & Pick<Call, 'provider'>,
  deps: ForgetDeps,
): Promise<Forgotten> {
  const { stores } = deps;
  await stores.begun.add(key);
  const { revision, wasStored } = await forgetRecord(key, deps);
  const deliveries = await forgetDeliveries(key, revision, deps);
  const incidents = await forgetOpener(key, stores);
  const setAside = await forgetSetAside(key, stores);
  // Of a record that was set aside more than once an item leads to the last version only.
  const objects =
    (await removeObjects(rawFolder(key), stores)) +
    (await removeObjects(quarantineFolder(key), stores)) +
    (await removeWebhooks(key, stores));
  await stores.begun.remove(key);
  return { wasStored, objects, setAside, deliveries, incidents };
}

async function forgetRecord(
  key: CallKey & Pick<Call, 'provider'>,
  { stores: { calls }, now }: ForgetDeps,
): Promise<{ revision: number; wasStored: boolean }> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const stored = await calls.look(key);
    if (stored && 'unreadable' in stored) {
      const next = forgottenVersion(key, stored, now());
      if (!(await calls.writeOver(stored, next))) continue;
      return { revision: next.revision, wasStored: true };
    }
    if (stored?.forgotten) return { revision: stored.revision, wasStored: false };
    const next = forgottenVersion(stored?.call ?? key, stored, now());
    if (await calls.write(next)) {
      return { revision: next.revision, wasStored: stored !== undefined };
    }
  }
  throw new TransientError('A call was written by others again and again while it was forgotten', {
    reason: 'contended',
  });
}

/** A row that says nothing, and that what it was about is not to be told any more. */
function blankRow(
  row: Pick<Delivery, 'subject' | 'destination' | 'eventId' | 'type'>,
  now: Date,
): Delivery {
  const { subject, destination, eventId, type } = row;
  const at = now.toISOString();
  return {
    ...{ subject, destination, eventId, type, createdAt: at },
    ...{ state: 'skipped', attempts: 0, failures: 0, heldMs: 0 },
    // Another lease than that of any worker who has it now: what that one writes is refused.
    ...{ lease: randomUUID(), claimedAt: at, leaseUntil: at, lastReason: 'forgotten' },
  };
}

async function forgetDeliveries(
  key: CallKey,
  revision: number,
  { stores: { deliveries }, destinations, onTold, now }: ForgetDeps,
): Promise<number> {
  const subject = subjectOfCall(key);
  let erased = 0;
  for (const row of await deliveries.ofSubject(subject)) {
    if (row.lastReason === 'forgotten') continue;
    const { destination, eventId, type, state, receipt, sentAt, deliveredAt } = row;
    // Whoever has it in hand may be sending it.
    if (receipt !== undefined || sentAt !== undefined || state === 'sending') {
      const { connection, id } = key;
      onTold({
        call: { connection, id },
        destination,
        eventId,
        type,
        at: deliveredAt ?? sentAt,
        receipt,
      });
    }
    await deliveries.replace(blankRow(row, now()), now());
    erased += 1;
  }
  // What lies in a queue or among dead letters finds that it has been settled.
  for (const { id: eventId, type } of announcementIds(key, revision)) {
    for (const destination of destinations) {
      await deliveries.add(blankRow({ subject, destination, eventId, type }, now()), now());
    }
  }
  return erased;
}

/** An incident outlives the call that began it, without what it said of that. */
async function forgetOpener(key: CallKey, { incidents }: ErasureStores): Promise<number> {
  let erased = 0;
  for await (const page of incidents.all()) {
    for (const incident of page) {
      const { opener } = incident;
      if (!('call' in opener)) continue;
      const { connection, id } = opener.call;
      if (connection !== key.connection || id !== key.id) continue;
      const worded = withoutContent(opener);
      if (isDeepStrictEqual(worded, opener)) continue;
      await incidents.reword(incident, worded);
      erased += 1;
    }
  }
  return erased;
}

/** What an incident is about stays: whose call it was, and how it ended. */
function withoutContent(event: CallEvent): CallEvent {
  const { outcome, status, reason } = event.call;
  return { ...event, call: { ...blankCall(event.call), outcome, status, reason } };
}

async function forgetSetAside(key: CallKey, { setAside, objects }: ErasureStores): Promise<number> {
  const isMentioned = mentions(key);
  let erased = 0;
  for await (const page of setAside.all()) {
    for (const one of page.filter(({ connection }) => connection === key.connection)) {
      if (one.callId !== key.id && !isMentioned(await textOf(one, objects))) continue;
      // The object first: what leads to it must be found again by whoever is stopped in between.
      if (one.rawKey !== undefined) await objects.remove(one.rawKey);
      await setAside.remove(one);
      erased += 1;
    }
  }
  return erased;
}

async function removeObjects(folder: string, { objects }: ErasureStores): Promise<number> {
  let removed = 0;
  for await (const keys of objects.keys(folder)) {
    for (const key of keys) {
      await objects.remove(key);
      removed += 1;
    }
  }
  return removed;
}

/** Webhooks whose item is gone: it lasts for a month, or until they are made out. */
async function removeWebhooks(key: CallKey, { objects }: ErasureStores): Promise<number> {
  const isMentioned = mentions(key);
  let removed = 0;
  for await (const keys of objects.keys(webhookFolder(key.connection))) {
    for (const at of keys) {
      if (!isMentioned(await textAt(at, objects))) continue;
      await objects.remove(at);
      removed += 1;
    }
  }
  return removed;
}
