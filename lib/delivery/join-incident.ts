import type { Outgoing } from '../destinations/destination.ts';
import { TransientError } from '../errors.ts';
import { addMs, SECOND_MS } from '../time.ts';
import { planFlush } from './flush-times.ts';
import { type Ask, isOpenedBy, isOver, type Place, quietOf } from './incident.ts';
import { tellMembers } from './tell-members.ts';
import { type DeliverResult, settle, type Work, wait } from './work.ts';

/** Others get in the way at most this often in a row. */
const TRIES = 10;

/** How long to wait for the first message of an incident: as long again as it has taken, within bounds. */
const OPENING_MS = { least: 3 * SECOND_MS, most: 30 * SECOND_MS };

/**
 * Lets a delivery wait to be told together with others of its incident, or tells all who wait.
 *
 * Each keeps its own row and its own message, so nobody depends on another: whose message plans the next
 * flush comes back for it, the others a little later, when they usually have been told; if not, the
 * first of them does it. What is told, and by whom, is decided by conditional writes.
 *
 * @returns undefined: this delivery is the first of an incident, and is told by itself
 */
export async function joinIncident(
  work: Work,
  place: Place,
  outgoing: Outgoing,
  ask: Ask,
): Promise<DeliverResult | undefined> {
  const { incidents, now } = work.deps;
  const { event, settings } = outgoing;
  const quietMs = quietOf(place, settings);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = place.incident;
    // A probe waits for no other: whoever is to send the first message may be parked.
    const isStuck = work.probes && before?.state === 'opening' && !isOpenedBy(before, event.id);
    if (before === undefined || isStuck || isOver(before, quietMs, now())) {
      place.incident = await incidents.begin(place.ref, event, now(), before);
      continue;
    }
    if (isOpenedBy(before, event.id)) {
      return before.state === 'opening'
        ? undefined
        : settle(work, { state: 'delivered', receipt: before.parent, event: undefined });
    }
    if (before.state === 'opening') {
      const { least, most } = OPENING_MS;
      const taken = now().getTime() - Date.parse(before.openedAt);
      return waitToBeTold(work, place, addMs(now(), Math.min(most, Math.max(least, taken))));
    }

    const asking = { ...place, event, row: work.row, settings, now: now() };
    // Nor does it wait for others: a probe that leaves nothing says nothing, and is used up.
    const plan = work.probes ? { at: now() } : planFlush(before, asking);
    if ('waitUntil' in plan) return waitToBeTold(work, place, plan.waitUntil);
    if (plan.at !== undefined && !(await incidents.plan(before, { at: plan.at, by: event.id }))) {
      place.incident = await incidents.read(place.ref);
      continue;
    }
    if (plan.at !== undefined && plan.at > now()) return waitToBeTold(work, place, plan.at);
    const told = await tellMembers(work, { ...place, incident: before }, outgoing, ask);
    if (told === 'incident lost') place.incident = await incidents.read(place.ref);
    else if ('comeBackAt' in told) {
      await incidents.plan(
        { ...before, flushAt: plan.at?.toISOString() ?? before.flushAt },
        {
          at: told.comeBackAt,
          by: event.id,
        },
      );
      return waitToBeTold(work, place, told.comeBackAt);
    } else return told;
  }
  throw new TransientError('An incident changed all the time', { reason: 'contention' });
}

/** The event stays in the row: whoever tells the others has to know it. */
function waitToBeTold(work: Work, place: Place, dueAt: Date): Promise<DeliverResult> {
  const { message, deps, row } = work;
  work.row = {
    ...row,
    incident: place.ref.key,
    joinedAt: row.joinedAt ?? deps.now().toISOString(),
    event: message.event,
    lastReason: 'grouped',
  };
  return wait(work, dueAt.toISOString());
}
