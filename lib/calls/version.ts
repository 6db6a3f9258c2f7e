import { canonicalJson } from '../hash.ts';
import { addMs } from '../time.ts';
import { type Call, type FinalOutcome, isFinal } from './call.ts';

/** One look at one call. */
export interface Observation {
  readonly call: Call;
  /** The start of the request, or the arrival of the webhook, that showed it. */
  readonly seenAt: string;
  /** When the answer that showed it had been received. */
  readonly receivedAt: string;
  /** The latest instant at which the call can have ended, as far as the provider says. */
  readonly endedBy: string | null;
  /** Fingerprint of the list row; null when it was read by id only. */
  readonly rowPrint: string | null;
  /** The provider's own records, as sent. */
  readonly raw: readonly unknown[];
}

/** Where the raw record is: beside the call, as JSON, while it is small; else in the bucket. */
export type RawRef = { readonly inline: string } | { readonly key: string };

/** By which path we learn of a call: a poll that was due, one that a webhook asked for, the webhook itself, or a sweep or backfill. */
export const paths = ['poll', 'hint', 'webhook', 'sweep'] as const;
export type Path = (typeof paths)[number];

/** A call as it is stored: the last version that was written, and what was announced of it. */
export interface StoredCall {
  readonly call: Call;
  /** One more at each write; a write names the one it was derived from. */
  readonly version: number;
  readonly seenAt: string;
  readonly receivedAt: string;
  readonly recordedAt: string;
  readonly firstSeenAt: string;
  /** 0 while open, 1 at the first final write, one more for each material change after. */
  readonly revision: number;
  /** Each final outcome the call has had, with the revision that brought it, in order; no outcome twice. */
  readonly outcomes: readonly { readonly outcome: FinalOutcome; readonly revision: number }[];
  /** The fields that the last revision changed. */
  readonly changes: readonly string[];
  /** By which path the call was first seen as final; of an open one it says nothing. */
  readonly via: Path;
  /** Nothing is announced of a silent call, ever. */
  readonly silent: boolean;
  /** Silent because it was first seen too long after its end. */
  readonly late: boolean;
  readonly staleAt: string | null;
  /** Groups of fields that may not leave for bus and chat. */
  readonly withheld: readonly string[];
  /** Fingerprint of the list row that tells what this does; null when none does for certain. */
  readonly rowPrint: string | null;
  readonly raw: RawRef | null;
  /** Erased at a person's wish: only its identity is left, and no version follows (see forgotten.ts). */
  readonly forgotten: boolean;
}

/** When a call was created at its provider, or first seen where that does not say: its place in every list. */
export const createdAt = ({ call, firstSeenAt }: StoredCall): string =>
  call.createdAt ?? firstSeenAt;

export interface VersionPolicy {
  /** Calls that ended before are not announced; null: there is no baseline. */
  readonly baselineAt: string | null;
  readonly announceWithinMs: number;
  /** What a backfill decides of calls that are over when first seen, whatever their age; undefined: their age does. */
  readonly overWhenFirstSeen?: 'silent' | 'announced' | undefined;
  readonly withheld: readonly string[];
  /** By which path it is seen now; undefined: by a poll that was due. What a webhook says of a final call only adds to it. */
  readonly via?: Path | undefined;
  readonly now: Date;
}

const URLS = ['recordingUrl', 'transcriptUrl', 'url'] as const;

/** Material fields that are compared by value; URLs and attributes have rules of their own. */
const MATERIAL = [
  'outcome',
  'status',
  'reason',
  'durationSeconds',
  'summary',
  'from',
  'to',
  'contactNumber',
  'agentNumber',
] as const;

/** Fields whose change is told; attributes, as `attributes.<name>`, besides. */
export const MATERIAL_FIELDS: readonly string[] = [...MATERIAL, ...URLS];

/** What is known after an observation: null never replaces a value. */
export function mergeCalls(known: Call, seen: Call): Call {
  const told = Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== null));
  return {
    ...known,
    ...told,
    // A status brings its reason, even when that is null: a corrected failure has none any more.
    reason: seen.reason,
    agent: { id: seen.agent.id ?? known.agent.id, name: seen.agent.name ?? known.agent.name },
    attributes: { ...known.attributes, ...seen.attributes },
  };
}

/**
 * What is known of a final call when a webhook told of it too: it fills in what was null, and changes
 * nothing. It may have been on its way for hours, and a list row that has since come to say what it
 * said before would look as it last did, and be no news.
 */
export function addToCall(known: Call, told: Call): Call {
  const blanks = Object.entries(known).flatMap(([name, value]) => (value === null ? name : []));
  // A reason belongs to its status, and a success has none.
  const fillable = new Set(blanks.filter((name) => name !== 'reason'));
  return {
    ...known,
    ...Object.fromEntries(Object.entries(told).filter(([name]) => fillable.has(name))),
    agent: { id: known.agent.id ?? told.agent.id, name: known.agent.name ?? told.agent.name },
    attributes: { ...told.attributes, ...known.attributes },
  };
}

const sameJson = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

/** Fields of which every row tells: where a call was read otherwise and they differ, its row may be right again. */
const isOfRow = (field: string): boolean =>
  ['outcome', 'status', 'reason', 'durationSeconds'].includes(field);

/** Names of the fields whose change readers are told of. */
export function materialChanges(before: Call, after: Call): string[] {
  const fields = MATERIAL.filter((field) => before[field] !== after[field]);
  // Only from null to set: signed links differ at every read.
  const urls = URLS.filter((field) => before[field] === null && after[field] !== null);
  const attributes = Object.keys(after.attributes)
    .filter((name) => !sameJson(before.attributes[name], after.attributes[name]))
    .map((name) => `attributes.${name}`);
  return [...fields, ...urls, ...attributes];
}

const addSeconds = (instant: string, seconds: number): string =>
  addMs(new Date(instant), seconds * 1000).toISOString();

/** The latest end that the known facts allow; null when they say nothing. */
export function latestEnd({ call, endedBy }: Pick<Observation, 'call' | 'endedBy'>): string | null {
  if (call.endedAt) return call.endedAt;
  if (endedBy) return endedBy;
  const start = call.startedAt ?? call.createdAt;
  return start && addSeconds(start, call.durationSeconds ?? 0);
}

function silence(seen: Observation, policy: VersionPolicy) {
  const { baselineAt, announceWithinMs, overWhenFirstSeen, now } = policy;
  if (overWhenFirstSeen !== undefined && isFinal(seen.call)) {
    return { silent: overWhenFirstSeen === 'silent', late: false };
  }
  const end = isFinal(seen.call) ? latestEnd(seen) : null;
  const late = end !== null && now.getTime() - Date.parse(end) > announceWithinMs;
  const beforeBaseline = end !== null && baselineAt !== null && end < baselineAt;
  return { silent: late || beforeBaseline, late };
}

function firstVersion(seen: Observation, policy: VersionPolicy): StoredCall {
  const { outcome } = seen.call;
  return {
    call: seen.call,
    version: 1,
    seenAt: seen.seenAt,
    receivedAt: seen.receivedAt,
    recordedAt: policy.now.toISOString(),
    firstSeenAt: seen.seenAt,
    revision: outcome === 'open' ? 0 : 1,
    outcomes: outcome === 'open' ? [] : [{ outcome, revision: 1 }],
    changes: [],
    via: policy.via ?? 'poll',
    ...silence(seen, policy),
    staleAt: null,
    withheld: policy.withheld,
    rowPrint: seen.rowPrint,
    raw: null,
    forgotten: false,
  };
}

/**
 * The version that an observation makes of what is stored; undefined when it is older than what is
 * stored, shows nothing new, would make a final call open, or is of a call that was forgotten. So a stale page or a late webhook can
 * never move a call backwards.
 */
export function nextVersion(
  stored: StoredCall | undefined,
  seen: Observation,
  policy: VersionPolicy,
): StoredCall | undefined {
  if (!stored) return firstVersion(seen, policy);
  if (stored.forgotten) return undefined;
  if (seen.seenAt <= stored.seenAt) return undefined;
  if (isFinal(stored.call) && !isFinal(seen.call)) return undefined;

  const onlyAdds = policy.via === 'webhook' && isFinal(stored.call);
  const call = (onlyAdds ? addToCall : mergeCalls)(stored.call, seen.call);
  return changedVersion(stored, seen, call, policy);
}

/**
 * The version that today's reading makes of the records that are stored; undefined when it says the same,
 * or would make a final call open. Nobody has looked at the call anew, so whatever is seen of it later, or was just
 * now, counts as later.
 */
export function remappedVersion(
  stored: StoredCall,
  read: Call,
  policy: Omit<VersionPolicy, 'via'>,
): StoredCall | undefined {
  if (stored.forgotten || (isFinal(stored.call) && !isFinal(read))) return undefined;
  const { seenAt, receivedAt } = stored;
  const call = mergeCalls(stored.call, read);
  return changedVersion(stored, { seenAt, receivedAt, rowPrint: null }, call, policy);
}

/** The version in which a call says this; undefined when that is no change which readers are told of. */
function changedVersion(
  stored: StoredCall,
  seen: Pick<Observation, 'seenAt' | 'receivedAt' | 'rowPrint'>,
  call: Call,
  policy: VersionPolicy,
): StoredCall | undefined {
  const changes = materialChanges(stored.call, call);
  if (changes.length === 0) return undefined;

  const { outcome } = call;
  const revision = outcome === 'open' ? 0 : stored.revision + 1;
  const isNewOutcome =
    outcome !== 'open' && !stored.outcomes.some((earlier) => earlier.outcome === outcome);
  return {
    ...stored,
    call,
    version: stored.version + 1,
    seenAt: seen.seenAt,
    receivedAt: seen.receivedAt,
    recordedAt: policy.now.toISOString(),
    revision,
    outcomes: isNewOutcome ? [...stored.outcomes, { outcome, revision }] : stored.outcomes,
    changes: revision > 1 ? changes : [],
    via: revision > 1 ? stored.via : (policy.via ?? 'poll'),
    withheld: policy.withheld,
    rowPrint: seen.rowPrint ?? (changes.some(isOfRow) ? null : stored.rowPrint),
  };
}

/**
 * The version that says, once, that a call has been open for too long; undefined when it need not.
 * Of a call that was too old already when it might have been news, nothing is announced.
 */
export function staleVersion(
  stored: StoredCall,
  { maxAgeMs, announceWithinMs, now }: { maxAgeMs: number; announceWithinMs: number; now: Date },
): StoredCall | undefined {
  if (isFinal(stored.call) || stored.staleAt !== null) return undefined;
  const overdueMs = now.getTime() - Date.parse(createdAt(stored)) - maxAgeMs;
  if (overdueMs <= 0) return undefined;
  const at = now.toISOString();
  const silent = stored.silent || overdueMs > announceWithinMs;
  return { ...stored, version: stored.version + 1, staleAt: at, recordedAt: at, silent };
}
