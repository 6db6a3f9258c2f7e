import { isCanaryCall } from '../canary/canary.ts';
import type { Change } from './publish-transitions.ts';

/**
 * How long after the end of a call that was recorded, in milliseconds: of a change by which a call is final
 * for the first time, is announced, and says when it ended; else nothing.
 */
export function freshnessLag(change: Change): number[] {
  if ('notice' in change) return [];
  const { before, after } = change;
  const { call, recordedAt, silent, revision } = after;
  const isFirst = revision > 0 && (before?.revision ?? 0) === 0;
  if (!isFirst || silent || call.endedAt === null || isCanaryCall(call)) return [];
  return [Math.max(0, Date.parse(recordedAt) - Date.parse(call.endedAt))];
}
