import type { Event } from '../../lib/events/event.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import type { PollLog } from './poll-log.ts';
import { isListed, isMalformed, type SimCall, versionAt } from './sim-call.ts';
import type { SimConnection, Span } from './sim-connection.ts';
import type { Truth } from './wire/wire.ts';

/** The engine's least look-back: a call that is no older is covered by every poll. */
const LOOK_BACK_MS = HOUR_MS;

/** What ended longer ago when it is first seen is no news; an hour is for clocks that are wrong. */
const NEWS_MS = 7 * DAY_MS - HOUR_MS;

/** So long after a redeploy ticks with the old settings may still be under way. */
export const REDEPLOY_MS = 15 * MINUTE_MS;

/** What the system can know of one call, from what it was shown. */
export interface CallEvidence {
  /** Successful polls that covered it while its provider listed it as final. */
  proofs: number;
  /** Whether an answer of a successful poll, or a webhook, showed it open. */
  shownOpen: boolean;
  /** Whether any answer ever did. */
  everOpen: boolean;
  /** Whether any answer, or a webhook, showed it final. */
  everFinal: boolean;
  /** Since when successful polls have shown it open. */
  firstOpenAt: number;
  /** Successful polls that showed it open after it had been open for too long. */
  overdueProofs: number;
  /** The version that successful polls have shown of late, and how many in a row. */
  lately: { version: number; polls: number };
  /** The oldest version that may still be the last one announced. */
  settled: number;
  /** Whether a completed sweep covered it while its provider listed it as final. */
  swept: boolean;
}

export const noEvidence = (): CallEvidence => ({
  proofs: 0,
  shownOpen: false,
  everOpen: false,
  everFinal: false,
  firstOpenAt: Number.POSITIVE_INFINITY,
  overdueProofs: 0,
  lately: { version: -1, polls: 0 },
  settled: -1,
  swept: false,
});

/** What is true of a version of a call by the settings that a poll begun at `at` has for certain. */
export function truthOf(
  { wire, knownFrom }: SimConnection,
  call: SimCall,
  version: number,
  at: number,
): Truth | undefined {
  const shown = call.versions[version];
  return shown && wire.truth(shown, call, at >= knownFrom + REDEPLOY_MS);
}

/** The instant by which a list is ordered and filtered, by the provider's clock. */
const listTime = ({ statedAt, createdAt, skewMs }: SimCall): number =>
  Math.min(statedAt ?? Number.POSITIVE_INFINITY, createdAt + skewMs);

const isRecent = (call: SimCall, { start }: PollLog, since: number): boolean =>
  listTime(call) <= start && listTime(call) >= Math.min(since, start) - LOOK_BACK_MS;

/**
 * How much a poll proves of a call that it knows to be open, and whose row is older than any list that
 * it has to read: of such calls ten are read by their ids, and one that cannot be read ends the reading.
 */
const REMEMBERED_PROOF = 0.2;

/** When a call has been open for too long: by its own time, else since it was first seen. */
function overdueFrom(
  { wire, maxCallAgeMs }: SimConnection,
  { statedAt }: SimCall,
  { firstOpenAt }: CallEvidence,
): number {
  const since = wire.provider === 'vozagent' || statedAt === null ? firstOpenAt : statedAt;
  return since + maxCallAgeMs;
}

/**
 * Learns from a successful poll what it must have seen of a call.
 *
 * @param since when the last poll but one began that was successful: whatever was listed after is new
 */
export function learn(
  connection: SimConnection,
  call: SimCall,
  evidence: CallEvidence,
  log: PollLog,
  { since, end }: { since: number; end: number },
): void {
  const { start } = log;
  const served = log.served.filter((one) => one.call === call && !one.isMalformed);
  const outcomes = served.map(({ version }) => truthOf(connection, call, version, start)?.outcome);
  const now = versionAt(call, start);
  const isSteady =
    isListed(call, start) &&
    isListed(call, end) &&
    !isMalformed(call, start) &&
    now === versionAt(call, end);
  const isHonest = !log.hides && !log.hadStaleState;
  const overdueAt = overdueFrom(connection, call, evidence);
  // Once it is said to be open for too long it is not asked for any more: what becomes of it is for sweeps.
  const isRemembered = evidence.shownOpen && start < overdueAt;
  const isInReach = isRecent(call, log, since);
  const isFinal = (truthOf(connection, call, now, start)?.outcome ?? 'open') !== 'open';

  const wasShownFinal = outcomes.some((outcome) => outcome !== undefined && outcome !== 'open');
  if (wasShownFinal) evidence.proofs += 1;
  else if (isFinal && isSteady && isHonest) {
    if (isInReach) evidence.proofs += 1;
    else if (isRemembered) evidence.proofs += REMEMBERED_PROOF;
  }

  if (isFinal && isSteady && isHonest && isRecent(call, log, start)) {
    const polls = evidence.lately.version === now ? evidence.lately.polls + 1 : 1;
    evidence.lately = { version: now, polls };
    if (polls >= 2) evidence.settled = Math.max(evidence.settled, now);
  }

  // Who was shown the end first, an answer from before it tells nothing.
  if (outcomes.includes('open') && !evidence.everFinal) {
    evidence.shownOpen = true;
    evidence.firstOpenAt = Math.min(evidence.firstOpenAt, end);
    // A word that a new configuration gives a meaning may end a call a little before or after that is in force.
    const isPlain = call.versions[now]?.word === undefined;
    if (start > overdueAt && isPlain) evidence.overdueProofs += 1;
  }
}

/** Whether a sweep over this range must have seen a call as final, whenever in its time it came to it. */
export function isCovered(
  connection: SimConnection,
  call: SimCall,
  { from, to }: Span,
  { start, end }: { start: number; end: number },
): boolean {
  const { statedAt, createdAt, skewMs } = call;
  const isIn = (at: number) => from <= at && at <= to;
  const version = versionAt(call, start);
  return (
    statedAt !== null &&
    isIn(statedAt) &&
    isIn(createdAt + skewMs) &&
    end - call.endedAt < NEWS_MS &&
    isListed(call, start) &&
    isListed(call, end) &&
    !isMalformed(call, start) &&
    version === versionAt(call, end) &&
    (truthOf(connection, call, version, start)?.outcome ?? 'open') !== 'open'
  );
}

/** An answer showed an older version than stands: what was learned of newer ones may be overwritten by it. */
export function unlearn(evidence: CallEvidence): void {
  evidence.lately = { version: -1, polls: 0 };
  evidence.settled = -1;
}

/** Hamsa's list tells no end, so it is estimated; nearer to the baseline than this the detail decides. */
const DOUBT_MS = HOUR_MS;
const isEstimated = ({ provider }: SimConnection['wire']): boolean => provider === 'hamsa';

/** Whether a call ended so long before the baseline, and never looked open, that nobody may hear of it. */
export function mustBeSilent(
  { wire }: SimConnection,
  call: SimCall,
  evidence: CallEvidence,
  baselineAt: number | undefined,
): boolean {
  if (baselineAt === undefined || evidence.everOpen) return false;
  return call.endedAt + call.skewMs + (isEstimated(wire) ? DOUBT_MS : 0) < baselineAt;
}

/** Whether readers are owed the outcome of a call, once it is proven. */
export function mustBeTold(
  { wire }: SimConnection,
  call: SimCall,
  evidence: CallEvidence,
  baselineAt: number | undefined,
): boolean {
  if (baselineAt === undefined || evidence.shownOpen) return true;
  // Who lay in a queue for hours and was never seen there: by its row it was over within an hour.
  const { createdAt, answeredAt, endedAt, skewMs } = call;
  const spokenMs = answeredAt === null ? 0 : endedAt - answeredAt;
  const estimatedBy = createdAt + skewMs + spokenMs + DOUBT_MS;
  if (isEstimated(wire) && estimatedBy < baselineAt) return false;
  return call.endedAt + Math.min(0, call.skewMs) >= baselineAt;
}

/** The announcement with the last word about a call: that of its highest revision. */
export const lastWord = (events: readonly Event[]): Event | undefined =>
  events
    .filter(({ type }) => type !== 'call.stale')
    .toSorted((a, b) => a.revision - b.revision)
    .at(-1);
