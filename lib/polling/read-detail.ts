import { isFinal } from '../calls/call.ts';
import { normalizeCall } from '../calls/normalize-call.ts';
import {
  latestEnd,
  mergeCalls,
  nextVersion,
  type Observation,
  type StoredCall,
} from '../calls/version.ts';
import { isOtherSide } from '../errors.ts';
import { driftNotice } from '../events/notice.ts';
import { fingerprint } from '../hash.ts';
import type { JsonAnswer } from '../http.ts';
import { isListed, type Listed, type Rejected } from '../providers/provider.ts';
import { addMs, HOUR_MS, isoInstant } from '../time.ts';
import { recordName } from './drift.ts';
import type { Poll } from './poll.ts';

/** A detail read may hold up an announcement for this long, not longer. */
const DETAIL_TIMEOUT_MS = 5_000;

/** One look at one call. */
export function observe(
  { provider, settings, undatedEnd }: Poll,
  { facts, raw }: Listed,
  { requestedAt, receivedAt }: JsonAnswer,
  rowPrint: string | null,
): Observation {
  const call = normalizeCall(facts, provider, settings);
  const isUndated = !call.createdAt && !call.startedAt && !call.endedAt;
  const updatedAt = facts.updatedAt ? isoInstant(facts.updatedAt) : undefined;
  return {
    call,
    seenAt: requestedAt.toISOString(),
    receivedAt: receivedAt.toISOString(),
    endedBy: (isFinal(call) && (updatedAt ?? (isUndated && undatedEnd))) || null,
    rowPrint,
    raw: [raw],
  };
}

/** What was erased is not kept again because it cannot be read. Malformed records are few enough to ask. */
const isForgotten = async ({ deps, settings }: Poll, id: string): Promise<boolean> =>
  (await deps.calls.get(settings.id, [id])).get(id)?.forgotten === true;

/** Sets a record aside that cannot be read, and tells of it, once. */
export async function quarantine(
  poll: Poll,
  rejected: Rejected,
  where: 'list' | 'detail',
): Promise<void> {
  const { deps, recents, settings, provider, counts, drift, driftsEnded: ended } = poll;
  const print = fingerprint(rejected.raw);
  const key = rejected.id ?? print;
  drift.rejected.add(recordName(where, key));
  if (recents.has(key, print)) return;
  if (rejected.id !== undefined && (await isForgotten(poll, rejected.id))) {
    recents.set(key, print);
    return;
  }
  const now = deps.now();
  await deps.quarantine.keep(settings.id, rejected, now);
  const connection = { id: settings.id, provider: provider.id };
  await deps.calls.notify(driftNotice(connection, { ...rejected, ended }, now));
  drift.isNews = true;
  recents.set(key, print);
  counts.quarantined += 1;
}

/** The call by its id; undefined when it could not be read, which must not hold up an announcement. */
export async function readDetail(poll: Poll, id: string): Promise<Observation | undefined> {
  const { detail } = poll.provider;
  if (!detail) return undefined;
  poll.counts.detailRequests += 1;
  const answer = await poll.ask(detail.request(id), DETAIL_TIMEOUT_MS);
  const record = detail.read(answer.body);
  if (isListed(record)) {
    poll.drift.readable.add(recordName('detail', id));
    return observe(poll, record, answer, null);
  }
  await quarantine(poll, record, 'detail');
  return undefined;
}

/** True when a row would be announced: then readers are owed what only the detail has. */
export function deservesDetail(
  { provider, policy, deps }: Poll,
  known: StoredCall | undefined,
  seen: Observation,
): boolean {
  if (!provider.detail?.enriches || !isFinal(seen.call) || known?.silent) return false;
  if (known) return nextVersion(known, seen, { ...policy, now: deps.now() }) !== undefined;
  if (policy.overWhenFirstSeen) return policy.overWhenFirstSeen === 'announced';
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
export async function withDetail(
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
  // The row of a call that ended otherwise by its detail is not done with: one of the two is old.
  const rowPrint = detail.call.outcome === seen.call.outcome ? seen.rowPrint : null;
  return [{ ...merged, rowPrint, raw: [...seen.raw, ...detail.raw] }, true];
}
