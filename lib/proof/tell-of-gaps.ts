import type { StoredCall } from '../calls/version.ts';
import type { DeliveryEvent } from '../events/event.ts';
import { deliveryNotice } from '../events/notice.ts';
import type { Count, Log } from '../log.ts';
import type { Clock } from '../time.ts';
import type { Lost } from './coverage.ts';
import type { GapMemory } from './gap-memory.ts';
import type { Judged } from './judge-calls.ts';

export const RECEIPTS_MISSING = 'receipts_missing';

export interface TellOfGapsDeps {
  readonly announce: (event: DeliveryEvent) => Promise<unknown>;
  readonly now: Clock;
  readonly log: Log;
  readonly count: Count;
}

/** So many gaps are named in the log of one look. */
const MAX_LOGGED = 100;

/** Since when each destination lacks receipts: since the first of its calls was recorded. */
function sinceOf(lost: readonly { stored: StoredCall; lost: Lost }[]): Map<string, string> {
  const since = new Map<string, string>();
  for (const { stored, lost: gap } of lost) {
    for (const destination of gap.destinations ?? []) {
      const known = since.get(destination);
      if (known === undefined || stored.recordedAt < known) {
        since.set(destination, stored.recordedAt);
      }
    }
  }
  return since;
}

/**
 * Counts gaps, names them in the log, and has people told of each destination that lacks receipts, once, and
 * once more when it lacks none.
 *
 * @param unknown destinations of which nobody will know whether they recover: no more is said of them
 * @returns the destinations that lack some now, and since when
 */
export async function tellOfGaps(
  found: readonly Judged[],
  before: GapMemory['failing'],
  unknown: ReadonlySet<string>,
  { announce, now, log, count }: TellOfGapsDeps,
): Promise<GapMemory['failing']> {
  const gaps = found.flatMap(({ stored, verdict }) =>
    typeof verdict === 'string' ? [] : [{ stored, lost: verdict }],
  );
  if (gaps.length > 0) count('GapsFound', gaps.length);
  for (const { lost } of gaps.slice(0, MAX_LOGGED)) {
    const { connection, call, event, destinations } = lost;
    log('warn', 'a gap', {
      connection,
      callId: call,
      eventId: event,
      destination: destinations?.join(),
    });
  }
  const tell = (type: DeliveryEvent['type'], destination: string, since: string) =>
    announce(deliveryNotice(type, { destination, reason: RECEIPTS_MISSING, since }, now()));
  const lacking = sinceOf(gaps);
  const failing: Record<string, string> = {};
  for (const [destination, found] of lacking) {
    const since = before[destination] ?? found;
    failing[destination] = since;
    if (before[destination] === undefined) await tell('delivery.failing', destination, since);
  }
  for (const [destination, since] of Object.entries(before)) {
    if (lacking.has(destination)) continue;
    if (unknown.has(destination)) log('warn', 'gaps were given up', { destination });
    else await tell('delivery.recovered', destination, since);
  }
  return Object.fromEntries(
    Object.entries(failing).filter(([destination]) => !unknown.has(destination)),
  );
}
