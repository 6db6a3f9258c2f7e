import type { DestinationSettings } from '../config/settings.ts';
import { attentionTo } from '../delivery/attention.ts';
import type { Opening } from '../delivery/breaker.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { listOf } from '../delivery/delivery-lists.ts';
import { eachLimited } from '../each-limited.ts';
import type { Records } from './records.ts';

/** How a destination does, and what is for it. */
export interface DestinationStatus {
  readonly id: string;
  readonly kind: string;
  /** Why nothing is sent there now, but for a probe now and then; null: its breaker is closed. */
  readonly open: Pick<Opening, 'since' | 'reason' | 'fix' | 'probeAt'> | null;
  readonly waiting: number;
  /** All of those, whoever parked them; `byBreaker` of them are released without anybody. */
  readonly parked: number;
  readonly byBreaker: number;
  readonly failed: number;
  readonly uncertain: number;
  /** Since when the first of them wants something; null: nothing does. */
  readonly since: string | null;
  readonly ok: boolean;
}

const AT_ONCE = 16;

/** The state of each destination's breaker, and how many deliveries want what; in their order. */
export async function destinationStatuses(
  records: Records,
  destinations: readonly DestinationSettings[],
  unsettled: readonly Delivery[],
  now: Date,
): Promise<DestinationStatus[]> {
  const rowsOf = Map.groupBy(unsettled, ({ destination }) => destination);
  const open = new Map<string, Opening | undefined>();
  await eachLimited(destinations, AT_ONCE, async ({ id }) => {
    open.set(id, (await records.breaker(id))?.open);
  });
  return destinations.map((destination) => {
    const { id } = destination;
    return statusOf(destination, open.get(id), rowsOf.get(id) ?? [], now);
  });
}

function statusOf(
  { id, kind }: DestinationSettings,
  open: Opening | undefined,
  rows: readonly Delivery[],
  now: Date,
): DestinationStatus {
  const lists = rows.map(listOf);
  const count = (list: ReturnType<typeof listOf>) => lists.filter((each) => each === list).length;
  const [byBreaker, byPerson] = [count('breaker'), count('parked')];
  const [first] = rows.map(({ createdAt }) => createdAt).sort();
  return {
    ...{ id, kind, byBreaker, parked: byBreaker + byPerson },
    open: open
      ? { since: open.since, reason: open.reason, fix: open.fix, probeAt: open.probeAt }
      : null,
    ...{ waiting: count('waiting'), failed: count('failed'), uncertain: count('uncertain') },
    since: first ?? null,
    ok: open === undefined && attentionTo(rows, now).length === 0,
  };
}
