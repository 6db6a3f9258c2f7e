import { isFinal } from '../calls/call.ts';
import type { StoredCall } from '../calls/version.ts';
import { addMs } from '../time.ts';
import type { Poll } from './poll.ts';

/** What was not complete at the end of a call is looked for again after so long, in turn. */
const ENRICH_AFTER_MS = [15_000, 300_000];

/** A detail that cannot be read is tried again this often, this far apart: for an hour. */
const ENRICH_TRIES = 12;
const ENRICH_AGAIN_MS = 300_000;

/** Plans another detail read where something may still come, after ever longer waits. */
export function planEnrichment(poll: Poll, { call, silent }: StoredCall, complete: boolean): void {
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
