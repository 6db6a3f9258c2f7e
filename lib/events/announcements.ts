import type { Call, CallKey } from '../calls/call.ts';
import { latestEnd, type StoredCall } from '../calls/version.ts';
import { withhold } from '../calls/withhold.ts';
import { stableId } from '../hash.ts';
import type { CallEvent } from './event.ts';

/** The public contract promises less than this. */
export const MAX_EVENT_BYTES = 20_000;

const MAX_SUMMARY_BYTES = 4_096;

/** The id of an announcement: a function of the fact, so that saying it again says the same thing. */
const announcementId = ({ connection, id }: CallKey, type: CallEvent['type'], revision: number) =>
  type === 'call.updated'
    ? stableId(connection, id, type, revision)
    : stableId(connection, id, type);

/** Everything that can have been announced of a call which has come to a revision. */
export function announcementIds(
  key: CallKey,
  revision: number,
): { readonly id: string; readonly type: CallEvent['type'] }[] {
  const outcomes = (['call.completed', 'call.failed', 'call.stale'] as const).map((type) => ({
    id: announcementId(key, type, 0),
    type,
  }));
  const updates = Array.from({ length: Math.max(0, revision - 1) }, (_, index) => ({
    id: announcementId(key, 'call.updated', index + 2),
    type: 'call.updated' as const,
  }));
  return [...outcomes, ...updates];
}

const bytes = (text: string): number => Buffer.byteLength(text);

/** As many whole characters as fit, with an ellipsis where something was cut. */
function cutToBytes(text: string, max: number): string {
  if (bytes(text) <= max) return text;
  const kept = Buffer.from(text)
    .subarray(0, max - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  return `${kept}…`;
}

function withoutLargestAttribute({ attributes, ...call }: Call): Call {
  const [, ...smaller] = Object.entries(attributes).sort(
    ([, a], [, b]) => JSON.stringify(b).length - JSON.stringify(a).length,
  );
  return { ...call, attributes: Object.fromEntries(smaller) };
}

/** What an event can do without, the first to go first. */
function smaller(call: Call): Call | undefined {
  if (Object.keys(call.attributes).length > 0) return withoutLargestAttribute(call);
  const spare = (['transcriptUrl', 'recordingUrl', 'url', 'summary'] as const).find(
    (field) => call[field] !== null,
  );
  return spare && { ...call, [spare]: null };
}

/** Cuts the summary, then drops attributes from the largest down and then links, until the event is small enough. */
function cutToSize(event: CallEvent): CallEvent {
  const { call } = event;
  const summary = call.summary === null ? null : cutToBytes(call.summary, MAX_SUMMARY_BYTES);
  let fitted =
    summary === call.summary ? event : { ...event, truncated: true, call: { ...call, summary } };
  while (bytes(JSON.stringify(fitted)) > MAX_EVENT_BYTES) {
    const less = smaller(fitted.call);
    if (!less) break;
    fitted = { ...fitted, truncated: true, call: less };
  }
  return fitted;
}

function announce(
  stored: StoredCall,
  type: CallEvent['type'],
  about: Partial<Pick<CallEvent, 'occurredAt' | 'corrects' | 'changes'>> & { revision: number },
): CallEvent {
  const { call, recordedAt, withheld } = stored;
  return cutToSize({
    id: announcementId(call, type, about.revision),
    type,
    schemaVersion: 1,
    occurredAt: latestEnd({ call, endedBy: null }) ?? stored.seenAt,
    recordedAt,
    replay: false,
    corrects: null,
    changes: [],
    ...about,
    call: withhold(call, withheld),
  });
}

/** The event of the stored revision: an outcome the first time it is reached, else an update. */
function currentEvent(stored: StoredCall): CallEvent {
  const { call, outcomes, revision, changes } = stored;
  const reached = outcomes.findIndex((entry) => entry.revision === revision);
  const outcome = outcomes[reached];
  if (!outcome) return announce(stored, 'call.updated', { revision, changes: [...changes] });
  const corrected = outcomes[reached - 1];
  return announce(stored, `call.${outcome.outcome}`, {
    revision,
    changes: [...changes],
    corrects: corrected ? announcementId(call, `call.${corrected.outcome}`, 0) : null,
  });
}

const staleEvent = (stored: StoredCall): CallEvent =>
  announce(stored, 'call.stale', {
    revision: stored.revision,
    occurredAt: stored.staleAt ?? stored.recordedAt,
  });

/**
 * What a committed change of a call announces: a function of the two versions alone, so that
 * publishing a stream record again announces the same again.
 */
export function announcements(before: StoredCall | undefined, after: StoredCall): CallEvent[] {
  if (after.silent) return [];
  const events: CallEvent[] = [];
  if (after.staleAt !== null && before?.staleAt !== after.staleAt) events.push(staleEvent(after));
  if (after.revision > (before?.revision ?? 0)) events.push(currentEvent(after));
  return events;
}

/**
 * What a stored call has announced and still holds: its outcome, its last update, that it was open
 * for too long. For publishing again what may not have gone out. An outcome that was corrected since
 * is not announced again: it would be a false alarm.
 */
export function allAnnouncements(stored: StoredCall): CallEvent[] {
  if (stored.silent) return [];
  const { call, outcomes, revision } = stored;
  const events = stored.staleAt === null ? [] : [staleEvent(stored)];
  const reached = outcomes.find(({ outcome }) => outcome === call.outcome);
  if (!reached) return events;
  const isCurrent = reached.revision === revision;
  const changes = isCurrent ? stored.changes : [];
  events.push(currentEvent({ ...stored, revision: reached.revision, changes }));
  return isCurrent ? events : [...events, currentEvent(stored)];
}

/** The ids of everything that may have been announced of a stored call, also of what it does not hold any more. */
export function announcedIds({ call, outcomes, revision, staleAt, silent }: StoredCall): string[] {
  if (silent) return [];
  const updates = Array.from({ length: Math.max(0, revision - 1) }, (_, index) => index + 2);
  return [
    ...(staleAt === null ? [] : [announcementId(call, 'call.stale', 0)]),
    ...outcomes.map(({ outcome }) => announcementId(call, `call.${outcome}`, 0)),
    ...updates.map((each) => announcementId(call, 'call.updated', each)),
  ];
}
