import { stableId } from '../hash.ts';
import { DAY_MS } from '../time.ts';
import type { RangeMessage } from './ports.ts';
import type { SweepKind } from './range-job.ts';

const PERIOD_MS = { daily: DAY_MS, weekly: 7 * DAY_MS } as const satisfies Record<
  SweepKind,
  number
>;

/** Spreads connections, and the two sweeps of each, over the period; always the same way. */
const phase = (connection: string, kind: SweepKind): number =>
  Number.parseInt(
    Buffer.from(stableId(connection, kind), 'base64url').toString('hex').slice(0, 8),
    16,
  ) % PERIOD_MS[kind];

export interface DueSweep {
  readonly message: RangeMessage;
  readonly at: Date;
}

/**
 * The sweeps of a connection that begin from `from` (inclusive) to `to` (exclusive): a function of its id
 * and the clock alone, so that nothing is read or written for one that is not due.
 */
export function dueSweeps(connection: string, from: Date, to: Date): DueSweep[] {
  return (['daily', 'weekly'] as const).flatMap((kind) => {
    const period = PERIOD_MS[kind];
    const offset = phase(connection, kind);
    const at = new Date(Math.ceil((from.getTime() - offset) / period) * period + offset);
    // Named by its day, so that a message that comes twice is one sweep.
    const message = { connection, kind, job: at.toISOString().slice(0, 10), step: 0 };
    return at < to ? [{ message, at }] : [];
  });
}
