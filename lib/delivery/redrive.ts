import type { DestinationSettings } from '../config/settings.ts';
import type { Breakers } from './breaker-book.ts';
import type { BringBackDeps } from './bring-back.ts';
import { bringBack, LEAST_DELAY_SECONDS, redriven } from './bring-back.ts';
import type { DelayedQueue } from './deliver-deps.ts';
import type { Delivery } from './delivery.ts';
import type { DeliveryList } from './delivery-lists.ts';

/** Which deliveries are to be sent again. */
export interface RedriveOrder {
  readonly destinations: readonly DestinationSettings[];
  readonly states: readonly ('parked' | 'failed' | 'uncertain')[];
  /** Of one event only. */
  readonly eventId?: string | undefined;
  /** Of those that were asked for at this time or later. */
  readonly since?: Date | undefined;
  /** Of those that were asked for before this time. */
  readonly until?: Date | undefined;
}

export interface RedriveDeps extends BringBackDeps {
  readonly breakers: Breakers;
  readonly queueOf: (kind: string) => DelayedQueue | undefined;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Told after each batch how many of how many are done. */
  readonly progress: (done: number, of: number) => void;
}

export interface Redriven {
  /** Found, and in a state in which they can be sent again. */
  readonly found: number;
  readonly redriven: number;
  /** Somebody else has touched them meanwhile: they are on their way. */
  readonly taken: number;
  /** Parked by a version that did not keep their events: `republish` tells of them again. */
  readonly withoutEvent: number;
}

/** Ten a second, as what a breaker releases. */
const PER_SECOND = 10;
const BATCH = 300;

/** So long the first is ahead of the others at a destination that is believed to be ill: it shows whether it is. */
const PROBE_SECONDS = 15;

/**
 * Sends deliveries that stand still back into their queues, in the order in which things happened. What is
 * sent twice, or is sent again after this was stopped halfway, is delivered once all the same.
 */
export async function redriveDeliveries(order: RedriveOrder, deps: RedriveDeps): Promise<Redriven> {
  const sum = { found: 0, redriven: 0, taken: 0, withoutEvent: 0 };
  for (const { id, kind } of order.destinations) {
    const queue = deps.queueOf(kind);
    const rows = queue ? await standingStill(id, order, deps) : [];
    if (!queue || rows.length === 0) continue;
    sum.found += rows.length;
    const leadSeconds = await probeAtOnce(id, deps);
    for (const [index, row] of rows.entries()) {
      if (index > 0 && index % BATCH === 0) {
        deps.progress(index, rows.length);
        await deps.sleep((BATCH / PER_SECOND) * 1_000);
      }
      const lead = index === 0 ? 0 : leadSeconds;
      const delaySeconds = LEAST_DELAY_SECONDS + lead + Math.floor((index % BATCH) / PER_SECOND);
      const change = redriven(row, deps.now());
      if (!row.event) sum.withoutEvent += 1;
      else if (await bringBack(row, queue, { delaySeconds, change }, deps)) sum.redriven += 1;
      else sum.taken += 1;
    }
    deps.progress(rows.length, rows.length);
  }
  return sum;
}

async function standingStill(
  destination: string,
  { states, eventId, since, until }: RedriveOrder,
  { lists }: RedriveDeps,
): Promise<Delivery[]> {
  const names = states.flatMap((state): DeliveryList[] =>
    state === 'parked' ? ['parked', 'breaker'] : [state],
  );
  const rows: Delivery[] = [];
  for (const name of names) {
    rows.push(...(await lists.read(destination, name, { limit: Number.POSITIVE_INFINITY })));
  }
  return rows
    .filter((row) => eventId === undefined || row.eventId === eventId)
    .filter(({ createdAt }) => since === undefined || createdAt >= since.toISOString())
    .filter(({ createdAt }) => until === undefined || createdAt < until.toISOString())
    .sort(asItHappened);
}

const asItHappened = (a: Delivery, b: Delivery): number =>
  (a.event?.recordedAt ?? '').localeCompare(b.event?.recordedAt ?? '') ||
  (a.event?.revision ?? 0) - (b.event?.revision ?? 0);

/** A person believes that it is well again. @returns how far the first delivery is to be ahead of the others */
async function probeAtOnce(destination: string, { breakers, now }: RedriveDeps): Promise<number> {
  const { breaker } = await breakers.change(destination, (at) =>
    at.open ? { ...at, open: { ...at.open, probeAt: now().toISOString() } } : undefined,
  );
  return breaker.open ? PROBE_SECONDS : 0;
}
