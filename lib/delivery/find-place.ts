import type { Outgoing } from '../destinations/destination.ts';
import { isOver, type Place, quietOf } from './incident.ts';
import type { Work } from './work.ts';

/** The incident that a delivery belongs to, as it stands; undefined: it is told by itself. */
export async function findPlace(
  { message, deps, row }: Work,
  { event, settings }: Outgoing,
): Promise<Place | undefined> {
  const rules = deps.sender.definition.incidents;
  const part = rules?.of(event, settings);
  if (rules === undefined || part === undefined) return undefined;
  const ref = { destination: message.destination, key: part.key };
  const incident = await deps.incidents.read(ref);
  // What ends an incident that nobody knows of is news by itself.
  const quietMs = quietOf({ rules, part }, settings);
  const isGone = incident === undefined || isOver(incident, quietMs, deps.now());
  if (isGone && part.ends === 'now' && row.doubt === undefined) return undefined;
  return { rules, part, ref, incident };
}
