import { addMs } from '../time.ts';
import type { Delivery, DeliveryKey } from './delivery.ts';
import type { Incident } from './incident.ts';
import type { Work } from './work.ts';

/** A delivery of another message that this worker has taken, and how it stood before. */
export interface Member {
  readonly row: Delivery;
  readonly before: Delivery;
}

/** Not shorter than the function's timeout, as the lease of a worker's own delivery. */
const LEASE_MS = 60_000;

/** They are told before they are due. */
const WHENEVER = new Date('9999-12-31T00:00:00.000Z');

/** Takes up to `limit` deliveries that wait to be told in an incident. */
export async function claimMembers(
  { deps, row: own }: Work,
  incident: Incident,
  limit: number,
): Promise<readonly Member[]> {
  const { store, incidents, now } = deps;
  // An index is late: it may still hold this worker's own delivery.
  const isOther = ({ eventId }: DeliveryKey) => eventId !== own.eventId;
  const keys = (await incidents.members(incident, limit)).filter(isOther);
  const claimed = await Promise.all(
    keys.map(async (key): Promise<Member[]> => {
      const at = now();
      const claim = await store.claim({
        ...{ key, heldMs: 0, lease: own.lease },
        ...{ type: incident.opener.type, revision: incident.opener.revision },
        ...{ now: at, leaseUntil: addMs(at, LEASE_MS), dueBy: WHENEVER },
      });
      if (!claim.claimed || claim.before === undefined) return [];
      const member = { row: claim.row, before: claim.before };
      if (isClean(member.before, incident)) return [member];
      // The index was late: it is no member, or may have been told. Its own message sees to that.
      await putBack(member, deps);
      return [];
    }),
  );
  return claimed.flat();
}

const isClean = ({ state, incident, doubt, event }: Delivery, { key }: Incident): boolean =>
  state === 'waiting' && incident === key && doubt === undefined && event !== undefined;

/**
 * Gives a member back. Its own message is on its way as ever, or has come meanwhile and was sent again.
 *
 * @param doubt what became of the request that was to tell it, where nobody knows
 */
export async function putBack(
  { row, before }: Member,
  { store, now }: Work['deps'],
  doubt?: Delivery['doubt'],
): Promise<void> {
  const died = before.state === 'sending' && {
    since: before.openSince ?? before.claimedAt,
    failureStated: false,
  };
  await store.save(
    {
      ...row,
      state: 'waiting',
      dueAt: before.dueAt ?? now().toISOString(),
      doubt: doubt ?? before.doubt ?? (died || undefined),
    },
    now(),
  );
}
