import type { Outgoing } from '../destinations/destination.ts';
import { quietAtOf } from './await-quiet.ts';
import { type Ask, type Place, recoveryOf } from './incident.ts';
import { tellMembers } from './tell-members.ts';
import { type DeliverResult, settle, type Work, wait } from './work.ts';

/** Says that an incident is over, unless somebody else has said so. */
export async function recoverIncident(
  work: Work,
  place: Place | undefined,
  outgoing: Outgoing,
  ask: Ask,
): Promise<DeliverResult> {
  const incident = place?.incident;
  const isOurs = incident !== undefined && recoveryOf(incident.opener.id) === work.row.eventId;
  if (place === undefined || !isOurs || incident.state !== 'open') {
    return settle(work, { state: 'skipped' });
  }
  // What was parked while this waited may have been told meanwhile, or waits to be.
  const quietAt = quietAtOf(incident, place.rules.quietMs(outgoing.settings));
  if (quietAt > work.deps.now()) return wait(work, quietAt.toISOString());
  const told = await tellMembers(work, { ...place, incident }, outgoing, ask);
  if (told === 'incident lost') return settle(work, { state: 'skipped' });
  return 'comeBackAt' in told ? wait(work, told.comeBackAt.toISOString()) : told;
}
