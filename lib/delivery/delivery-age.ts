import { isCanary } from '../canary/canary.ts';
import type { Log } from '../log.ts';
import type { DeliveryMessage } from './delivery.ts';
import type { DeliverResult } from './work.ts';

/**
 * How long after what an event tells was recorded its destination accepted it, in milliseconds, deliberate
 * waits included; nothing of what was not delivered now, or is told again.
 */
export function deliveryAge({ event }: DeliveryMessage, { outcome, row }: DeliverResult): number[] {
  if (outcome !== 'delivered' || !row?.deliveredAt || event.replay || isCanary(event)) return [];
  return [Math.max(0, Date.parse(row.deliveredAt) - Date.parse(event.recordedAt))];
}

/** One line for an invocation, because a line is paid for. */
export function logAges(DeliveryAge: readonly number[], { log }: { readonly log: Log }): void {
  const deliveries = DeliveryAge.length;
  if (deliveries > 0) log('info', 'delivered', { deliveries }, { DeliveryAge });
}
