import { isFinal } from '../calls/call.ts';
import { createdAt, latestEnd, type StoredCall } from '../calls/version.ts';
import type { PollState } from '../polling/poll-state.ts';
import type { QuarantinedRecord, UnattributedWebhook } from './records.ts';
import { missingTellings, type TracedEvent, traceEvents, type Ways } from './trace-events.ts';
import { type TraceStep, traceSteps } from './trace-steps.ts';

/** Something that should be there, and is not. */
export type Missing =
  /** Nothing is kept under this id. */
  | { readonly what: 'call' }
  /** Nobody has seen its end. */
  | { readonly what: 'end'; readonly since: string }
  /** It was announced, and nobody of those whom the routes name was told. */
  | { readonly what: 'telling'; readonly event: string; readonly since: string | null }
  /** One destination has not been told. */
  | {
      readonly what: 'receipt';
      readonly event: string;
      readonly destination: string;
      /** Why, as far as is known. */
      readonly reason: string | null;
      readonly since: string | null;
    };

/** Why nothing is announced of a call. */
export type SilentBecause =
  /** It was first seen too long after its end, or had been open for too long then. */
  | 'late'
  /** It was over before its connection was first polled. */
  | 'before-baseline'
  /** A backfill that was to announce nothing has stored it. */
  | 'backfill'
  /** It was erased, and only its identity is left. */
  | 'forgotten';

interface Traced {
  readonly connection: string;
  readonly id: string;
  /** When its connection is asked again, as things are now; null: it is not configured, or nothing runs there. */
  readonly nextPollAt: string | null;
  /** What is not there and should be; empty: all is well. */
  readonly missing: readonly Missing[];
}

/** The whole life of a call, hop by hop. */
export interface CallTrace extends Traced {
  readonly known: true;
  readonly provider: string;
  readonly outcome: StoredCall['call']['outcome'];
  readonly status: StoredCall['call']['status'];
  readonly reason: string | null;
  readonly providerStatus: string | null;
  readonly revision: number;
  /** How often it was written. */
  readonly versions: number;
  readonly silentBecause: SilentBecause | null;
  /** What happened to it at the provider, and when we learned of it, in order. */
  readonly steps: readonly TraceStep[];
  /** What was announced of it, and who was told. */
  readonly events: readonly TracedEvent[];
}

/** What is known of a call that is not stored. */
export interface UnknownCallTrace extends Traced {
  readonly known: false;
  /** False: the configuration has no such connection. */
  readonly isConfigured: boolean;
  /** What polling remembers of its connection; null: it was never polled. */
  readonly polling:
    | (Pick<PollState, 'baselineAt' | 'watermark' | 'lastChangeAt'> & {
        /** Why it cannot be polled now, and since when. */
        readonly failure: { readonly reason: string; readonly since: string } | null;
      })
    | null;
  /** Records under this id that no schema of ours describes. */
  readonly quarantined: readonly Omit<QuarantinedRecord, 'raw' | 'connection'>[];
  /** Webhooks of its connection that nobody could make out: it may be in one of them. */
  readonly unattributed: number;
}

export type Trace = CallTrace | UnknownCallTrace;

/** Everything that is kept about one call. */
export interface TraceSource {
  readonly connection: string;
  readonly id: string;
  readonly isConfigured: boolean;
  readonly nextPollAt: string | null;
  readonly state: PollState | undefined;
  readonly stored: StoredCall | undefined;
  readonly deliveries: Parameters<typeof traceEvents>[1];
  readonly quarantined: readonly QuarantinedRecord[];
  readonly unattributed: readonly UnattributedWebhook[];
  readonly ways: Ways;
}

/**
 * Says of a call where it is, how it got there, and what is missing on the way. Who should have been told
 * follows from the routes of today: what they were when it was announced is not kept.
 */
export function traceOf(source: TraceSource): Trace {
  return source.stored ? traceKnown(source, source.stored) : traceUnknown(source);
}

function silentBecause(stored: StoredCall, state: PollState | undefined): SilentBecause | null {
  if (stored.forgotten) return 'forgotten';
  if (!stored.silent) return null;
  if (stored.late || stored.staleAt !== null) return 'late';
  const { baselineAt = null } = state ?? {};
  const end = latestEnd({ call: stored.call, endedBy: null });
  const isHistory = baselineAt !== null && end !== null && end < baselineAt;
  return isHistory ? 'before-baseline' : 'backfill';
}

function traceKnown(source: TraceSource, stored: StoredCall): CallTrace {
  const { call, revision, version } = stored;
  // Of a forgotten call there is a receipt for all that may ever be said of it, so that nothing is.
  const events = stored.forgotten ? [] : traceEvents(stored, source.deliveries, source.ways);
  const end: Missing[] = isFinal(call) ? [] : [{ what: 'end', since: createdAt(stored) }];
  return {
    ...{ known: true, connection: call.connection, id: call.id, provider: call.provider },
    ...{ outcome: call.outcome, status: call.status, reason: call.reason },
    providerStatus: call.providerStatus,
    revision,
    versions: version,
    silentBecause: silentBecause(stored, source.state),
    steps: traceSteps(stored),
    events,
    nextPollAt: source.nextPollAt,
    missing: [...end, ...events.flatMap(missingTellings)],
  };
}

function traceUnknown({
  connection,
  id,
  isConfigured,
  nextPollAt,
  state,
  ...kept
}: TraceSource): UnknownCallTrace {
  return {
    ...{ known: false, connection, id, isConfigured, nextPollAt, missing: [{ what: 'call' }] },
    polling: state
      ? {
          baselineAt: state.baselineAt,
          watermark: state.watermark,
          lastChangeAt: state.lastChangeAt,
          failure: state.failure && { reason: state.failure.reason, since: state.failure.since },
        }
      : null,
    quarantined: kept.quarantined
      .filter((record) => record.id === id)
      .map(({ field, rule, at }) => ({ id, field, rule, at })),
    unattributed: kept.unattributed.length,
  };
}
