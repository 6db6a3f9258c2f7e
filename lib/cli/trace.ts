import type { CallKey } from '../calls/call.ts';
import {
  findByEnding,
  findByEvent,
  findCalls,
  findQuarantined,
  readTrace,
  readTraceWorld,
  type TraceWorld,
} from '../records/read-trace.ts';
import type { Records } from '../records/records.ts';
import { addMs, DAY_MS } from '../time.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import { type Place, withLocated } from './locate.ts';
import { reachRecords } from './reach-records.ts';
import { asOneLine } from './telling.ts';
import { traceLines } from './trace-words.ts';

export interface TraceOptions extends Place {
  /** `<connection>/<id>`, an id alone, or its end as `run` shows it. */
  readonly call?: string | undefined;
  readonly event?: string | undefined;
  /** Of an event, or the end of an id: calls created before this are not gone through. */
  readonly since?: Date | undefined;
  readonly json: boolean;
}

/** So far back calls are gone through where nobody says. */
const LOOK_BACK_DAYS = 7;

/** Who looks through many calls is told how far it is this often. */
const TELL_EVERY = 1_000;

const lately = (since?: Date) => ({
  from: since ?? addMs(new Date(), -LOOK_BACK_DAYS * DAY_MS),
  to: addMs(new Date(), DAY_MS),
});

/** Pages are of any size. */
function tellingNowAndThen(): (calls: number) => void {
  let told = 0;
  return (calls) => {
    if (calls < told + TELL_EVERY) return;
    told = calls;
    console.error(`${calls} calls looked at`);
  };
}

async function byEvent(
  records: Records,
  { event = '', since }: TraceOptions,
  { connections }: TraceWorld,
): Promise<CallKey> {
  const range = { connections, ...lately(since) };
  const found = await findByEvent(records, event, range, tellingNowAndThen());
  if (found) return found;
  throw new UserError(
    `No call that was created since ${range.from.toISOString()} has announced ${asOneLine(event)}. Look further back with --since; what is about a connection or a destination is in callwire status.`,
  );
}

/** Chat isolates what is written from right to left, and what is copied there brings that along. */
const INVISIBLE = /[\u200B\u2066-\u2069]/g;

/** Fewer characters of an id's end are a typing error. */
const SHORTEST_END = 4;

/** Those that can be meant: by their whole name, or else what was set aside, or else by the end of their id. */
async function meantCalls(
  records: Records,
  written: string,
  world: TraceWorld,
  since?: Date,
): Promise<readonly CallKey[]> {
  const found = await findCalls(records, written, world);
  if (found.length > 0) return found;
  const setAside = await findQuarantined(records, written, world);
  if (setAside.length > 0 || written.length < SHORTEST_END) return setAside;
  const range = { connections: world.connections, ...lately(since) };
  return findByEnding(records, written, range, tellingNowAndThen());
}

/** The call that is meant. @throws UserError where several can be, or none */
export async function meantCall(
  records: Records,
  pasted: string,
  world: TraceWorld,
  since?: Date,
): Promise<CallKey> {
  const written = pasted.replaceAll(INVISIBLE, '');
  const meant = await meantCalls(records, written, world, since);
  const [only, other] = meant;
  if (only && !other) return only;
  const name = asOneLine(written);
  if (other) {
    const names = meant.map(({ connection, id }) => `${connection}/${id}`).join(', ');
    throw new UserError(`Several calls are called ${name}. Say which: ${names}.`);
  }
  const connections = world.connections.join(', ') || 'none';
  const ends =
    written.length < SHORTEST_END
      ? `(too short for the end of an id: write ${SHORTEST_END} characters or more)`
      : `nor one that was created since ${lately(since).from.toISOString()} whose id ends so (further back: --since)`;
  throw new UserError(
    `No connection has a call ${name}, nor a record of that id set aside, ${ends}. Write <connection>/<id> to see what is known of its connection: ${connections}.`,
  );
}

/** Tells the whole life of a call, and what is missing in it. Returns the exit status. */
export async function trace(options: TraceOptions): Promise<number> {
  const { call, event, json } = options;
  if ((call === undefined) === (event === undefined)) {
    throw new UserError(
      'Say which call: <connection>/<id>, its id alone or its end, or --event <id>.',
    );
  }
  return withLocated(reachRecords(options), async ({ records, running }) => {
    const world = await readTraceWorld(records);
    const key =
      call === undefined
        ? await byEvent(records, options, world)
        : await meantCall(records, call, world, options.since);
    // Where nothing runs nobody asks, whatever would be due.
    const found = await readTrace(records, key, world);
    const traced = running ? found : { ...found, nextPollAt: null };
    console.log(json ? JSON.stringify(traced) : traceLines(traced).join('\n'));
    return traced.missing.length === 0 ? EXIT.allIsWell : EXIT.needsALook;
  });
}
