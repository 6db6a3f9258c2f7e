import type { IncidentOutgoing, Outgoing, Receipt } from '../destinations/destination.ts';
import { IncidentLostError } from '../destinations/destination.ts';
import { TransientError } from '../errors.ts';
import type { Event } from '../events/event.ts';
import { SECOND_MS } from '../time.ts';
import { amendIncident } from './amend-incident.ts';
import { awaitQuiet } from './await-quiet.ts';
import { claimMembers, type Member, putBack } from './claim-members.ts';
import type { Delivery } from './delivery.ts';
import {
  type Ask,
  type Incident,
  isRecovery,
  type Place,
  standingOf,
  threadsOf,
} from './incident.ts';
import { pacing } from './outgoing.ts';
import { sharedWith } from './shared-with.ts';
import { takeTurn } from './take-turn.ts';
import { type DeliverResult, logDelivery, type Work } from './work.ts';

/** After a lost answer: by then a request that was still on its way has been carried out or given up. */
const LOOK_AFTER_MS = 5 * SECOND_MS;

/** A crowd is told in so many requests at most; whoever is left is told by the next flush. */
const MAX_REQUESTS = 12;

type Open = Place & { readonly incident: Incident };

/** Told; or to come back for it, because the destination is busy; or there is nothing to tell it under. */
export type Told = DeliverResult | { readonly comeBackAt: Date } | 'incident lost';

/** Tells everybody who waits in an incident, this delivery among the first of them. */
export async function tellMembers(
  work: Work,
  place: Open,
  outgoing: Outgoing,
  ask: Ask,
): Promise<Told> {
  const pace = pacing(outgoing.settings, work.deps);
  const { heldMs } = work.row;
  let { incident } = place;
  let told: Delivery | undefined;
  for (let requests = 0; requests < MAX_REQUESTS; requests += 1) {
    const farOff = pace && (await takeTurn(work, pace));
    // What it waits is counted from when it joined.
    work.row = { ...work.row, heldMs };
    if (farOff !== undefined) {
      if (told === undefined) return { comeBackAt: new Date(farOff) };
      break;
    }
    const room = place.rules.mostAtOnce - (told === undefined ? 1 : 0);
    // An incident that somebody still waits in is not over: its end comes by itself.
    const members = isRecovery(work.row.eventId) ? [] : await claimMembers(work, incident, room);
    if (told !== undefined && members.length === 0) break;
    const own = told === undefined && !isRecovery(work.row.eventId);
    const request = requestOf(place, incident, outgoing, members, own, work);
    // Before anybody else is told: from the second event on, its end is something to say.
    if (incident.count <= 1) await awaitQuiet(work, place, outgoing);
    let receipt: Receipt;
    try {
      receipt = await askAndLook(work, request, members, ask);
    } catch (error) {
      if (told !== undefined) break;
      if (!(error instanceof IncidentLostError)) throw error;
      await work.deps.incidents.close(incident);
      return 'incident lost';
    }
    const rows =
      told === undefined
        ? [work.row, ...members.map(({ row }) => row)]
        : members.map(({ row }) => row);
    incident = await settleAll(work, rows, incident, request, receipt);
    told ??= { ...work.row, state: 'delivered', receipt };
    if (members.length < room) break;
  }
  await amendIncident(work, place, outgoing, incident);
  return { outcome: 'delivered', row: told ?? work.row };
}

const byTime = (a: Event, b: Event): number => (a.occurredAt < b.occurredAt ? -1 : 1);

interface Request {
  readonly outgoing: IncidentOutgoing;
  readonly ends: boolean;
}

function requestOf(
  { rules, part }: Open,
  incident: Incident,
  outgoing: Outgoing,
  members: readonly Member[],
  own: boolean,
  { deps, row }: Work,
): Request {
  const { settings } = outgoing;
  const others = members.flatMap(({ row: { event } }) => event ?? []);
  const events = [
    ...(own ? [outgoing.event] : []),
    ...others.map((event) => sharedWith(event, settings.omit ?? [])),
  ].sort(byTime);
  const at = deps.now();
  const ends = part.ends === 'now' || isRecovery(row.eventId);
  const unseenMs = at.getTime() - Date.parse(incident.shownAt);
  const isOld = unseenMs >= rules.repeatMs(settings);
  return {
    ends,
    outgoing: {
      ...outgoing,
      // Whoever looks for it later finds each event once.
      event: own ? outgoing.event : (events[0] ?? outgoing.event),
      events,
      standing: standingOf(incident, events, settings, ends ? at.toISOString() : undefined),
      parent: incident.parent ?? {},
      // The troubles of a connection are few, and each is news.
      broadcast: ends || isOld || part.ends !== 'when-quiet',
    },
  };
}

/**
 * Makes the request. If its answer is lost, looks a little later whether it arrived, once for all of
 * them; else those of others go back, and this delivery's own failure is dealt with as any other.
 */
async function askAndLook(
  work: Work,
  { outgoing }: Request,
  members: readonly Member[],
  ask: Ask,
): Promise<Receipt> {
  const { deps } = work;
  const since = deps.now();
  try {
    return await ask(async () => {
      const { incidents } = deps.sender;
      if (incidents === undefined) throw new Error('The sender knows no incidents');
      return incidents.reply(outgoing);
    });
  } catch (error) {
    const maybeDone = error instanceof TransientError && error.maybeDone;
    if (maybeDone) {
      await deps.sleep(LOOK_AFTER_MS);
      const threads = threadsOf(work.place?.incident);
      const look = deps.sender.find?.({ ...outgoing, threads }, since);
      const finding = await look?.catch(() => undefined);
      if (finding?.state === 'arrived') return finding.receipt;
    }
    const doubt = maybeDone ? work.row.doubt : undefined;
    await Promise.all(members.map((member) => putBack(member, deps, doubt)));
    throw error;
  }
}

async function settleAll(
  work: Work,
  rows: readonly Delivery[],
  incident: Incident,
  { outgoing: { events, standing, broadcast }, ends }: Request,
  receipt: Receipt,
): Promise<Incident> {
  const { deps } = work;
  const at = deps.now();
  const sentAt = work.row.sentAt ?? at.toISOString();
  const done = rows.map((row): Delivery => {
    const waitedMs = Date.parse(sentAt) - Date.parse(row.joinedAt ?? sentAt);
    return {
      ...row,
      ...{ state: 'delivered', receipt, sentAt, deliveredAt: at.toISOString() },
      ...{ doubt: undefined, slotAt: undefined, dueAt: undefined, event: undefined },
      incident: incident.key,
      attempts: row === work.row ? row.attempts : row.attempts + 1,
      heldMs: row.heldMs + Math.max(0, waitedMs),
    };
  });
  const { lastAt } = standing;
  const change = { told: events.length, lastAt, at, shown: broadcast, ends };
  const lost = await deps.incidents.settle(done, incident, change);
  for (const row of done) logDelivery(deps, row, !lost.includes(row));
  return {
    ...incident,
    ...{ count: standing.count, lastAt, toldAt: at.toISOString() },
    ...(broadcast && { shownAt: at.toISOString() }),
    ...(ends && { state: 'closed' as const }),
  };
}
