import type { Event } from '../events/event.ts';
import { readTrace, readTraceWorld } from '../records/read-trace.ts';
import type { Records } from '../records/records.ts';
import type { CallTrace, Trace, UnknownCallTrace } from '../records/trace.ts';
import { missingLine } from './trace-words.ts';
import type { Received, TrueCall } from './verdict.ts';

/** A call as its simulated provider knows it, with its own word for where it stands. */
export type WordedCall = TrueCall & { readonly status: string };

/** What a simulated destination has, under the id that it gave it. */
export type Kept = Received & { readonly receipt: string };

/** What the simulators know to be true. */
export interface OtherSide {
  readonly truths: readonly {
    readonly connection: string;
    readonly calls: readonly WordedCall[];
  }[];
  readonly received: readonly Kept[];
  /** What the receiver of webhooks was told, each event once. */
  readonly events: readonly Event[];
}

export interface TraceVerdict {
  readonly traces: { readonly checked: number; readonly disagreeing: number };
  /** One line for each disagreement, to look at. */
  readonly oddTraces: readonly string[];
}

/** So many calls are traced. */
const CHECKED = 100;

/** Not every provider tells of milliseconds. */
const TOLERANCE_MS = 1_000;

/** Traces calls, chosen by chance, and compares each hop with what the simulators know. */
export async function judgeTraces(records: Records, side: OtherSide): Promise<TraceVerdict> {
  const world = await readTraceWorld(records);
  const all = side.truths.flatMap(({ connection, calls }) =>
    calls.map((truth) => ({ connection, truth, place: Math.random() })),
  );
  const chosen = all.sort((a, b) => a.place - b.place).slice(0, CHECKED);
  const odd: string[] = [];
  let disagreeing = 0;
  for (const { connection, truth } of chosen) {
    const trace = await readTrace(records, { connection, id: truth.id }, world);
    const found = disagreements(trace, truth, side);
    if (found.length > 0) disagreeing += 1;
    odd.push(...found.map((line) => `the trace of ${connection}/${truth.id} is wrong: ${line}`));
  }
  return { traces: { checked: chosen.length, disagreeing }, oddTraces: odd };
}

/** Where a trace and the simulators differ, in words; empty: nowhere. */
export function disagreements(
  trace: Trace,
  truth: WordedCall,
  { received, events }: Pick<OtherSide, 'received' | 'events'>,
): string[] {
  if (truth.malformed) return trace.known ? ['its record is malformed, and it is stored'] : [];
  if (!trace.known) return isOwed(trace, truth) ? ['it is listed, and unknown'] : [];
  return [
    // What was deleted, or cannot be seen yet, stays as it was seen last.
    ...(truth.listed ? endings(trace, truth) : []),
    ...trace.events.flatMap((event) => tellings(trace, event, received)),
    ...strangers(trace, events),
  ];
}

/** What was over before the first poll need not be known. Baselines are Callwire's own. */
const isOwed = ({ polling }: UnknownCallTrace, { listed, endedAt }: WordedCall): boolean =>
  listed && !(endedAt !== null && endedAt < Date.parse(polling?.baselineAt ?? ''));

function endings(trace: CallTrace, { status, endedAt }: WordedCall): string[] {
  const end = trace.steps.find(({ what }) => what === 'ended')?.at;
  const isOff =
    typeof end === 'string' &&
    endedAt !== null &&
    Math.abs(Date.parse(end) - endedAt) > TOLERANCE_MS;
  const isUnannounced = trace.silentBecause === null && !trace.events.some(isOutcome);
  return [
    ...(trace.outcome === 'open' ? ['it has ended, and is open'] : []),
    ...(trace.providerStatus !== null && trace.providerStatus !== status
      ? [`the provider says ${status}, and it says ${trace.providerStatus}`]
      : []),
    ...(isOff ? [`it ended at ${new Date(endedAt).toISOString()}, and it says ${end}`] : []),
    ...(isUnannounced ? ['its outcome was not announced'] : []),
    ...trace.missing.map(missingLine),
  ];
}

const isOutcome = ({ type }: { readonly type: Event['type'] }): boolean =>
  type === 'call.completed' || type === 'call.failed';

/** Whether each destination has, once, what the trace says it was told, and under that receipt. */
function tellings(
  { connection, id }: CallTrace,
  event: CallTrace['events'][number],
  received: readonly Kept[],
): string[] {
  return event.deliveries.flatMap(({ destination, state, kept }) => {
    const there = received.filter((each) =>
      'call' in each
        ? each.destination === destination && each.call === `${connection}#${id}`
        : each.destination === destination && each.eventId === event.id,
    );
    if (state !== 'delivered') {
      return there.some((each) => 'eventId' in each)
        ? [`${destination} has ${event.id}, which is ${state}`]
        : [];
    }
    const [first] = there;
    if (!first) return [`${destination} does not have ${event.id}`];
    if (there.length > 1) return [`${destination} has ${event.id} ${there.length} times`];
    const receipt = receiptOf(kept?.receipt ?? {});
    return receipt === first.receipt
      ? []
      : [`${destination} has ${event.id} as ${first.receipt}, and its receipt says ${receipt}`];
  });
}

/** The id by which a destination knows what it was told: of a message, a record or a webhook. */
const receiptOf = ({ ts, call, 'webhook-id': webhook }: Readonly<Record<string, string>>) =>
  ts ?? call ?? webhook;

/** Events of this call that the receiver of webhooks was told, and that are not in its trace. */
function strangers(trace: CallTrace, events: readonly Event[]): string[] {
  const known = new Set(trace.events.map(({ id }) => id));
  return events
    .filter((event) => 'call' in event && event.call.connection === trace.connection)
    .filter((event) => 'call' in event && event.call.id === trace.id && !known.has(event.id))
    .map(({ id, type }) => `${type} ${id} was told, and is not in it`);
}
