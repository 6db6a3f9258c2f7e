import type { DeliverDeps } from './deliver-deps.ts';
import type { Delivery, DeliveryMessage } from './delivery.ts';

/**
 * Asks for an equal delivery at the fallback destination. Asking twice is harmless: that delivery has
 * an identity of its own. So are two destinations that fall back on each other: the second one's
 * fallback is settled already.
 *
 * @returns what to note in the row of the delivery that could not be made
 */
export async function callFallback(
  message: DeliveryMessage,
  destination: string | undefined,
  { settingsOf, queueOf }: Pick<DeliverDeps, 'settingsOf' | 'queueOf'>,
): Promise<Delivery['fallback']> {
  if (destination === undefined) return undefined;
  // Fresh, because there is no second chance: the fallback may have been added a moment ago.
  const kind = (await settingsOf(destination, { fresh: true }))?.kind;
  if (kind === undefined) return { destination, problem: 'not configured' };
  const queue = queueOf(kind);
  if (queue === undefined) {
    return { destination, problem: `this deployment has no queue for kind ${kind}` };
  }
  await queue.send({ ...message, destination }, 0);
  return { destination };
}
