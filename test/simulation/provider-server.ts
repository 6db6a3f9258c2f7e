import type { Random } from '../../lib/local/simulators/random.ts';
import { MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { createCallList, type Served } from './call-list.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Faults } from './faults.ts';
import { isFinalPhase, isListed, type SimCall } from './sim-call.ts';
import type { SimConnection } from './sim-connection.ts';
import type { Asked } from './wire/wire.ts';

/** What comes back from a provider, or does not. */
export interface Answer {
  readonly kind: 'list' | 'detail';
  /** Undefined: the connection breaks before anything comes. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly latencyMs: number;
  /** The records in it, where it can be read. */
  readonly served: readonly Served[];
  /** True when it does not show everything that it was asked for. */
  readonly hides: boolean;
  /** How many pages the walk would have that this is a page of. */
  readonly pages: number;
}

/** How likely each kind of trouble that a seed has is at each request. */
const RATE = 0.012;
const DETAIL_RATE = 0.08;
const DRIFT_RATE = 0.15;

type AskedList = Exclude<Asked, { id: string }>;

type Plain = Pick<Answer, 'status' | 'text'> & Partial<Answer>;

const seconds = (value: number): string => String(Math.ceil(value));

/** One connection's provider: answers as documented, and as badly as the seed has it. */
export function createProviderServer(connection: SimConnection, faults: Faults, random: Random) {
  const { wire, habits, outage, refusal, traffic } = connection;
  const list = createCallList(connection, faults, random);
  const isIn = (span: { from: number; to: number } | undefined, at: number) =>
    span !== undefined && span.from <= at && at < span.to;

  /** One of these kinds, where one strikes. */
  const struck = <K extends FaultKind>(kinds: readonly K[], rate: number): K | undefined =>
    kinds.find((kind) => {
      const now = faults.strikes(kind, rate);
      if (now) faults.hit(kind);
      return now;
    });

  function trouble(at: number): Plain | undefined {
    if (isIn(outage, at)) {
      faults.hit('outage of six hours');
      return { status: 503, text: 'down' };
    }
    if (isIn(refusal, at)) {
      faults.hit('key refused for a while');
      return { status: 401, text: '{}' };
    }
    const wait = random.between(1, 2400);
    switch (struck(TROUBLES, RATE)) {
      case 'answer: 429':
        return { status: 429, text: '{}' };
      case 'answer: 429 with seconds':
        return { status: 429, text: '{}', headers: { 'retry-after': seconds(wait) } };
      case 'answer: 429 with a date':
        return {
          status: 429,
          text: '{}',
          headers: { 'retry-after': new Date(at + wait * SECOND_MS).toUTCString() },
        };
      case 'answer: 500':
        return { status: 500, text: '{}' };
      case 'answer: 502':
        return { status: 502, text: '<html>' };
      case 'answer: none in time':
        return { status: 200, text: '', latencyMs: Number.POSITIVE_INFINITY };
      case 'answer: hangs up':
        return { status: undefined, text: '' };
      case 'answer: HTML':
        return {
          status: 200,
          text: '<!doctype html><title>Log in</title>',
          headers: { 'content-type': 'text/html' },
        };
      case 'answer: wrong envelope':
        return { status: 200, text: '{"unexpected":true}' };
      case undefined:
        return undefined;
    }
  }

  /** Rows come and go while somebody pages. */
  function drift(at: number, rows: readonly SimCall[], skip: number, asked: AskedList): boolean {
    if (faults.strikes('list: row comes between pages', DRIFT_RATE)) {
      const call = traffic.add(at - random.between(0, 30) * SECOND_MS);
      if (call.visibleAt <= at + 5 * SECOND_MS) call.visibleAt = at;
      const place = list.rowsAt(at, asked).indexOf(call);
      if (place >= 0 && place < skip) faults.hit('list: row comes between pages');
      return true;
    }
    if (faults.strikes('list: row goes between pages', DRIFT_RATE)) {
      const victim = list.victimAmong(rows.slice(0, skip), at);
      if (!victim) return false;
      victim.hiddenAt = at;
      faults.hit('list: row goes between pages');
      return true;
    }
    return false;
  }

  function page(asked: AskedList, at: number): Plain {
    const pageSize = Math.min(asked.limit, habits.pageSize);
    if (pageSize < asked.limit) faults.hit('pages: small');
    let skip = asked.skip(pageSize);
    let rows = list.rowsAt(at, asked);
    let shownAt = at;
    let hides = false;
    if (skip > 0 && drift(at, rows, skip, asked)) rows = list.rowsAt(at, asked);
    if (skip > 0 && rows.length > 0 && faults.strikes('list: cursor ignored', 4 * RATE)) {
      faults.hit('list: cursor ignored');
      skip = 0;
      hides = true;
    }
    if (faults.strikes('answer: computed earlier', 2 * RATE)) {
      const earlier = at - random.between(0.5, 20) * MINUTE_MS;
      const before = list.rowsAt(earlier, asked);
      const print = (calls: readonly SimCall[], then: number) =>
        calls.map((call) => list.serve(call, then, 'row').text).join();
      if (print(before, earlier) !== print(rows, at)) {
        faults.hit('answer: computed earlier');
        rows = before;
        shownAt = earlier;
        hides = true;
      }
    }
    const cap = 2 + Math.floor(random.next() * 6);
    if (rows.length > cap && faults.strikes('list: capped silently', 2 * RATE)) {
      faults.hit('list: capped silently');
      rows = rows.slice(0, cap);
      hides = true;
    }
    let matching = rows.length;
    const isCounted = wire.provider === 'hamsa' || wire.provider === 'samva';
    if (isCounted && matching > pageSize && faults.strikes('list: count too low', 4 * RATE)) {
      faults.hit('list: count too low');
      matching = Math.max(1, Math.floor(matching / 2));
      hides = true;
    }
    if (habits.countTooHighBy === undefined) faults.hit('count: missing');
    else if (habits.countTooHighBy > 0) faults.hit('count: too high');
    const served = rows
      .slice(skip, skip + pageSize)
      .map((call) => list.serve(call, shownAt, 'row'));
    const text = wire.list({
      rows: served.map((row) => row.text),
      skip,
      pageSize,
      matching: habits.countTooHighBy === undefined ? undefined : matching + habits.countTooHighBy,
      pageable: rows.length,
    });
    return { status: 200, text, served, hides, pages: Math.ceil(rows.length / pageSize) };
  }

  function one(id: string, at: number): Plain {
    const call = list.byId(id);
    const isThere = call && isListed(call, at) && wire.detail;
    if (!isThere || struck(['detail: 404'], DETAIL_RATE)) return { status: 404, text: '{}' };
    if (struck(['detail: 500'], DETAIL_RATE)) return { status: 500, text: '{}' };
    let shownAt = at;
    if (faults.strikes('detail: older than the list', DETAIL_RATE)) {
      const earlier = at - random.between(0.2, 10) * MINUTE_MS;
      const [then, now] = [earlier, at].map((instant) => list.serve(call, instant, 'detail'));
      if (then && now && then.version !== now.version && isHarmless(call, then, now)) {
        faults.hit('detail: older than the list');
        shownAt = earlier;
      }
    }
    const served = list.serve(call, shownAt, 'detail');
    const isSlow = struck(['detail: too slow'], DETAIL_RATE);
    return {
      status: 200,
      text: wire.one(served.text),
      served: [served],
      ...(isSlow ? { latencyMs: 30_000 } : {}),
    };
  }

  return {
    answer(url: URL, at: number): Answer {
      const asked = wire.parse(url);
      const kind = asked && 'id' in asked ? 'detail' : 'list';
      const plain =
        trouble(at) ??
        (asked === undefined
          ? { status: 400, text: '{}' }
          : 'id' in asked
            ? one(asked.id, at)
            : (refusedList() ?? page(asked, at)));
      const answer: Answer = {
        kind,
        headers: { 'content-type': 'application/json' },
        // A detail that takes longer than a client waits is a fault of its own.
        latencyMs: random.between(40, kind === 'list' ? habits.latencyMs : 1_500),
        served: [],
        hides: false,
        pages: 1,
        ...plain,
      };
      if (answer.status !== 200 || answer.text.length < 40) return answer;
      if (struck(['answer: truncated JSON'], RATE)) {
        return { ...answer, text: answer.text.slice(0, answer.text.length / 2), served: [] };
      }
      return answer;
    },
  };

  /** Where every word is for lists only, and a reason to wait as well. */
  function refusedList(): Plain | undefined {
    if (struck(['answer: 503 with seconds'], RATE)) {
      return {
        status: 503,
        text: '{}',
        headers: { 'retry-after': seconds(random.between(1, 1800)) },
      };
    }
    if (wire.provider === 'hamsa' && struck(['answer: says no inside a 200'], 2 * RATE)) {
      return { status: 200, text: wire.refusal };
    }
    return undefined;
  }
}
export type ProviderServer = ReturnType<typeof createProviderServer>;

const TROUBLES = [
  'answer: 429',
  'answer: 429 with seconds',
  'answer: 429 with a date',
  'answer: 500',
  'answer: 502',
  'answer: none in time',
  'answer: hangs up',
  'answer: HTML',
  'answer: wrong envelope',
] as const satisfies readonly FaultKind[];

/** A record from before a correction would undo it: that a provider contradicts itself is another story. */
function isHarmless(call: SimCall, then: Served, now: Served): boolean {
  const [before, after] = [call.versions[then.version], call.versions[now.version]];
  if (!before || !after) return false;
  return !isFinalPhase(before.phase) || before.phase === after.phase;
}
