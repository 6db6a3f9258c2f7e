import type { CallKey } from '../calls/call.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import { eachLimited } from '../each-limited.ts';
import { announcedIds } from '../events/announcements.ts';
import { nextDue } from '../polling/schedule.ts';
import { knownConnections } from './connection-health.ts';
import type { CallRange, QuarantinedRecord, Records } from './records.ts';
import { type Trace, traceOf } from './trace.ts';
import type { Ways } from './trace-events.ts';

/** Connections that are asked at once. */
const AT_ONCE = 20;

/** What does not differ from one trace to the next. */
export interface TraceWorld {
  /** Ids of the connections that are configured, and of those that were once. */
  readonly connections: readonly string[];
  readonly configured: ReadonlyMap<string, ConnectionSettings>;
  readonly states: Awaited<ReturnType<Records['pollStates']>>;
  readonly ways: Ways;
}

export async function readTraceWorld(records: Records): Promise<TraceWorld> {
  const [connections, states, destinations, routes, silences] = await Promise.all([
    records.connections(),
    records.pollStates(),
    records.destinations(),
    records.routes(),
    records.silences(),
  ]);
  const configured = new Map(connections.map((settings) => [settings.id, settings]));
  return {
    connections: knownConnections(connections, states).map(({ id }) => id),
    configured,
    states,
    ways: { destinations, routes, silences },
  };
}

/** Reads what is kept about a call, and traces it. */
export async function readTrace(
  records: Records,
  { connection, id }: CallKey,
  { configured, states, ways }: TraceWorld,
  now = new Date(),
): Promise<Trace> {
  const [settings, state] = [configured.get(connection), states.get(connection)];
  const stored = await records.call(connection, id);
  const [deliveries, quarantined, unattributed] = stored
    ? [await records.deliveriesOf(`${connection}#${id}`), [], []]
    : [[], await records.quarantined(connection), await records.unattributed(connection)];
  return traceOf({
    ...{ connection, id, stored, deliveries, quarantined, unattributed, ways },
    isConfigured: settings !== undefined,
    nextPollAt: (settings && nextDue(settings, state, now)?.toISOString()) ?? null,
    state,
  });
}

/** The calls that a person may mean by `<connection>/<id>`, or by an id alone. */
export async function findCalls(
  records: Records,
  written: string,
  { connections }: TraceWorld,
): Promise<CallKey[]> {
  const slash = written.indexOf('/');
  const connection = written.slice(0, Math.max(0, slash));
  if (connections.includes(connection)) return [{ connection, id: written.slice(slash + 1) }];
  const found: CallKey[] = [];
  await eachLimited(connections, AT_ONCE, async (each) => {
    if (await records.call(each, written)) found.push({ connection: each, id: written });
  });
  return found.sort(byConnection);
}

/** As many that end alike are named; more would not be read. */
const MOST_ALIKE = 5;

/**
 * The calls whose id ends like this, the newest first: what has no room for whole ids shows their ends.
 *
 * @param progress told now and then how many were gone through
 */
export async function findByEnding(
  records: Records,
  ending: string,
  range: CallRange,
  progress: (calls: number) => void,
): Promise<CallKey[]> {
  const found: CallKey[] = [];
  let calls = 0;
  for await (const page of records.callKeys(range)) {
    found.push(...page.filter(({ id }) => id.endsWith(ending)));
    if (found.length >= MOST_ALIKE) break;
    calls += page.length;
    progress(calls);
  }
  return found.slice(0, MOST_ALIKE);
}

/** The connections that have set a record of this id aside. */
export async function findQuarantined(
  records: Records,
  id: string,
  { connections }: TraceWorld,
): Promise<CallKey[]> {
  const found: QuarantinedRecord[] = [];
  await eachLimited(connections, AT_ONCE, async (each) => {
    found.push(...(await records.quarantined(each)).filter((record) => record.id === id));
  });
  return found.map(({ connection }) => ({ connection, id })).sort(byConnection);
}

const byConnection = (a: CallKey, b: CallKey): number => (a.connection < b.connection ? -1 : 1);

/**
 * The call that an event is about: an id is a hash, so calls are gone through, the newest first.
 *
 * @param progress told now and then how many were
 */
export async function findByEvent(
  records: Records,
  eventId: string,
  range: CallRange,
  progress: (calls: number) => void,
): Promise<CallKey | undefined> {
  let calls = 0;
  for await (const page of records.calls(range)) {
    const found = page.find((stored) => announcedIds(stored).includes(eventId));
    if (found) return { connection: found.call.connection, id: found.call.id };
    calls += page.length;
    progress(calls);
  }
  return undefined;
}
