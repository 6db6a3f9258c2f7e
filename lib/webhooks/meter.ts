import { isFinal } from '../calls/call.ts';
import type { Path, StoredCall } from '../calls/version.ts';

/** How good webhooks are: what they brought first, and how soon. */
export interface WebhookMeter {
  /** Final calls by the path on which their end was first seen. */
  readonly first: Readonly<Record<Path, number>>;
  /** From the end of a call to the webhook that told of it, where it was first; null where none was. */
  readonly lateMs: { readonly p50: number; readonly p99: number } | null;
}

/** Nearest rank, of values in order. */
const at = (sorted: readonly number[], share: number): number | undefined =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];

/**
 * Reads the meter off stored calls: those of one connection say how many of its webhooks were lost or
 * slower than polling. `poll` and `sweep` count calls that no webhook announced in time.
 */
export function meterOf(calls: Iterable<StoredCall>): WebhookMeter {
  const first: Record<Path, number> = { poll: 0, hint: 0, webhook: 0, sweep: 0 };
  const late: number[] = [];
  for (const { call, via, revision, receivedAt } of calls) {
    if (!isFinal(call)) continue;
    first[via] += 1;
    // Of a call that changed since, only the last version's instants are kept.
    if (via === 'webhook' && revision === 1 && call.endedAt !== null) {
      late.push(Math.max(0, Date.parse(receivedAt) - Date.parse(call.endedAt)));
    }
  }
  const sorted = late.toSorted((a, b) => a - b);
  const [p50, p99] = [at(sorted, 0.5), at(sorted, 0.99)];
  return { first, lateMs: p50 === undefined || p99 === undefined ? null : { p50, p99 } };
}
