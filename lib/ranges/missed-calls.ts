import type { CallStore } from '../calls/call-store.ts';
import { latestEnd, type StoredCall } from '../calls/version.ts';
import { addMs, type Clock } from '../time.ts';

/** What hot polling had not recorded. */
export interface Missed {
  finals: number;
  changes: number;
  /** Ids of the first of those calls. */
  ids: string[];
  /** How long ago the oldest of those calls had been created. */
  lookBackMs: number;
}

export const NONE_MISSED: Readonly<Missed> = { finals: 0, changes: 0, ids: [], lookBackMs: 0 };

/** So many calls are named; of more, only how many there are is known. */
export const MAX_NAMED = 20;

/** Calls that hot polling owed nobody. */
const isHistory = (end: string, { silent }: StoredCall, baselineAt: string | null): boolean =>
  silent && baselineAt !== null && end < baselineAt;

/**
 * The same store, which counts what is written through it that hot polling should have written: outcomes
 * of calls that ended longer ago than `graceMs`, and late changes of outcomes.
 */
export function countingMissed(
  store: CallStore,
  { graceMs, baselineAt, now }: { graceMs: number; baselineAt: string | null; now: Clock },
): { store: CallStore; missed: Missed } {
  const missed: Missed = { ...NONE_MISSED, ids: [] };
  const name = (id: string) => {
    if (missed.ids.length < MAX_NAMED) missed.ids.push(id);
  };
  const count = (next: StoredCall) => {
    const { call } = next;
    if (next.revision > 1) {
      missed.changes += 1;
      name(call.id);
    }
    if (next.revision !== 1) return;
    const end = latestEnd({ call, endedBy: null });
    if (end === null || isHistory(end, next, baselineAt)) return;
    if (end > addMs(now(), -graceMs).toISOString()) return;
    missed.finals += 1;
    name(call.id);
    const ageMs = now().getTime() - Date.parse(call.createdAt ?? call.startedAt ?? end);
    missed.lookBackMs = Math.max(missed.lookBackMs, ageMs);
  };
  return {
    missed,
    store: {
      ...store,
      write: async (next) => {
        const written = await store.write(next);
        if (written) count(next);
        return written;
      },
    },
  };
}
