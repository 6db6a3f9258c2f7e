import type { Outgoing } from '../destinations/destination.ts';
import { addMs, MINUTE_MS } from '../time.ts';
import { delaySeconds } from './delay-seconds.ts';
import type { DeliverDeps } from './deliver-deps.ts';
import { type DeliveryKey, type DeliveryMessage, keyOf } from './delivery.ts';
import { type Incident, type Place, quietOf, recoveryOf } from './incident.ts';
import type { DeliverResult, Work } from './work.ts';

/** An incident that ends by silence is ended by a message that comes back until it is silent. */
export async function awaitQuiet(
  { message, deps }: Work,
  place: Place & { readonly incident: Incident },
  { settings }: Pick<Outgoing, 'settings'>,
): Promise<void> {
  const quietMs = quietOf(place, settings);
  if (quietMs === undefined) return;
  const { opener } = place.incident;
  const event = { ...opener, id: recoveryOf(opener.id) };
  const recovery = { event, destination: message.destination, heldMs: 0 };
  await comeBack(recovery, addMs(deps.now(), quietMs), deps);
}

/** When an incident has been quiet for long enough, if nothing more comes. */
export const quietAtOf = ({ toldAt, flushAt = toldAt }: Incident, quietMs: number): Date =>
  new Date(Math.max(Date.parse(toldAt), Date.parse(flushAt)) + quietMs);

const comeBack = (
  message: DeliveryMessage,
  at: Date,
  { queue, now }: Pick<DeliverDeps, 'queue' | 'now'>,
): Promise<void> => queue.send(message, delaySeconds(at.toISOString(), now()));

/**
 * Looks whether an incident has been quiet for as long as it takes. There is no row of it before there is
 * something to say, and no write.
 *
 * @returns what came of it; undefined: it is over, and that is to be told
 */
export async function lookForQuiet(
  message: DeliveryMessage,
  deps: DeliverDeps,
): Promise<DeliverResult | undefined> {
  // From then on it is claimed and waits as any other, and its row says what became of it.
  if (await deps.store.read(keyOf(message))) return undefined;
  const { definition } = deps.sender;
  const configured = await deps.settingsOf(message.destination, { fresh: false });
  const settings = definition.settings.safeParse(configured).data;
  const rules = definition.incidents;
  const part = settings && rules?.of(message.event, settings);
  if (settings === undefined || rules === undefined || part === undefined) {
    return { outcome: 'dropped' };
  }
  const incident = await deps.incidents.read({ destination: message.destination, key: part.key });
  const isThere = incident !== undefined && recoveryOf(incident.opener.id) === message.event.id;
  if (!isThere || incident.state !== 'open' || incident.count <= 1) return { outcome: 'dropped' };

  const quietMs = rules.quietMs(settings);
  const quietAt = quietAtOf(incident, quietMs);
  if (quietAt > deps.now()) {
    await comeBack(message, quietAt, deps);
    return { outcome: 'waiting' };
  }
  const members = await deps.incidents.members(incident, rules.mostAtOnce);
  if (members.length === 0) return undefined;
  await bringBack(members, deps);
  await comeBack(message, addMs(deps.now(), quietMs), deps);
  return { outcome: 'waiting' };
}

/** A member's message comes some seconds after it was to be told. One that is so late is lost. */
const LOST_MS = 2 * MINUTE_MS;

/** Makes messages anew that were lost: whoever waits has its event. Twice does no harm. */
async function bringBack(keys: readonly DeliveryKey[], deps: DeliverDeps): Promise<void> {
  for (const key of keys) {
    const { event, dueAt, heldMs = 0 } = (await deps.store.read(key)) ?? {};
    const isLost = dueAt !== undefined && addMs(new Date(dueAt), LOST_MS) < deps.now();
    if (event && isLost) await deps.queue.send({ event, destination: key.destination, heldMs }, 0);
  }
}
