import type { DeliverDeps } from './deliver-deps.ts';
import type { Delivery, DeliveryMessage } from './delivery.ts';

type Sending = Pick<DeliverDeps, 'sender'>;

/** A replay is known by its event; what was asked for before goes on as it began. */
const isNewReplay = ({ event }: DeliveryMessage, before: Delivery | undefined): boolean =>
  event.replay && before === undefined;

/** Whether a delivery is left out, because its destination would alert people again. */
export const isSkipped = (
  message: DeliveryMessage,
  before: Delivery | undefined,
  { sender }: Sending,
): boolean => isNewReplay(message, before) && sender.definition.replay === 'skip';

/**
 * The doubt with which a replay begins where it can be looked for: it may have been told at any time since
 * it happened, by whoever lost the receipt.
 */
export const replayDoubt = (
  message: DeliveryMessage,
  before: Delivery | undefined,
  { sender }: Sending,
): Delivery['doubt'] =>
  isNewReplay(message, before) && sender.definition.replay === 'read-back'
    ? { since: message.event.occurredAt, failureStated: false }
    : undefined;
