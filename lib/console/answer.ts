import { type Cached, cached, cachedByKey } from '../cached.ts';
import { maskNumbers } from '../calls/mask-number.ts';
import { eachLimited } from '../each-limited.ts';
import { connectionIds } from '../records/connection-health.ts';
import { partOfCalls } from '../records/part-of-calls.ts';
import { readTrace, readTraceWorld } from '../records/read-trace.ts';
import type { QuarantinedRecord, Records, UnattributedWebhook } from '../records/records.ts';
import { type Clock, SECOND_MS } from '../time.ts';
import type { About, Answers, CallAnswer, Question, SetAsideAnswer } from './answers.ts';
import { callLine } from './call-line.ts';
import { drawCharts } from './charts.ts';
import { connectionOf, deliveriesOf, overviewOf } from './overview.ts';
import {
  QuestionError,
  readCallQuestion,
  readCallsQuestion,
  readIdQuestion,
  readRange,
} from './question.ts';

/** What is answered from. */
export interface AnswerDeps {
  readonly records: Records;
  readonly now: Clock;
  readonly place: Pick<About, 'place' | 'local' | 'version'>;
  readonly unreadable: () => number;
}

/** Answers by path; undefined: there is no such thing. */
export type Answering = {
  readonly [Path in Question]: (asked: URLSearchParams) => Promise<Answers[Path] | undefined>;
};

const CALLS_PER_PAGE = 50;

/** Several tabs, and a page that keeps itself up to date, share what was just read. */
const REMEMBERED_MS = 2 * SECOND_MS;

/** Charts read most. */
const CHARTS_REMEMBERED_MS = 20 * SECOND_MS;

/** Each connection costs a read a bar, also an empty one. */
const MAX_CHARTED = 50;

/** Of so many connections at once it is asked what was set aside, and so many records are listed. */
const CONNECTIONS_AT_ONCE = 10;
const MAX_SET_ASIDE = 200;

/** Answers everything that the page can ask for, from records, reading no more than it shows. */
export function answering({ records, now, place, unreadable }: AnswerDeps): Answering {
  const remembered = <T>(load: () => Promise<T>): Cached<T> => cached(load, REMEMBERED_MS, now);
  const world = remembered(() => readTraceWorld(records));
  const connections = remembered(() => connectionIds(records));
  const overview = remembered(() => overviewOf(records, now()));
  const deliveries = remembered(() => deliveriesOf(records, now()));
  const setAside = remembered(async () => readSetAside(records, await connections()));
  const charts = cachedByKey(
    async (question: string) => {
      const { connection, from, to } = readRange(new URLSearchParams(question), now());
      const asked = await wanted(connection);
      if (asked.length > MAX_CHARTED) {
        throw new QuestionError(
          `Charts are drawn of ${MAX_CHARTED} connections at most, and there are ${asked.length}. Choose one.`,
        );
      }
      return drawCharts(records, { connections: asked, from, to });
    },
    CHARTS_REMEMBERED_MS,
    now,
  );

  async function wanted(connection: string | undefined): Promise<readonly string[]> {
    return connection === undefined ? connections() : [connection];
  }

  return {
    about: async () => ({
      ...place,
      connections: await connections(),
      unreadable: unreadable(),
    }),
    overview: () => overview(),
    connection: (asked) => connectionOf(records, readIdQuestion(asked), now()),
    calls: async (asked) => {
      const { connection, number, after, reveal, ...question } = readCallsQuestion(asked, now());
      const numbers = number === undefined ? undefined : [number];
      const filter = { ...question, numbers, connections: await wanted(connection) };
      const part = await partOfCalls(records, filter, { after, limit: CALLS_PER_PAGE });
      return { ...part, calls: part.calls.map((stored) => callLine(stored, { reveal })) };
    },
    call: async (asked): Promise<CallAnswer> => {
      const { reveal, ...key } = readCallQuestion(asked);
      const [stored, trace] = await Promise.all([
        records.call(key.connection, key.id),
        readTrace(records, key, await world()),
      ]);
      if (!stored) return { call: null, stored: null, trace };
      const { firstSeenAt, receivedAt, recordedAt, revision, version, via, withheld } = stored;
      return {
        call: reveal ? stored.call : maskNumbers(stored.call),
        stored: { firstSeenAt, receivedAt, recordedAt, revision, version, via, withheld },
        trace,
      };
    },
    raw: async (asked) => {
      const { connection, id } = readCallQuestion(asked);
      const stored = await records.call(connection, id);
      return stored && { raw: await records.rawOf(stored) };
    },
    deliveries: () => deliveries(),
    charts: (asked) => charts(asked.toString()),
    'set-aside': () => setAside(),
    quarantined: async (asked) => {
      const { connection, id } = readCallQuestion(asked);
      const found = (await records.quarantined(connection)).find((record) => record.id === id);
      return found && { raw: found.raw };
    },
  };
}

const newestFirst = (a: { readonly at: string }, b: { readonly at: string }): number =>
  a.at > b.at ? -1 : 1;

/** What nobody could make out, without what was sent. */
async function readSetAside(
  records: Records,
  connections: readonly string[],
): Promise<SetAsideAnswer> {
  const quarantined: Omit<QuarantinedRecord, 'raw'>[] = [];
  const unattributed: UnattributedWebhook[] = [];
  await eachLimited(connections, CONNECTIONS_AT_ONCE, async (connection) => {
    const kept = await records.quarantined(connection);
    quarantined.push(...kept.map(({ raw: _raw, ...record }) => record));
    unattributed.push(...(await records.unattributed(connection)));
  });
  return {
    quarantined: quarantined.sort(newestFirst).slice(0, MAX_SET_ASIDE),
    unattributed: unattributed.sort(newestFirst).slice(0, MAX_SET_ASIDE),
    total: quarantined.length + unattributed.length,
  };
}
