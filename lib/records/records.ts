import type { CallKey } from '../calls/call.ts';
import type { StoredCall } from '../calls/version.ts';
import type { ConnectionSettings, DestinationSettings, Route } from '../config/settings.ts';
import type { Breaker } from '../delivery/breaker.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { PollState } from '../polling/poll-state.ts';
import type { RangeJob } from '../ranges/range-job.ts';
import type { Silence } from '../routing/silence.ts';

/** Which calls, by when they were created at the provider, or first seen where it does not say. */
export interface CallRange {
  /** Of these connections; one without calls costs a read a day. */
  readonly connections: readonly string[];
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

/** A record that was set aside because no schema of ours describes it. */
export interface QuarantinedRecord {
  readonly connection: string;
  /** The provider's id of it, or a fingerprint where it has none. */
  readonly id: string;
  readonly field: string;
  readonly rule: string;
  readonly at: string;
  /** The record as it was sent; undefined: it is so large that it lies in the bucket. */
  readonly raw: unknown;
}

/** A webhook that nobody could make out. */
export interface UnattributedWebhook {
  readonly connection: string;
  readonly id: string;
  readonly rule: string;
  readonly at: string;
}

/** What is kept of a connection besides its calls. */
export interface Besides {
  /** The last or running one of each kind. */
  readonly jobs: readonly RangeJob[];
  /** How many records were set aside, and how many webhooks nobody could make out. */
  readonly quarantined: number;
  readonly unattributed: number;
}

/**
 * Everything that is kept, to be looked at: nothing is changed through it. Lists of calls come in pages,
 * so that who wants fifty does not wait for a year. Its suite is `test/records/records.contract.ts`.
 */
export interface Records {
  connections(): Promise<readonly ConnectionSettings[]>;
  destinations(): Promise<readonly DestinationSettings[]>;
  routes(): Promise<readonly Route[]>;
  silences(): Promise<readonly Silence[]>;
  /** What polling remembers, by connection; those that were never polled are missing. */
  pollStates(): Promise<ReadonlyMap<string, PollState>>;
  /** In one read. */
  besides(connection: string): Promise<Besides>;
  call(connection: string, id: string): Promise<StoredCall | undefined>;
  /** The newest first. */
  calls(range: CallRange): AsyncGenerator<readonly StoredCall[]>;
  /** Whose they are, the newest first, without reading them. */
  callKeys(range: CallRange): AsyncGenerator<readonly CallKey[]>;
  /** How many there are, without reading them. */
  countCalls(range: CallRange): Promise<number>;
  /** Failed calls only, the newest first. */
  failedCalls(range: CallRange): AsyncGenerator<readonly StoredCall[]>;
  /** Calls with this number at the other end, written as E.164 has it; the newest first. */
  callsOf(number: string): AsyncGenerator<readonly StoredCall[]>;
  /** The provider's own records behind a stored version; undefined: they are not kept any more. */
  rawOf(stored: StoredCall): Promise<unknown>;
  /** What is told of a subject (`subjectOf` an event), to whomever. */
  deliveriesOf(subject: string): Promise<readonly Delivery[]>;
  /** Deliveries that still want something, of all destinations. */
  unsettled(): Promise<readonly Delivery[]>;
  /** How a destination does; undefined: nobody ever had trouble with it. */
  breaker(destination: string): Promise<Breaker | undefined>;
  quarantined(connection: string): Promise<readonly QuarantinedRecord[]>;
  unattributed(connection: string): Promise<readonly UnattributedWebhook[]>;
}
