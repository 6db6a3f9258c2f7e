import type { Outcome } from '../calls/call.ts';
import { maskNumber } from '../calls/mask-number.ts';
import type { StoredCall } from '../calls/version.ts';
import type { CallRange, Records } from '../records/records.ts';
import { addMs } from '../time.ts';
import type { CallLine, CallsPage } from './answers.ts';

/** Which calls are listed. */
export interface CallFilter extends CallRange {
  readonly outcome?: Outcome | undefined;
  /** Of failed calls. */
  readonly reason?: string | undefined;
  /** At the other end, as E.164 has it. */
  readonly number?: string | undefined;
}

/** Which part of the list. */
export interface Part {
  /** The `next` of the part before. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly reveal: boolean;
}

/** So many calls are looked at for one page, whatever it was to show: nobody waits for a year of calls. */
const MAX_LOOKED = 1_000;

export const createdAt = ({ call, firstSeenAt }: StoredCall): string =>
  call.createdAt ?? firstSeenAt;

/** The place of a call in a list: calls of one instant are told apart by their keys. */
const placeOf = (stored: StoredCall): string =>
  `${createdAt(stored)} ${stored.call.connection}/${stored.call.id}`;

const instantOf = (place: string): string => place.slice(0, place.indexOf(' '));

/** Whether a text can be a place. */
export const isPlace = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT[\d:.]+Z \S+\/./.test(text) && !Number.isNaN(Date.parse(instantOf(text)));

/** The list that holds all that is wanted with the least beside it. */
function source(records: Records, filter: CallFilter, to: Date) {
  const { number, outcome, reason } = filter;
  if (number !== undefined) return records.callsOf(number);
  const range = { connections: filter.connections, from: filter.from, to };
  return outcome === 'failed' || reason !== undefined
    ? records.failedCalls(range)
    : records.calls(range);
}

function isWanted({ call }: StoredCall, { outcome, reason, connections }: CallFilter): boolean {
  return (
    (outcome === undefined || call.outcome === outcome) &&
    (reason === undefined || call.reason === reason) &&
    connections.includes(call.connection)
  );
}

/** The calls of a list, each once, from where the part begins. */
async function* callsFrom(
  records: Records,
  filter: CallFilter,
  after: string | undefined,
): AsyncGenerator<StoredCall> {
  const last = after === undefined ? filter.to : addMs(new Date(instantOf(after)), 1);
  const to = last < filter.to ? last : filter.to;
  let before = after;
  for await (const page of source(records, filter, to)) {
    for (const stored of page) {
      const at = createdAt(stored);
      if (at >= to.toISOString()) continue;
      if (at < filter.from.toISOString()) return;
      if (before !== undefined) {
        const wasShown = at >= instantOf(before);
        if (!wasShown || placeOf(stored) === before) before = undefined;
        if (wasShown) continue;
      }
      yield stored;
    }
  }
}

/** Lists calls, a part at a time. What no index holds is looked for, so far and then on request. */
export async function listCalls(
  records: Records,
  filter: CallFilter,
  { after, limit, reveal }: Part,
): Promise<CallsPage> {
  const calls: CallLine[] = [];
  let last: string | undefined;
  let looked = 0;
  for await (const stored of callsFrom(records, filter, after)) {
    const wanted = isWanted(stored, filter);
    const isFull = wanted && calls.length === limit;
    if (last !== undefined && (isFull || looked === MAX_LOOKED)) {
      return { calls, next: last, lookedBackTo: isFull ? null : instantOf(last), looked };
    }
    if (wanted) calls.push(lineOf(stored, reveal));
    looked += 1;
    last = placeOf(stored);
  }
  return { calls, next: null, lookedBackTo: null, looked };
}

function lineOf(stored: StoredCall, reveal: boolean): CallLine {
  const { connection, id, provider, outcome, status, reason, direction, ...call } = stored.call;
  const { contactNumber: number } = call;
  return {
    ...{ connection, id, provider, outcome, status, reason, direction },
    at: createdAt(stored),
    agent: call.agent.name ?? call.agent.id,
    number: number === null || reveal ? number : maskNumber(number),
    durationSeconds: call.durationSeconds,
    silent: stored.silent,
    stale: stored.staleAt !== null,
  };
}
