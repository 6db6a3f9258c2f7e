import type { CallKey } from '../calls/call.ts';
import type { StoredCall } from '../calls/version.ts';
import type { Event } from '../events/event.ts';
import { textAt, textOf } from './kept-text.ts';
import { numberIn } from './number-in-text.ts';
import type { ErasureStores, SetAside, UnreadableCall } from './ports.ts';

/** What holds a number. */
export interface Holders {
  readonly calls: readonly CallKey[];
  /** Records that were set aside, which may be of no call that is known. */
  readonly setAside: readonly SetAside[];
  /** Objects that nothing found leads to. */
  readonly objects: readonly string[];
  /** Items in the store of calls that nobody can read, and that are not among the calls above. */
  readonly unreadable: readonly Unreadable[];
}

export interface Unreadable {
  /** Its call, where its key is of one. */
  readonly call: CallKey | undefined;
  readonly item: string;
  /** The number is in it, and by its key it is of no call; or in a part that cannot be unpacked. */
  readonly mayHold: boolean;
}

/** The call that a delivery is about; undefined: it is about none. */
const callOf = (event: Event | undefined): CallKey | undefined =>
  event && 'call' in event ? event.call : undefined;

/**
 * Looks through everything that is kept for a phone number, in whatever spelling: not only calls from or
 * to it, also those in whose summary or record it stands. Reads every store to its end.
 *
 * @param number in E.164
 */
export async function findNumber(
  number: string,
  stores: ErasureStores,
  progress: (read: number) => void = () => {},
): Promise<Holders> {
  const holds = numberIn(number);
  const calls = new Map<string, CallKey>();
  const nameOf = ({ connection, id }: CallKey) => JSON.stringify([connection, id]);
  const add = ({ connection, id }: CallKey) =>
    calls.set(nameOf({ connection, id }), { connection, id });
  let read = 0;
  const { objects: bucket } = stores;
  const recordOf = async ({ raw }: StoredCall): Promise<string> => {
    if (raw === null) return '';
    return 'inline' in raw ? raw.inline : await textAt(raw.key, bucket);
  };

  const unreadable: Unreadable[] = [];
  const lookInto = async ({ text, isWhole, rawKey, ...one }: UnreadableCall) => {
    const record = rawKey === undefined ? '' : await textAt(rawKey, bucket);
    const { call, item } = one.unreadable;
    const isIn = holds(`${text}\n${record}`);
    if (isIn && call) add(call);
    else unreadable.push({ call, item, mayHold: isIn || !isWhole });
  };

  for await (const page of stores.calls.all()) {
    for (const stored of page) {
      if ('unreadable' in stored) {
        await lookInto(stored);
        continue;
      }
      if (stored.forgotten) continue;
      if (holds(`${JSON.stringify(stored.call)}\n${await recordOf(stored)}`)) add(stored.call);
    }
    read += page.length;
    progress(read);
  }
  for await (const rows of stores.deliveries.all()) {
    for (const { event } of rows) {
      const call = callOf(event);
      if (call && holds(JSON.stringify(event))) add(call);
    }
  }
  for await (const incidents of stores.incidents.all()) {
    for (const { opener } of incidents) {
      const call = callOf(opener);
      if (call && holds(JSON.stringify(opener))) add(call);
    }
  }
  const setAside: SetAside[] = [];
  for await (const page of stores.setAside.all()) {
    for (const one of page) {
      if (!holds(await textOf(one, bucket))) continue;
      setAside.push(one);
      if (one.callId !== undefined) add({ connection: one.connection, id: one.callId });
    }
  }
  const objects: string[] = [];
  for await (const keys of bucket.keys('')) {
    for (const key of keys) if (holds(await textAt(key, bucket))) objects.push(key);
  }
  const left = unreadable.filter(({ call }) => !(call && calls.has(nameOf(call))));
  return { calls: [...calls.values()], setAside, objects, unreadable: left };
}
