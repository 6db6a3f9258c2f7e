import type { Call } from '../calls/call.ts';
import type { StoredCall } from '../calls/version.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import type { AttentionEntry } from '../delivery/attention.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { RangeJob } from '../ranges/range-job.ts';
import type { ConnectionHealth } from '../records/connection-health.ts';
import type { DestinationStatus } from '../records/destination-status.ts';
import type { PartOfCalls } from '../records/part-of-calls.ts';
import type { QuarantinedRecord, UnattributedWebhook } from '../records/records.ts';
import type { Trace } from '../records/trace.ts';
import type { Silence } from '../routing/silence.ts';

/** A connection, in a line. */
export interface ConnectionLine
  extends Pick<ConnectionHealth, 'id' | 'provider' | 'health' | 'lastChangeAt'> {
  /** Why it is not well, in a word of ours, and since when. */
  readonly reason: string | null;
  readonly since: string | null;
  /** Calls that were going on when it was last polled; `more` when not all of them are remembered. */
  readonly open: { readonly count: number; readonly more: boolean };
}

/** A destination, in a line. */
export interface DestinationLine extends Pick<DestinationStatus, 'id' | 'kind'> {
  /** Present while nothing is accepted there. */
  readonly breaker: DestinationStatus['open'];
  /** How many deliveries want something, by their state. */
  readonly unsettled: Readonly<Record<string, number>>;
}

/** Connections and destinations, and how they do. */
export interface Overview {
  readonly connections: readonly ConnectionLine[];
  readonly destinations: readonly DestinationLine[];
  readonly silences: readonly Silence[];
  /** How many deliveries stand still until somebody does something. */
  readonly attention: number;
}

/** One connection in full. Of a key, where it is kept. */
export interface ConnectionAnswer {
  readonly line: ConnectionLine;
  readonly settings: ConnectionSettings | null;
  readonly polling: {
    readonly baselineAt: string | null;
    readonly watermark: string;
    readonly backoffUntil: string | null;
  } | null;
  readonly jobs: readonly Pick<
    RangeJob,
    'kind' | 'state' | 'from' | 'to' | 'startedAt' | 'savedAt' | 'counts' | 'reason'
  >[];
  readonly quarantined: number;
  readonly unattributed: number;
}

/** A call, in a line of a list. */
export interface CallLine
  extends Pick<
    Call,
    'connection' | 'id' | 'provider' | 'outcome' | 'status' | 'reason' | 'direction'
  > {
  /** When it was created, or first seen where the provider does not say. */
  readonly at: string;
  readonly agent: string | null;
  readonly number: string | null;
  readonly durationSeconds: number | null;
  readonly silent: boolean;
  readonly stale: boolean;
}

/** A part of a list of calls, the newest first. */
export interface CallsPage extends Omit<PartOfCalls, 'calls'> {
  readonly calls: readonly CallLine[];
}

/** One call in full. */
export interface CallAnswer {
  readonly call: Call | null;
  readonly stored: Pick<
    StoredCall,
    'firstSeenAt' | 'receivedAt' | 'recordedAt' | 'revision' | 'version' | 'via' | 'withheld'
  > | null;
  readonly trace: Trace;
}

/** What a provider sent, as it was sent. */
export interface RawAnswer {
  /** Undefined: it is not kept any more. */
  readonly raw?: unknown;
}

/** A delivery that still wants something. */
export interface DeliveryLine
  extends Pick<
    Delivery,
    'subject' | 'destination' | 'eventId' | 'type' | 'state' | 'createdAt' | 'attempts'
  > {
  readonly dueAt: string | null;
  readonly reason: string | null;
  readonly parkedBy: 'breaker' | null;
  /** Who was told instead. */
  readonly fallback: string | null;
}

export interface DeliveriesAnswer {
  readonly attention: readonly AttentionEntry[];
  readonly destinations: readonly DestinationLine[];
  /** The newest ones. */
  readonly rows: readonly DeliveryLine[];
  readonly total: number;
}

/** One bar of the charts. */
export interface Bar {
  readonly from: string;
  readonly to: string;
  readonly total: number;
  /** How many of them ended how; parts of `total`, estimated where not all were read. */
  readonly outcomes: Readonly<Record<Call['outcome'], number>>;
  readonly estimated: boolean;
  /** From the end of a call until it was recorded, of those that were read; null where that is known of none. */
  readonly freshMs: { readonly p50: number; readonly p90: number } | null;
}

export interface ChartsAnswer {
  readonly from: string;
  readonly to: string;
  readonly bars: readonly Bar[];
  /** The most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  /** Failures were read back to here; null: all of the range were. */
  readonly reasonsBackTo: string | null;
  /** Of how many calls a bar is read before the rest is estimated, and how many failures are. */
  readonly limits: { readonly perBar: number; readonly failures: number };
}

export interface SetAsideAnswer {
  readonly quarantined: readonly Omit<QuarantinedRecord, 'raw'>[];
  readonly unattributed: readonly UnattributedWebhook[];
  /** How many there are, of which these are the newest. */
  readonly total: number;
}

/** Where the page reads from. */
export interface About {
  /** Such as `data in .callwire` or `stack Callwire`. */
  readonly place: string;
  /** Reading costs nothing here: what is shown may be kept up to date. */
  readonly local: boolean;
  readonly version: string;
  readonly connections: readonly string[];
  /** Items that could not be read, and so are in no answer. */
  readonly unreadable: number;
}

/** Everything that can be asked for, by its path below `/api/`. */
export interface Answers {
  readonly about: About;
  readonly overview: Overview;
  readonly connection: ConnectionAnswer;
  readonly calls: CallsPage;
  readonly call: CallAnswer;
  readonly raw: RawAnswer;
  readonly deliveries: DeliveriesAnswer;
  readonly charts: ChartsAnswer;
  readonly 'set-aside': SetAsideAnswer;
  readonly quarantined: RawAnswer;
}
export type Question = keyof Answers;
