import { addMs } from '../time.ts';
import type { Delivery } from './delivery.ts';
import { LOST_AFTER_MS } from './resume.ts';

/** Deliveries of one destination that want something for the same reason. */
export interface AttentionEntry {
  readonly destination: string;
  /** `overdue`: it waits for a message that seems to be lost. */
  readonly state: 'parked' | 'failed' | 'uncertain' | 'overdue';
  readonly reason: string;
  readonly fix: string;
  /** They are sent by themselves once their destination accepts anything again. */
  readonly resumesByItself: boolean;
  readonly count: number;
  /** When the first of them was asked for. */
  readonly since: string;
  /** A few of their events' ids, the oldest first. */
  readonly events: readonly string[];
}

const MAX_IDS = 5;

/** Whether a delivery needs somebody, and in which state it is for that. */
function stateOf({ state, dueAt = '' }: Delivery, now: Date): AttentionEntry['state'] | undefined {
  if (state === 'parked' || state === 'failed' || state === 'uncertain') return state;
  const isOverdue = state === 'waiting' && dueAt < addMs(now, -LOST_AFTER_MS).toISOString();
  return isOverdue ? 'overdue' : undefined;
}

const REDRIVE = 'Send it again: callwire redrive.';
const LOST = 'Its message seems to be lost: announce its calls again with callwire republish.';

/** Sums up what needs attention, the oldest first. */
export function attentionTo(rows: readonly Delivery[], now: Date): AttentionEntry[] {
  const wanting = rows
    .flatMap((row) => {
      const state = stateOf(row, now);
      return state ? [{ row, state }] : [];
    })
    .sort((a, b) => a.row.createdAt.localeCompare(b.row.createdAt));
  const groups = Map.groupBy(wanting, ({ row, state }) =>
    JSON.stringify([row.destination, state, row.lastReason, row.fix, row.parkedBy]),
  );
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    const { destination, lastReason = 'unknown', fix, parkedBy, createdAt } = first.row;
    const isLost = first.state === 'overdue';
    return {
      destination,
      state: first.state,
      reason: lastReason,
      fix: fix ?? (isLost && !first.row.event ? LOST : REDRIVE),
      resumesByItself: parkedBy !== undefined || (isLost && first.row.event !== undefined),
      count: members.length,
      since: createdAt,
      events: members.slice(0, MAX_IDS).map(({ row }) => row.eventId),
    };
  });
}
