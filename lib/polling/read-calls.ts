import { isFinal } from '../calls/call.ts';
import { beginOf, openSince } from '../calls/normalize-call.ts';
import { recordObservation } from '../calls/record-observation.ts';
import { nextVersion, type Observation, type StoredCall, staleVersion } from '../calls/version.ts';
import { eachLimited } from '../each-limited.ts';
import { isOtherSide, PermanentError } from '../errors.ts';
import { driftNotice } from '../events/notice.ts';
import type { JsonAnswer } from '../http.ts';
import type { Listed, Page } from '../providers/provider.ts';
import { addMs } from '../time.ts';
import { recordName } from './drift.ts';
import { planEnrichment } from './enrichment.ts';
import type { Poll } from './poll.ts';
import { deservesDetail, observe, quarantine, readDetail, withDetail } from './read-detail.ts';
import { rowPrint } from './row-print.ts';

/** Calls of one page that are recorded at once. */
export const PARALLEL_CALLS = 4;

/** Rows of one poll that may break through a fault of ours before it is taken for a fault of the whole. */
const MAX_FAULTS = 8;

function remember(poll: Poll, stored: StoredCall): void {
  const { call, firstSeenAt, staleAt } = stored;
  if (isFinal(call) || staleAt !== null) {
    poll.open.delete(call.id);
    poll.settled.add(call.id);
    return;
  }
  poll.open.set(call.id, { id: call.id, since: beginOf(call) ?? firstSeenAt });
}

async function tellUnknownWord(poll: Poll, { call }: Observation): Promise<void> {
  if (call.status !== 'unknown') return;
  const { settings, provider, deps, driftsEnded } = poll;
  poll.drift.words.add(call.providerStatus ?? '');
  poll.drift.isNews = true;
  const rule = `unknown word ${JSON.stringify(call.providerStatus)}`;
  const connection = { id: settings.id, provider: provider.id };
  const drift = { field: 'status', rule, ended: driftsEnded };
  await deps.calls.notify(driftNotice(connection, drift, deps.now()));
}

/** Notes what a written version tells of when calls come and how long they last. */
function learn({ learned }: Poll, { call, version, revision }: StoredCall): void {
  if (version === 1) learned.firstSeen += 1;
  if (call.createdAt === null) return;
  const created = Date.parse(call.createdAt);
  if (version === 1) learned.created.push(created);
  if (revision === 1 && call.endedAt !== null) {
    learned.lengthsMs.push(Math.max(0, Date.parse(call.endedAt) - created));
  }
}

/**
 * A webhook was here first: to this poll the call is a change all the same, once, or a connection with good
 * webhooks would seem to have no calls, and be polled ever less until they fail.
 */
function learnOfWebhook(poll: Poll, known: StoredCall | undefined): void {
  if (known?.via !== 'webhook' || known.recordedAt <= poll.lastChangeAt) return;
  poll.counts.changed += 1;
  if (known.version > 1 && known.firstSeenAt > poll.lastChangeAt) poll.learned.firstSeen += 1;
  learn(poll, known);
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
    if (stored.version > 1) poll.rewritten.add(stored.call.id);
    learn(poll, stored);
    // However its row looks the next time, it is to be looked at.
    if (stored.rowPrint === null) poll.recents.forget(stored.call.id);
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
  for (const { id } of overdue) {
    await alone(poll, async () => {
      const known = (await deps.calls.get(settings.id, [id], { fresh: true })).get(id);
      if (known) remember(poll, (await announceIfStale(poll, known)) ?? known);
    });
  }
}

/**
 * A row that looks as it last did needs no read. Is its call open, it is remembered all the same: it
 * may be one of those that the state had no room for.
 *
 * @returns false when it has to be read after all: it has no date, and only its record tells since when it is open
 */
function rememberUnchanged(poll: Poll, { facts }: Listed): boolean {
  const { settings, provider, deps } = poll;
  if (poll.open.has(facts.id)) return true;
  const since = openSince(facts, provider, settings);
  if (since === undefined) return true;
  if (since === null) return !poll.hasMoreOpen;
  const isOverdue = deps.now().getTime() - Date.parse(since) > settings.maxCallAge;
  if (!isOverdue || poll.hasMoreOpen) poll.open.set(facts.id, { id: facts.id, since });
  return true;
}

function noteReadable({ drift }: Poll, { facts: { id, createdAt, startedAt } }: Listed): void {
  drift.readable.add(recordName('list', id));
  const began = createdAt ?? startedAt ?? '';
  if (began > drift.newest) drift.newest = began;
}

/** Records every call of a page that is news. */
export async function readPage(poll: Poll, page: Page, answer: JsonAnswer): Promise<void> {
  const { recents, deps, settings, counts } = poll;
  counts.rows += page.rows;
  for (const rejected of page.rejected) await quarantine(poll, rejected, 'list');

  const news = page.listed
    .map((row) => ({ row, print: rowPrint(row, poll) }))
    .filter(({ row, print }) => {
      poll.looked.add(row.facts.id);
      noteReadable(poll, row);
      return !(recents.has(row.facts.id, print) && rememberUnchanged(poll, row));
    });
  const ids = news.map(({ row }) => row.facts.id);
  // Where one of them cannot be read, each is read on its own: it must not take the others with it.
  const stored = await deps.calls.get(settings.id, ids).catch(() => undefined);

  await eachLimited(news, PARALLEL_CALLS, ({ row, print }) =>
    alone(poll, async () => {
      const { id } = row.facts;
      poll.recents.forget(id);
      const known = stored ?? (await deps.calls.get(settings.id, [id]));
      await readRow(poll, row, answer, print, known.get(id));
    }),
  );
}

/** A fault of ours over one call ends the poll only if it is one of many; the poll throws it at its end. */
export async function alone({ faults }: Poll, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isOtherSide(error) || faults.length >= MAX_FAULTS) throw error;
    faults.push(error);
  }
}

async function readRow(
  poll: Poll,
  row: Listed,
  answer: JsonAnswer,
  print: string,
  known: StoredCall | undefined,
): Promise<void> {
  const { id } = row.facts;
  learnOfWebhook(poll, known);
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
  // Last, and only a row that was taken into account: what an overlapping poll overtook is to be looked at
  // again, and so is a row that its detail contradicts.
  const isTakenIn = full.rowPrint !== null && (rowPrint === print || seenAt < full.seenAt);
  if (isTakenIn) poll.recents.set(id, print);
}

/** Reads one remembered call by its id and records what is new. A call that is gone is not a failed one. */
export async function readById(poll: Poll, id: string): Promise<void> {
  const { deps, settings } = poll;
  const seen = await readDetail(poll, id).catch((error: unknown) => {
    if (error instanceof PermanentError && error.reason === 'not_found') return undefined;
    throw error;
  });
  // What is neither at the provider nor here is given up, so "not here" has to be certain.
  const known = (await deps.calls.get(settings.id, [id], { fresh: true })).get(id);
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
