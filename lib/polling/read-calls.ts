import { isFinal } from '../calls/call.ts';
import { meaningOf, normalizeCall } from '../calls/normalize-call.ts';
import { recordObservation } from '../calls/record-observation.ts';
import {
  latestEnd,
  mergeCalls,
  nextVersion,
  type Observation,
  type StoredCall,
  staleVersion,
  type VersionPolicy,
} from '../calls/version.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import { eachLimited } from '../each-limited.ts';
import { isOtherSide, PermanentError } from '../errors.ts';
import { driftNotice } from '../events/notice.ts';
import { fingerprint } from '../hash.ts';
import type { JsonAnswer } from '../http.ts';
import {
  isListed,
  type Listed,
  type Page,
  type Provider,
  type ProviderRequest,
  type Rejected,
} from '../providers/provider.ts';
import { addMs, HOUR_MS, isoInstant } from '../time.ts';
import type { Enrichment, RememberedCall } from './poll-state.ts';
import type { PollDeps } from './ports.ts';
import type { Recents } from './recents.ts';

/** A detail read may hold up an announcement for this long, not longer. */
const DETAIL_TIMEOUT_MS = 5_000;

/** What was not complete at the end of a call is looked for again after so long, in turn. */
const ENRICH_AFTER_MS = [15_000, 300_000];

/** A detail that cannot be read is tried again this often, this far apart: for an hour. */
const ENRICH_TRIES = 12;
const ENRICH_AGAIN_MS = 300_000;

const PARALLEL_CALLS = 4;

/** Rows of one poll that may break through a fault of ours before it is taken for a fault of the whole. */
const MAX_FAULTS = 8;

export interface PollCounts {
  requests: number;
  detailRequests: number;
  rows: number;
  changed: number;
  final: number;
  silent: number;
  late: number;
  quarantined: number;
}

/** One poll of one connection while it goes on: what it was given, and what it has learned. */
export interface Poll {
  readonly settings: ConnectionSettings;
  readonly provider: Provider;
  readonly policy: Omit<VersionPolicy, 'now'>;
  readonly recents: Recents;
  readonly counts: PollCounts;
  readonly open: Map<string, RememberedCall>;
  readonly enrich: Map<string, Enrichment>;
  /** Calls that this poll saw become final, or gave up on. */
  readonly settled: Set<string>;
  /** What broke while single rows were recorded; the poll goes on, and throws at its end. */
  readonly faults: unknown[];
  /** True while there are more open calls than a state remembers by id. */
  readonly hasMoreOpen: boolean;
  /** Calls that this poll has looked at, in the list or by id. */
  readonly looked: Set<string>;
  readonly deps: PollDeps;
  ask(request: ProviderRequest, timeoutMs: number): Promise<JsonAnswer>;
}

function observe(
  { provider, settings }: Poll,
  { facts, raw }: Listed,
  { requestedAt, receivedAt }: JsonAnswer,
  rowPrint: string | null,
): Observation {
  const call = normalizeCall(facts, provider, settings);
  return {
    call,
    seenAt: requestedAt.toISOString(),
    receivedAt: receivedAt.toISOString(),
    endedBy: (isFinal(call) && facts.updatedAt && isoInstant(facts.updatedAt)) || null,
    rowPrint,
    raw: [raw],
  };
}

async function quarantine(poll: Poll, rejected: Rejected): Promise<void> {
  const { deps, recents, settings, provider, counts } = poll;
  const print = fingerprint(rejected.raw);
  const key = rejected.id ?? print;
  if (recents.has(key, print)) return;
  const now = deps.now();
  await deps.quarantine.keep(settings.id, rejected, now);
  await deps.calls.notify(driftNotice({ id: settings.id, provider: provider.id }, rejected, now));
  recents.set(key, print);
  counts.quarantined += 1;
}

/** The call by its id; undefined when it could not be read, which must not hold up an announcement. */
async function readDetail(poll: Poll, id: string): Promise<Observation | undefined> {
  const { detail } = poll.provider;
  if (!detail) return undefined;
  poll.counts.detailRequests += 1;
  const answer = await poll.ask(detail.request(id), DETAIL_TIMEOUT_MS);
  const record = detail.read(answer.body);
  if (isListed(record)) return observe(poll, record, answer, null);
  await quarantine(poll, record);
  return undefined;
}

/** True when a row would be announced: then readers are owed what only the detail has. */
function deservesDetail(
  { provider, policy, deps }: Poll,
  known: StoredCall | undefined,
  seen: Observation,
): boolean {
  if (!provider.detail?.enriches || !isFinal(seen.call) || known?.silent) return false;
  if (known) return nextVersion(known, seen, { ...policy, now: deps.now() }) !== undefined;
  // Of a call that surely ended before the baseline nothing will be announced. Where the end is only
  // estimated, an hour decides: nearer than that, the detail knows better.
  const end = latestEnd(seen);
  if (end === null) return true;
  const surelyBy = addMs(new Date(end), HOUR_MS).toISOString();
  const isHistory = policy.baselineAt !== null && surelyBy < policy.baselineAt;
  const isLate = deps.now().getTime() - Date.parse(surelyBy) > policy.announceWithinMs;
  return !isHistory && !isLate;
}

/** The row with what the detail adds; the row alone when the detail cannot be had now. */
async function withDetail(
  poll: Poll,
  seen: Observation,
): Promise<[Observation, complete: boolean]> {
  // What was seen is to be safe before the function is stopped.
  // Without the detail only this is sure of the end: it has come. So the call counts as ended just now.
  const alone = { ...seen, endedBy: seen.endedBy ?? seen.seenAt };
  if (poll.deps.now() >= poll.deps.deadline) return [alone, false];
  let detail: Observation | undefined;
  try {
    detail = await readDetail(poll, seen.call.id);
  } catch (error) {
    if (!isOtherSide(error)) throw error;
  }
  // A detail that still says open is older than the row, whatever the clock says.
  if (!detail || !isFinal(detail.call)) return [alone, false];
  const merged = { ...detail, call: mergeCalls(seen.call, detail.call) };
  return [{ ...merged, rowPrint: seen.rowPrint, raw: [...seen.raw, ...detail.raw] }, true];
}

function remember(poll: Poll, stored: StoredCall): void {
  const { call, firstSeenAt, staleAt } = stored;
  if (isFinal(call) || staleAt !== null) {
    poll.open.delete(call.id);
    poll.settled.add(call.id);
    return;
  }
  poll.open.set(call.id, { id: call.id, since: call.createdAt ?? firstSeenAt });
}

/** Plans another detail read where something may still come, after ever longer waits. */
function planEnrichment(poll: Poll, { call, silent }: StoredCall, complete: boolean): void {
  const { detail } = poll.provider;
  const tries = poll.enrich.get(call.id)?.tries ?? 0;
  const wait = ENRICH_AFTER_MS[tries];
  const isOwed = !silent && isFinal(call) && detail && (!complete || detail.awaits(call));
  if (!isOwed || wait === undefined) {
    poll.enrich.delete(call.id);
    return;
  }
  const dueAt = addMs(poll.deps.now(), wait).toISOString();
  poll.enrich.set(call.id, { id: call.id, dueAt, tries: tries + 1 });
}

/** The detail could not be read: not now, then, but not for ever either. */
export function postponeEnrichment({ enrich, deps }: Poll, id: string): void {
  const planned = enrich.get(id);
  if (!planned) return;
  if (planned.tries >= ENRICH_TRIES) {
    enrich.delete(id);
    return;
  }
  const dueAt = addMs(deps.now(), ENRICH_AGAIN_MS).toISOString();
  enrich.set(id, { id, dueAt, tries: planned.tries + 1 });
}

async function tellUnknownWord(poll: Poll, { call }: Observation): Promise<void> {
  if (call.status !== 'unknown') return;
  const { settings, provider, deps } = poll;
  const rule = `unknown word ${JSON.stringify(call.providerStatus)}`;
  const connection = { id: settings.id, provider: provider.id };
  await deps.calls.notify(driftNotice(connection, { field: 'status', rule }, deps.now()));
}

async function record(
  poll: Poll,
  seen: Observation,
  known: StoredCall | undefined,
  complete: boolean,
): Promise<StoredCall> {
  const { deps, counts } = poll;
  const policy = { ...poll.policy, now: deps.now() };
  // Before the call is written: a poll that dies between the two sees no news in it the next time.
  if (nextVersion(known, seen, policy)) await tellUnknownWord(poll, seen);
  let { stored, written } = await recordObservation(seen, known, policy, deps);
  if (written) {
    counts.changed += 1;
    if (stored.revision === 1) {
      counts.final += 1;
      if (stored.silent) counts.silent += 1;
      if (stored.late) counts.late += 1;
    }
  }
  stored = (await announceIfStale(poll, stored)) ?? stored;
  remember(poll, stored);
  if (written || poll.enrich.has(stored.call.id)) planEnrichment(poll, stored, complete);
  return stored;
}

async function announceIfStale(
  { deps, settings }: Poll,
  stored: StoredCall,
): Promise<StoredCall | undefined> {
  const stale = staleVersion(stored, {
    maxAgeMs: settings.maxCallAge,
    announceWithinMs: settings.announceWithin,
    now: deps.now(),
  });
  return stale && (await deps.calls.write(stale)) ? stale : undefined;
}

/** Announces, once, which of the remembered calls have been open for too long, listed still or not. */
export async function announceStale(poll: Poll): Promise<void> {
  const { deps, settings } = poll;
  const overdueSince = addMs(deps.now(), -settings.maxCallAge).toISOString();
  // What this poll had no time to look at may be over by now.
  const overdue = [...poll.open.values()].filter(
    ({ id, since }) => since < overdueSince && poll.looked.has(id),
  );
  const stored = await deps.calls.get(
    settings.id,
    overdue.map(({ id }) => id),
  );
  for (const known of stored.values()) {
    remember(poll, (await announceIfStale(poll, known)) ?? known);
  }
}

/**
 * A row that looks as it last did needs no read. Is its call open, it is remembered all the same: it
 * may be one of those that the state had no room for.
 */
function rememberUnchanged(poll: Poll, { facts }: Listed): void {
  const { settings, provider, deps } = poll;
  if (poll.open.has(facts.id)) return;
  const { id, createdAt, ...call } = normalizeCall(facts, provider, settings);
  if (isFinal(call) || createdAt === null) return;
  const isOverdue = deps.now().getTime() - Date.parse(createdAt) > settings.maxCallAge;
  if (!isOverdue || poll.hasMoreOpen) poll.open.set(id, { id, since: createdAt });
}

/** What makes a row look new. Links differ at every read where they are signed, so only whether there is one counts. */
const printOf = ({ settings, provider }: Poll, { facts }: Listed): string =>
  fingerprint({
    ...facts,
    // An override of the operator's is news of every call that it is about.
    meaning: meaningOf(facts, provider, settings),
    recordingUrl: Boolean(facts.recordingUrl),
    transcriptUrl: Boolean(facts.transcriptUrl),
  });

/** Records every call of a page that is news. True when there was none: the list is known from here on. */
export async function readPage(poll: Poll, page: Page, answer: JsonAnswer): Promise<boolean> {
  const { recents, deps, settings, counts } = poll;
  counts.rows += page.rows;
  for (const rejected of page.rejected) await quarantine(poll, rejected);

  const news = page.listed
    .map((row) => ({ row, print: printOf(poll, row) }))
    .filter(({ row, print }) => {
      poll.looked.add(row.facts.id);
      const isNews = !recents.has(row.facts.id, print);
      if (!isNews) rememberUnchanged(poll, row);
      return isNews;
    });
  const stored = await deps.calls.get(
    settings.id,
    news.map(({ row }) => row.facts.id),
  );

  await eachLimited(news, PARALLEL_CALLS, async ({ row, print }) => {
    try {
      await readRow(poll, row, answer, print, stored.get(row.facts.id));
    } catch (error) {
      if (isOtherSide(error) || poll.faults.length >= MAX_FAULTS) throw error;
      poll.faults.push(error);
    }
  });
  return news.length === 0 && page.rejected.length === 0;
}

async function readRow(
  poll: Poll,
  row: Listed,
  answer: JsonAnswer,
  print: string,
  known: StoredCall | undefined,
): Promise<void> {
  const { id } = row.facts;
  if (known?.rowPrint === print) {
    remember(poll, known);
    // A list longer than what can be remembered would push out its own rows, over and over.
    if (!poll.recents.isFull) poll.recents.set(id, print);
    return;
  }
  const seen = observe(poll, row, answer, print);
  const [full, complete] = deservesDetail(poll, known, seen)
    ? await withDetail(poll, seen)
    : [seen, !poll.provider.detail?.enriches];
  const { rowPrint, seenAt } = await record(poll, full, known, complete);
  // Last, and only a row that was taken into account: what an overlapping poll overtook is to be looked at again.
  if (rowPrint === print || seenAt < full.seenAt) poll.recents.set(id, print);
}

/** Reads one remembered call by its id and records what is new. A call that is gone is not a failed one. */
export async function readById(poll: Poll, id: string): Promise<void> {
  const { deps, settings } = poll;
  const seen = await readDetail(poll, id).catch((error: unknown) => {
    if (error instanceof PermanentError && error.reason === 'not_found') return undefined;
    throw error;
  });
  const known = (await deps.calls.get(settings.id, [id])).get(id);
  poll.looked.add(id);
  if (seen) {
    await record(poll, seen, known, true);
    return;
  }
  if (!known) {
    // Neither here nor there: nothing is left to wait for.
    poll.open.delete(id);
    poll.enrich.delete(id);
    poll.settled.add(id);
    return;
  }
  remember(poll, (await announceIfStale(poll, known)) ?? known);
  planEnrichment(poll, known, false);
}
