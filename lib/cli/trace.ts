import type { CallKey } from '../calls/call.ts';
import {
  findByEvent,
  findCalls,
  findQuarantined,
  readTrace,
  readTraceWorld,
  type TraceWorld,
} from '../records/read-trace.ts';
import type { Records } from '../records/records.ts';
import { addMs, DAY_MS } from '../time.ts';
import { orWithFix } from './aws-trouble.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import type { Place } from './locate.ts';
import { reachRecords } from './reach-records.ts';
import { asOneLine } from './telling.ts';
import { traceLines } from './trace-words.ts';

export interface TraceOptions extends Place {
  /** `<connection>/<id>`, or an id alone. */
  readonly call?: string | undefined;
  readonly event?: string | undefined;
  /** Of an event: calls created before this are not gone through. */
  readonly since?: Date | undefined;
  readonly json: boolean;
}

/** So far back an event is looked for where nobody says. */
const LOOK_BACK_DAYS = 7;

/** Who looks through many calls is told how far it is this often. */
const TELL_EVERY = 1_000;

async function byEvent(
  records: Records,
  { event = '', since }: TraceOptions,
  { connections }: TraceWorld,
): Promise<CallKey> {
  const to = addMs(new Date(), DAY_MS);
  const from = since ?? addMs(new Date(), -LOOK_BACK_DAYS * DAY_MS);
  const found = await findByEvent(records, event, { connections, from, to }, (calls) => {
    if (calls % TELL_EVERY < 50) console.error(`${calls} calls looked at`);
  });
  if (found) return found;
  throw new UserError(
    `No call that was created since ${from.toISOString()} has announced ${asOneLine(event)}. Look further back with --since; what is about a connection or a destination is in callwire status.`,
  );
}

/** The call that is meant. @throws UserError where several can be, or none */
export async function meantCall(
  records: Records,
  written: string,
  world: TraceWorld,
): Promise<CallKey> {
  const found = await findCalls(records, written, world);
  const meant = found.length > 0 ? found : await findQuarantined(records, written, world);
  const [only, other] = meant;
  if (only && !other) return only;
  const name = asOneLine(written);
  if (other) {
    const names = meant.map(({ connection, id }) => `${connection}/${id}`).join(', ');
    throw new UserError(`Several calls are called ${name}. Say which: ${names}.`);
  }
  const connections = world.connections.join(', ') || 'none';
  throw new UserError(
    `No connection has a call ${name}, nor a record of that id set aside. Write <connection>/<id> to see what is known of its connection: ${connections}.`,
  );
}

/** Tells the whole life of a call, and what is missing in it. Returns the exit status. */
export async function trace(options: TraceOptions): Promise<number> {
  const { call, event, json } = options;
  if ((call === undefined) === (event === undefined)) {
    throw new UserError('Say which call: <connection>/<id>, its id alone, or --event <id>.');
  }
  const reached = await orWithFix(reachRecords(options));
  try {
    const { records } = reached;
    const world = await orWithFix(readTraceWorld(records));
    const key =
      call === undefined
        ? await byEvent(records, options, world)
        : await meantCall(records, call, world);
    const traced = await readTrace(records, key, world);
    if (reached.unreadable() > 0) console.error('Its item in the Calls table cannot be read.');
    console.log(json ? JSON.stringify(traced) : traceLines(traced).join('\n'));
    return traced.missing.length === 0 ? EXIT.allIsWell : EXIT.needsALook;
  } finally {
    await reached.close();
  }
}
