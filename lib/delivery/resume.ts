import * as z from 'zod';
import type { DestinationSettings } from '../config/settings.ts';
import { destinationFields } from '../destinations/destination.ts';
import { eachLimited } from '../each-limited.ts';
import type { DeliveryEvent } from '../events/event.ts';
import { errorFields, type Log } from '../log.ts';
import { addMs, type Clock, MINUTE_MS } from '../time.ts';
import { type Breaker, fallbackDueAt, isProbeDue, type Opening, withoutTold } from './breaker.ts';
import type { Breakers } from './breaker-book.ts';
import { bringBack, LEAST_DELAY_SECONDS } from './bring-back.ts';
import { callFallback } from './call-fallback.ts';
import type { DeliverDeps } from './deliver-deps.ts';
import type { Delivery } from './delivery.ts';
import type { DeliveryLists } from './delivery-lists.ts';

export interface ResumeDeps extends Pick<DeliverDeps, 'queueOf' | 'settingsOf'> {
  readonly destinations: () => Promise<readonly DestinationSettings[]>;
  readonly lists: DeliveryLists;
  readonly breakers: Breakers;
  /** Has a transition of a breaker announced, once however often it is asked. */
  readonly announce: (event: DeliveryEvent) => Promise<void>;
  readonly now: Clock;
  readonly log: Log;
}

/** A recovered destination is not to be felled by what has gathered for it: ten a second, for less than the minute. */
const RELEASED_PER_SECOND = 10;
const RELEASED_AT_ONCE = 500;

/** A message that is so late is believed to be lost: the longest that SQS delays one is a quarter of an hour. */
export const LOST_AFTER_MS = 20 * MINUTE_MS;

/** Longer than a worker lives: who parked a row before its fallback was due has written it by then. */
const STRAGGLERS_MS = 3 * MINUTE_MS;

/** So many requests to AWS at a time. */
const AT_ONCE = 10;

/**
 * Looks after all deliveries that no message will bring back by itself; called every minute. Everything it
 * does follows from what is there, so one that is stopped is followed by the next.
 */
export async function resumeDeliveries(deps: ResumeDeps): Promise<void> {
  const failures: unknown[] = [];
  await eachLimited(await deps.destinations(), AT_ONCE, async (settings) => {
    try {
      await resumeDestination(settings, deps);
    } catch (error) {
      // The others have nothing to do with it.
      deps.log('error', 'not resumed', { destination: settings.id, ...errorFields(error) });
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
}

const settingsSchema = z.looseObject({
  fallback: destinationFields.fallback,
  fallbackAfter: destinationFields.fallbackAfter,
});

async function resumeDestination(settings: DestinationSettings, deps: ResumeDeps): Promise<void> {
  const { id: destination, kind } = settings;
  const queue = deps.queueOf(kind);
  if (!queue) return;
  const { lists, now, log } = deps;
  const breaker = await deps.breakers.look(destination);
  await announceTransitions(breaker, deps);

  const back = async (rows: readonly Delivery[], message: string) => {
    if (rows.length === 0) return;
    let deliveries = 0;
    await eachLimited([...rows.entries()], AT_ONCE, async ([index, row]) => {
      const delaySeconds = LEAST_DELAY_SECONDS + Math.floor(index / RELEASED_PER_SECOND);
      const heldMs = row.heldMs + now().getTime() - Date.parse(row.claimedAt);
      const isBack = await bringBack(row, queue, { delaySeconds, change: { heldMs } }, deps);
      if (isBack) deliveries += 1;
    });
    log('info', message, { destination, deliveries });
  };

  if (!breaker.open) {
    await back(await lists.read(destination, 'breaker', { limit: RELEASED_AT_ONCE }), 'released');
  } else {
    await tellFallback(settings, breaker.open, deps);
    if (isProbeDue(breaker.open, now())) {
      await back(await lists.read(destination, 'breaker', { limit: 1 }), 'probing');
    }
  }
  const dueBefore = addMs(now(), -LOST_AFTER_MS);
  const overdue = await lists.read(destination, 'waiting', { limit: RELEASED_AT_ONCE, dueBefore });
  await back(
    overdue.filter(({ event }) => event !== undefined),
    'brought back',
  );
}

/** Announces what a breaker did, and then forgets it: whoever dies in between is followed by the next look. */
async function announceTransitions(
  { destination, untold }: Breaker,
  { breakers, announce }: ResumeDeps,
): Promise<void> {
  if (untold.length === 0) return;
  for (const event of untold) await announce(event);
  const told = new Set(untold.map(({ id }) => id));
  await breakers.change(destination, (breaker) => withoutTold(breaker, told));
}

/** Tells the fallback what was parked before it was due; whatever is parked later is told as it is parked. */
async function tellFallback(
  settings: DestinationSettings,
  open: Opening,
  deps: ResumeDeps,
): Promise<void> {
  const { fallback, fallbackAfter } = settingsSchema.safeParse(settings).data ?? {};
  const dueAt = fallbackDueAt(open, { fallbackAfter });
  const now = deps.now();
  if (fallback === undefined || now < dueAt || now > addMs(dueAt, STRAGGLERS_MS)) return;
  const everything = { limit: Number.POSITIVE_INFINITY };
  const rows = await deps.lists.read(settings.id, 'breaker', everything);
  const untold = rows.filter((row) => row.fallback === undefined);
  await eachLimited(untold, AT_ONCE, async (row) => {
    const { event, destination } = row;
    if (!event) return;
    const called = await callFallback({ event, destination, heldMs: 0 }, fallback, deps);
    await deps.lists.replace(row, { ...row, fallback: called }, deps.now());
  });
}
