import { hash, type Random } from '../../lib/local/simulators/random.ts';
import type { Faults } from './faults.ts';
import { isListed, isMalformed, type SimCall, versionAt } from './sim-call.ts';
import type { SimConnection } from './sim-connection.ts';
import type { Asked, Json } from './wire/wire.ts';

/** One row of a list, or one record, as it was sent. */
export interface Served {
  readonly call: SimCall;
  /** Which of its versions. */
  readonly version: number;
  readonly isMalformed: boolean;
  readonly text: string;
}

const NOWHERE = '{}';

/** What a provider has to say about its calls at one moment. */
export function createCallList(connection: SimConnection, faults: Faults, random: Random) {
  const { wire, habits, traffic } = connection;
  const texts = new Map<string, string>();
  let reads = 0;

  const link = (): string => (habits.signsLinks ? `?signature=${reads}` : '');

  function serve(call: SimCall, at: number, kind: 'row' | 'detail'): Served {
    const version = versionAt(call, at);
    const isBad = isMalformed(call, at);
    const shown = call.versions[version];
    const key = `${kind} ${call.id} ${version} ${isBad}`;
    let text = texts.get(key);
    if (text === undefined && shown) {
      const record = (kind === 'detail' && wire.detail ? wire.detail : wire.row)(
        call,
        shown,
        link(),
      );
      text = JSON.stringify(isBad ? deform(record, call, wire.statusField) : record);
      if (text.includes('?signature=')) {
        faults.hit('links: signed anew at each read');
      } else {
        texts.set(key, text);
      }
    }
    return { call, version, isMalformed: isBad, text: text ?? NOWHERE };
  }

  /** Everything that the list holds at an instant, in its order. */
  function rowsAt(
    at: number,
    { from, to, workflow }: Omit<Exclude<Asked, { id: string }>, 'skip' | 'limit'>,
  ): SimCall[] {
    reads += 1;
    const rows = traffic.calls.filter((call) => {
      if (!isListed(call, at)) return false;
      const shown = call.versions[versionAt(call, at)];
      if (workflow !== undefined && (shown?.word ?? shown?.workflow) !== workflow) return false;
      // What the filter goes by is right even where what is shown is not.
      const time = call.createdAt + call.skewMs;
      return !(from !== undefined && time < from) && !(to !== undefined && time > to);
    });
    const key = keyOf(connection, at);
    const tie = (call: SimCall) =>
      habits.unstableTies ? hash(`${call.id} ${reads}`) : hash(call.id);
    const isTied = new Set<number>();
    const keyed = rows.map((call) => ({ call, key: key(call) }));
    keyed.sort((a, b) => {
      const difference = a.key - b.key;
      if (difference !== 0 && !Number.isNaN(difference)) return difference;
      if (a.key === b.key && Number.isFinite(a.key)) isTied.add(a.key);
      return tie(a.call) - tie(b.call);
    });
    if (habits.unstableTies && isTied.size > 0) faults.hit('ties: another order at each read');
    if (habits.order !== 'newest first' && rows.length > 1) faults.hit(`order: ${habits.order}`);
    return keyed.map(({ call }) => call);
  }

  return {
    rowsAt,
    serve,
    byId: (id: string): SimCall | undefined => traffic.calls.find((call) => call.id === id),
    /** A final call among these, to be deleted. */
    victimAmong: (calls: readonly SimCall[], at: number): SimCall | undefined => {
      const over = calls.filter((call) => call.endedAt <= at);
      return over[Math.floor(random.next() * over.length)];
    },
  };
}
export type CallList = ReturnType<typeof createCallList>;

/** What a list is sorted by, the smallest first. */
function keyOf({ habits }: SimConnection, at: number): (call: SimCall) => number {
  switch (habits.order) {
    // As PostgreSQL has it: what is null comes first in descending order, and last in ascending.
    case 'newest first':
      return ({ statedAt }) => (statedAt === null ? Number.NEGATIVE_INFINITY : -statedAt);
    case 'oldest first':
      return ({ statedAt }) => statedAt ?? Number.POSITIVE_INFINITY;
    case 'shuffled':
      return ({ id }) => hash(id);
    case 'another field':
      return (call) => -(call.versions[versionAt(call, at)]?.at ?? 0);
  }
}

function deform(record: Json, { malformed }: SimCall, statusField: string): unknown {
  switch (malformed?.how) {
    case 'not an object':
      return 'row';
    case 'no id':
      return { ...record, id: undefined };
    case 'wrong type':
    case undefined:
      return { ...record, [statusField]: 42 };
  }
}
