import * as z from 'zod';
import type { Count, Log } from '../log.ts';
import type { PollDeps } from '../polling/ports.ts';
import type { ProofDeps } from '../proof/judge-calls.ts';
import { RANGE_KINDS, type RangeJob, type RangeKind } from './range-job.ts';

/** A request to work on the next slice of a job. */
export const rangeMessageSchema = z.object({
  connection: z.string(),
  kind: z.enum(RANGE_KINDS),
  /** The job's id. */
  job: z.string(),
  step: z.int().nonnegative(),
});
export type RangeMessage = z.infer<typeof rangeMessageSchema>;

/** A request to read one of a provider's watch lists. */
export const watchMessageSchema = z.object({
  connection: z.string(),
  kind: z.literal('watch'),
  /** The watch list's id. */
  list: z.string(),
});
export type WatchMessage = z.infer<typeof watchMessageSchema>;

/** What lies in the sweep queue. */
export const sweepMessageSchema = z.discriminatedUnion('kind', [
  rangeMessageSchema,
  watchMessageSchema,
]);
export type SweepMessage = z.infer<typeof sweepMessageSchema>;

/** Keeps the latest job of each kind, per connection. */
export interface RangeJobStore {
  /** As last written, for certain. */
  load(connection: string, kind: RangeKind): Promise<RangeJob | undefined>;
  /** Saves if the stored job is the one this was derived from (`version - 1`; none for 1). */
  save(connection: string, job: RangeJob): Promise<boolean>;
}

export interface RangeDeps extends PollDeps, ProofDeps {
  readonly jobs: RangeJobStore;
  /** A connection as the operator wrote it; undefined when it was removed. */
  connection(id: string): Promise<unknown>;
  send(message: RangeMessage, delayMs: number): Promise<void>;
  sleep(ms: number): Promise<void>;
  readonly log: Log;
  readonly count: Count;
}
