import { isFinal } from '../calls/call.ts';
import type { StoredCall } from '../calls/version.ts';
import { type Delivery, type DeliveryKey, keyOf } from '../delivery/delivery.ts';
import { addMs, type Clock } from '../time.ts';
import { type Lost, NO_PROOF, type Proof } from './coverage.ts';
import { type DatedRouting, GRACE_MS, type Owed, owedOf } from './owed.ts';

export interface ProofDeps {
  readonly routing: () => Promise<DatedRouting>;
  /** The deliveries that there are among these; a moment's staleness is allowed, for half the price. */
  readonly deliveries: (
    keys: readonly DeliveryKey[],
  ) => Promise<readonly Pick<Delivery, keyof DeliveryKey | 'state'>[]>;
  readonly now: Clock;
}

const nameOf = ({ subject, destination, eventId }: DeliveryKey): string =>
  JSON.stringify([subject, destination, eventId]);

const keysOf = ({ event, destinations }: Owed): DeliveryKey[] =>
  destinations.map((destination) => keyOf({ event, destination, heldMs: 0 }));

/** What is known of a call: `fresh`, it was recorded a moment ago; else as in a proof, or what is missing. */
export type Verdict = 'told' | 'open' | 'silent' | 'fresh' | 'waiting' | 'unjudged' | Lost;

export interface Judged {
  readonly stored: StoredCall;
  readonly verdict: Verdict;
}

/** What is to be seen without looking at deliveries; else what is owed, which is something. */
function atFirstSight(
  stored: StoredCall,
  routing: DatedRouting,
  { provenUntil, now }: { provenUntil: string | null; now: Date },
): Verdict | readonly Owed[] {
  if (stored.silent) return 'silent';
  if (!isFinal(stored.call) && stored.staleAt === null) return 'open';
  if (stored.recordedAt > addMs(now, -GRACE_MS).toISOString()) return 'fresh';
  if (provenUntil !== null && stored.recordedAt <= provenUntil) return 'told';
  const owed = owedOf(stored, routing);
  if (owed === undefined) return 'unjudged';
  return owed.length === 0 ? 'told' : owed;
}

/** What the deliveries of a call say. The first event that is missing somewhere names it. */
function verdictOn(
  { call }: StoredCall,
  owed: readonly Owed[],
  states: ReadonlyMap<string, Delivery['state']>,
): Verdict {
  let isWaiting = false;
  for (const each of owed) {
    const keys = keysOf(each);
    const missing = keys.filter((key) => !states.has(nameOf(key)));
    if (missing.length > 0) {
      return {
        connection: call.connection,
        call: call.id,
        hop: missing.length === keys.length ? 'announced' : 'delivered',
        event: each.event.id,
        destinations: missing.map(({ destination }) => destination),
      };
    }
    const isDone = (key: DeliveryKey) =>
      ['delivered', 'skipped'].includes(states.get(nameOf(key)) ?? '');
    if (!keys.every(isDone)) isWaiting = true;
  }
  return isWaiting ? 'waiting' : 'told';
}

/**
 * Says of stored calls whether everybody was told who was to be. Deliveries are looked at for versions only
 * that nobody has proven yet.
 *
 * @param provenUntil of versions recorded until then, all receipts were seen; null: of none
 */
export async function judgeCalls(
  calls: readonly StoredCall[],
  provenUntil: string | null,
  deps: ProofDeps,
): Promise<Judged[]> {
  const routing = await deps.routing();
  const now = deps.now();
  const looked = calls.map((stored) => ({
    stored,
    found: atFirstSight(stored, routing, { provenUntil, now }),
  }));
  const keys = looked.flatMap(({ found }) => (isOwed(found) ? found.flatMap(keysOf) : []));
  const rows = keys.length === 0 ? [] : await deps.deliveries(keys);
  const states = new Map(rows.map((row) => [nameOf(row), row.state]));
  return looked.map(({ stored, found }) => ({
    stored,
    verdict: isOwed(found) ? verdictOn(stored, found, states) : found,
  }));
}

const isOwed = (found: Verdict | readonly Owed[]): found is readonly Owed[] => Array.isArray(found);

/** One call, as a proof of it alone. */
export function proofOf(verdict: Verdict): Proof {
  if (typeof verdict !== 'string') return { ...NO_PROOF, lost: 1, names: [verdict] };
  return { ...NO_PROOF, [verdict === 'fresh' ? 'waiting' : verdict]: 1 };
}
