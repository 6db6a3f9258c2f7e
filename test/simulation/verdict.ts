import type { CallEvent } from '../../lib/events/event.ts';
import { canonicalJson } from '../../lib/hash.ts';
import { DAY_MS, HOUR_MS, parseDuration } from '../../lib/time.ts';
import {
  type CallEvidence,
  lastWord,
  mustBeSilent,
  mustBeTold,
  noEvidence,
  truthOf,
} from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Stores } from './memory-stores.ts';
import { type Plan, START } from './plan.ts';
import type { SimCall } from './sim-call.ts';
import type { SimConnection } from './sim-connection.ts';
import { finalFrom } from './traffic.ts';
import type { Announced, ConnectionRecord, Witness } from './witness.ts';

/** The look-back of an hour moves its lower bound twice an hour at most; the rest is for its growing. */
const IDLE_WRITES_PER_HOUR = 2;
const IDLE_WRITES_MORE = 16;

/** Compares what was announced with what is true, once all is quiet. */
export function judge(witness: Witness, stores: Stores, plan: Plan): Finding[] {
  const findings = [...witness.findings];
  const find =
    (verdict: Finding['verdict']) => (invariant: string, about: string, detail: string) => {
      findings.push({ verdict, invariant, about, detail });
    };
  const tell: Tell = { lost: find('lost'), double: find('duplicates'), wrong: find('wrong') };
  const byCall = Map.groupBy(
    witness.announced.filter((one): one is Announced & { event: CallEvent } => 'call' in one.event),
    ({ event: { call } }) => call.id,
  );
  judgeIds(witness.announced, tell);
  for (const record of witness.records.values()) {
    judgeConnection(record, witness, plan, tell);
    for (const call of record.connection.traffic.calls) {
      const events = (byCall.get(call.id) ?? []).map(({ event }) => event);
      judgeCall(record, call, events, stores, plan, tell);
    }
  }
  return findings;
}

type Say = (invariant: string, about: string, detail: string) => void;
interface Tell {
  readonly lost: Say;
  readonly double: Say;
  readonly wrong: Say;
}

function judgeIds(announced: readonly Announced[], { double, wrong }: Tell): void {
  const contents = new Map<string, string>();
  for (const { event, isRepublished } of announced) {
    // Republishing tells of items as they are now.
    if (isRepublished) continue;
    const content = canonicalJson(event);
    const known = contents.get(event.id);
    if (known !== undefined && known !== content) {
      wrong('one id has one content', event.id, `${known}\n  ${content}`);
    }
    contents.set(event.id, content);
  }
  const facts = new Map<string, string>();
  for (const { event } of announced) {
    if (!('call' in event)) continue;
    const fact = `${event.call.id} ${event.type} ${event.type === 'call.updated' ? event.revision : ''}`;
    const id = facts.get(fact) ?? event.id;
    facts.set(fact, id);
    if (id !== event.id)
      double('one outcome has one id', event.call.id, `${fact}: ${id}, ${event.id}`);
  }
}

function judgeConnection(
  {
    connection,
    state,
    successes,
    sweptAt,
    setAside,
    malformedShown,
    idleWrites,
    polls,
  }: ConnectionRecord,
  { announced }: Witness,
  { isLong, calmFrom, end }: Plan,
  { lost, wrong }: Tell,
): void {
  for (const text of malformedShown.difference(setAside)) {
    wrong('what is malformed is set aside', connection.id, text.slice(0, 200));
  }
  const most = IDLE_WRITES_MORE + (IDLE_WRITES_PER_HOUR * (end - START)) / HOUR_MS;
  if (idleWrites > most) {
    wrong('empty polls hardly write', connection.id, `${idleWrites} writes in ${polls} polls`);
  }
  const health = announced.filter(
    ({ event }) =>
      'connection' in event &&
      event.connection.id === connection.id &&
      event.connection.reason !== 'drifted',
  );
  const last = health
    .map(({ event }) => event)
    .toSorted((a, b) => (a.recordedAt < b.recordedAt ? -1 : 1))
    .at(-1);
  const isTold = state?.failure !== null || state.concern?.announced;
  if (!isTold && last?.type === 'connection.failing') {
    lost('who hears of trouble hears of its end', connection.id, last.recordedAt);
  }
  // What breaks every poll would else go unnoticed: nothing is promised of polls that fail.
  if ((successes.at(-1) ?? 0) < calmFrom) {
    wrong('once all is calm, polls succeed', connection.id, `${polls} polls`);
  }
  // Later than a day into the calm each connection has had its turn.
  if (isLong && sweptAt < calmFrom) {
    wrong('each connection is swept each day', connection.id, iso(sweptAt));
  }
  const trouble = state?.failure ?? state?.concern;
  if (trouble) {
    wrong('a connection recovers', connection.id, JSON.stringify(trouble));
  }
}

function judgeCall(
  { connection, evidence: all, baselineAt, isDeceived }: ConnectionRecord,
  call: SimCall,
  events: readonly CallEvent[],
  stores: Stores,
  plan: Plan,
  tell: Tell,
): void {
  const evidence = all.get(call) ?? noEvidence();
  const last = lastWord(events);
  const stored = stores.stored(connection.id, call.id);
  const about = call.id;
  if (!last && mustBeTold(connection, call, evidence, baselineAt)) {
    const how = stored
      ? `stored as ${stored.call.outcome}${stored.silent ? ', silently' : ''}`
      : 'not stored';
    const detail = `${how}, ${span(call)}; ${JSON.stringify(evidence)}`;
    const owed: [boolean, string][] = [
      [
        evidence.proofs >= 2,
        'a call that was listed as final in two successful polls is announced',
      ],
      [evidence.swept, 'a call that was listed as final during a whole sweep is announced'],
      [
        !isDeceived && isListedForTwoDays(connection, call, plan),
        'a call that was listed for 48 hours is announced',
      ],
    ];
    for (const [isOwed, invariant] of owed) if (isOwed) tell.lost(invariant, about, detail);
  }
  if (events.length > 0 && mustBeSilent(connection, call, evidence, baselineAt)) {
    tell.wrong(
      'of what ended before the baseline nothing is announced',
      about,
      `${events[0]?.type}`,
    );
  }
  if (last && 'call' in last) judgeContent(connection, call, evidence, last, tell);
  judgeCorrections(events, about, tell);
  judgeStale(connection, call, evidence, events, tell);
}

/**
 * Whether a call was listed as final on its second day, the whole of it and to the end: each call has a
 * daily sweep on that day that covers it, or a later one that makes up for it.
 */
function isListedForTwoDays(connection: SimConnection, call: SimCall, { end }: Plan): boolean {
  const { createdAt, statedAt, visibleAt, hiddenAt, malformed, versions } = call;
  const isOver = (version: number) =>
    (truthOf(connection, call, version, START)?.outcome ?? 'open') !== 'open';
  return (
    isOver(versions.length - 1) &&
    statedAt !== null &&
    malformed === undefined &&
    createdAt >= START &&
    createdAt + 2 * DAY_MS <= end &&
    Math.max(visibleAt, finalFrom(call)) <= createdAt + DAY_MS &&
    hiddenAt >= end
  );
}

function judgeContent(
  connection: SimConnection,
  call: SimCall,
  { settled }: CallEvidence,
  { call: told, type }: CallEvent,
  { wrong }: Tell,
): void {
  const differences = call.versions
    .keys()
    .toArray()
    .slice(Math.max(0, settled))
    .map((version) => {
      const before = truthOf(connection, call, version, 0);
      const after = truthOf(connection, call, version, Number.POSITIVE_INFINITY);
      return [before, after].map((truth) => {
        if (!truth || truth.outcome === 'open') return ['open'];
        const { summary, attributes, ...fields } = truth;
        const expected = Object.entries({
          ...fields,
          ...(summary === undefined ? {} : { summary }),
        });
        const odd = expected.filter(([name, value]) => told[name as keyof typeof told] !== value);
        const oddAttributes = Object.entries(attributes).filter(
          ([name, value]) => told.attributes[name] !== value,
        );
        return [...odd, ...oddAttributes].map(([name, value]) => `${name} is ${String(value)}`);
      });
    });
  const all = differences.flat();
  if (all.some((difference) => difference.length === 0)) return;
  wrong(
    'what was announced last is true',
    call.id,
    `${type} ${told.outcome}/${told.status}/${told.reason}/${told.durationSeconds}, but ${all.at(-1)?.join(', ')}; ${settled} of ${call.versions.map(({ at, phase }) => `${new Date(at).toISOString()} ${phase}`).join(', ')}`,
  );
}

const iso = (at: number | null): string =>
  at === null || !Number.isFinite(at) ? String(at) : new Date(at).toISOString();

/** From when to when a call lasts, and is listed. */
const span = ({ createdAt, statedAt, endedAt, visibleAt, hiddenAt }: SimCall): string =>
  `${iso(createdAt)} (${iso(statedAt)}) to ${iso(endedAt)}, listed ${iso(visibleAt)} to ${iso(hiddenAt)}`;

function judgeCorrections(events: readonly CallEvent[], about: string, { wrong }: Tell): void {
  const outcomes = ['call.completed', 'call.failed']
    .flatMap((type) => events.find((event) => event.type === type) ?? [])
    .toSorted((a, b) => a.revision - b.revision);
  const [first, second] = outcomes;
  if (first && first.corrects !== null) {
    wrong('a first outcome corrects nothing', about, `${first.type} corrects ${first.corrects}`);
  }
  if (first && second && second.corrects !== first.id) {
    wrong('a second outcome corrects the first', about, `${second.corrects}`);
  }
}

function judgeStale(
  connection: SimConnection,
  call: SimCall,
  evidence: CallEvidence,
  events: readonly CallEvent[],
  { lost, wrong }: Tell,
): void {
  const stale = events.find(({ type }) => type === 'call.stale');
  const maxAgeMs = parseDuration(connection.written.maxCallAge) ?? 0;
  if (!stale && evidence.overdueProofs >= 2) {
    lost('a call that is open for too long is announced', call.id, JSON.stringify(evidence));
  }
  const since = call.createdAt + Math.min(0, call.skewMs);
  if (stale && Date.parse(stale.occurredAt) - since < maxAgeMs) {
    wrong('a call is not stale before its time', call.id, stale.occurredAt);
  }
}
