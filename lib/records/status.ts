import { eachLimited } from '../each-limited.ts';
import { isInForce, type Silence } from '../routing/silence.ts';
import { knownConnections } from './connection-health.ts';
import { type ConnectionStatus, connectionStatus, needsALook } from './connection-status.ts';
import { type DestinationStatus, destinationStatuses } from './destination-status.ts';
import type { Records } from './records.ts';

/** How everything is, at one moment. */
export interface Status {
  readonly at: string;
  /** Those that need a look first, then by their ids. */
  readonly connections: readonly ConnectionStatus[];
  readonly destinations: readonly DestinationStatus[];
  /** Those in force. */
  readonly silences: readonly Silence[];
  /** False: something needs a look. */
  readonly ok: boolean;
}

/** As many connections are asked about at a time. */
const AT_ONCE = 32;

const byNeed = (a: ConnectionStatus, b: ConnectionStatus): number =>
  Number(needsALook(b)) - Number(needsALook(a)) || (a.id < b.id ? -1 : 1);

/**
 * Sums up what is kept. A connection costs a read or two, whatever it holds: its calls are counted by
 * their keys, and only if any of them can be of today.
 *
 * @param only the connections that are asked about; undefined: all
 */
export async function statusOf(
  records: Records,
  now: Date,
  only?: ReadonlySet<string>,
): Promise<Status> {
  const [settings, states, destinations, silences, unsettled] = await Promise.all([
    records.connections(),
    records.pollStates(),
    records.destinations(),
    records.silences(),
    records.unsettled(),
  ]);
  const asked = knownConnections(settings, states).filter(({ id }) => !only || only.has(id));
  const connections: ConnectionStatus[] = [];
  await eachLimited(asked, AT_ONCE, async (known) => {
    connections.push(await connectionStatus(records, known, now));
  });
  const told = await destinationStatuses(records, destinations, unsettled, now);
  return {
    at: now.toISOString(),
    connections: connections.sort(byNeed),
    destinations: told.sort((a, b) => (a.id < b.id ? -1 : 1)),
    silences: silences.filter((each) => isInForce(each, now)),
    ok: !connections.some(needsALook) && told.every(({ ok }) => ok),
  };
}
