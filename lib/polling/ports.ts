import type { CallStore } from '../calls/call-store.ts';
import type { RawBucket } from '../calls/raw-record.ts';
import type { HttpClient } from '../http.ts';
import type { Rejected } from '../providers/provider.ts';
import type { Clock } from '../time.ts';
import type { PollState } from './poll-state.ts';

/** What a connection remembers between polls. */
export interface Memory {
  readonly state: PollState | undefined;
  /** Fingerprints of recent rows, encoded; empty when there are none. */
  readonly recents: string;
}

/** Keeps the state of polling, per connection. */
export interface PollStateStore {
  /** `fresh` reads what was last written for certain; else a moment's staleness is allowed, for half the price. */
  load(connection: string, options?: { fresh: boolean }): Promise<Memory>;
  /** Saves both if the stored state is the one this was derived from (`version - 1`; none for 1). */
  save(connection: string, state: PollState, recents: string): Promise<boolean>;
}

/** Keeps records that no schema of ours describes, with what is wrong with them. */
export interface Quarantine {
  keep(connection: string, rejected: Rejected, at: Date): Promise<void>;
}

export interface PollDeps {
  readonly calls: CallStore;
  readonly states: PollStateStore;
  readonly quarantine: Quarantine;
  readonly raws: RawBucket;
  readonly http: HttpClient;
  readonly now: Clock;
  /** From 0 to 1. */
  random(): number;
  /** The value behind a secret reference; `fresh` reads it anew. @throws PermanentError `key_missing` */
  secret(ref: string, options?: { fresh: boolean }): Promise<string>;
  /** When to stop, done or not: before the function is stopped. */
  readonly deadline: Date;
  /** When the poll was due; now where it was not asked for. */
  readonly dueAt?: Date | undefined;
  /** Why the poll is made, where a webhook asked for it; else it was due. */
  readonly via?: 'hint' | undefined;
}
