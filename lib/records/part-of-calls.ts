import { createdAt, type StoredCall } from '../calls/version.ts';
import { addMs } from '../time.ts';
import type { Records } from './records.ts';
import { type CallFilter, callsToLookAt, isWanted } from './select-calls.ts';

/** A part of a list of calls, the newest first. */
export interface PartOfCalls {
  readonly calls: readonly StoredCall[];
  /** Where the next part begins; null: this was the last. */
  readonly next: string | null;
  /** How far back was looked, when that was stopped before the part was full. */
  readonly lookedBackTo: string | null;
  /** How many calls were looked at for this part. */
  readonly looked: number;
}

/** So many calls are looked at for one part, whatever it was to show: nobody waits for a year of calls. */
const MAX_LOOKED = 1_000;

/** The place of a call in a list: calls of one instant are told apart by their keys. */
const placeOf = (stored: StoredCall): string =>
  `${createdAt(stored)} ${stored.call.connection}/${stored.call.id}`;

const instantOf = (place: string): string => place.slice(0, place.indexOf(' '));

/** Whether a text can be a place. */
export const isPlace = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT[\d:.]+Z \S+\/./.test(text) && !Number.isNaN(Date.parse(instantOf(text)));

/** What has to be looked at, from behind a place on. */
async function* callsAfter(
  records: Records,
  filter: CallFilter,
  place: string,
): AsyncGenerator<StoredCall> {
  const end = addMs(new Date(instantOf(place)), 1);
  let isBehind = false;
  for await (const stored of callsToLookAt(records, {
    ...filter,
    to: end < filter.to ? end : filter.to,
  })) {
    const isOfInstant = createdAt(stored) >= instantOf(place);
    if (isBehind || !isOfInstant) yield stored;
    isBehind ||= !isOfInstant || placeOf(stored) === place;
  }
}

/**
 * Lists calls, a part at a time. What no index holds is looked for, so far and then on request.
 *
 * @param after the `next` of the part before
 */
export async function partOfCalls(
  records: Records,
  filter: CallFilter,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<PartOfCalls> {
  const calls: StoredCall[] = [];
  let last: string | undefined;
  let looked = 0;
  const further =
    after === undefined ? callsToLookAt(records, filter) : callsAfter(records, filter, after);
  for await (const stored of further) {
    const wanted = isWanted(stored, filter);
    const isFull = wanted && calls.length === limit;
    if (last !== undefined && (isFull || looked === MAX_LOOKED)) {
      return { calls, next: last, lookedBackTo: isFull ? null : instantOf(last), looked };
    }
    if (wanted) calls.push(stored);
    looked += 1;
    last = placeOf(stored);
  }
  return { calls, next: null, lookedBackTo: null, looked };
}
