import type { Outgoing } from '../destinations/destination.ts';
import { TransientError } from '../errors.ts';
import { errorFields } from '../log.ts';
import { addMs, SECOND_MS } from '../time.ts';
import { type Incident, type Place, standingOf } from './incident.ts';
import type { Work } from './work.ts';

const NEAR_MS = 2 * SECOND_MS;
const DEFAULT_HOLD_MS = 30 * SECOND_MS;

/**
 * Brings the first message of an incident up to date, as well as that goes: everybody has been told
 * already, and what is left out now is made good by the next flush, or at the end.
 */
export async function amendIncident(
  { deps }: Work,
  { rules }: Place,
  outgoing: Outgoing,
  incident: Incident,
): Promise<void> {
  const { settings } = outgoing;
  const pace = rules.amendPace(settings);
  const { parent } = incident;
  if (!rules.hasThreads(settings) || pace === undefined || parent === undefined) return;
  const { sender, paceBook, now, sleep, log } = deps;
  const key = `${settings.kind}#${pace.key}`;
  const passage = { key, everyMs: pace.everyMs, now: now(), withinMs: NEAR_MS, hasTurn: true };
  try {
    const answer = await paceBook.pass(passage);
    if (!('passAt' in answer)) return;
    await sleep(Math.max(0, answer.passAt.getTime() - now().getTime()));
    const heldUntil = await paceBook.heldUntil(key);
    if (heldUntil !== undefined && heldUntil > now()) return;
    const standing = standingOf(incident, [], settings);
    const more = { events: [], standing, parent, broadcast: false };
    await sender.incidents?.amend({ ...outgoing, ...more });
  } catch (error) {
    if (error instanceof TransientError && error.reason === 'rate_limited') {
      await paceBook.hold(key, addMs(now(), error.retryAfterMs ?? DEFAULT_HOLD_MS));
    }
    log('warn', 'incident not amended', { destination: settings.id, ...errorFields(error) });
  }
}
