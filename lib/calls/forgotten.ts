import type { Call, CallKey } from './call.ts';
import type { StoredCall } from './version.ts';

/** What is kept of nobody. */
const NOTHING: Omit<Call, keyof CallKey | 'provider'> = {
  outcome: 'completed',
  status: 'unknown',
  reason: null,
  providerStatus: null,
  direction: null,
  channel: null,
  agent: { id: null, name: null },
  from: null,
  to: null,
  contactNumber: null,
  agentNumber: null,
  contactId: null,
  createdAt: null,
  startedAt: null,
  answeredAt: null,
  endedAt: null,
  durationSeconds: null,
  summary: null,
  recordingUrl: null,
  transcriptUrl: null,
  url: null,
  attributes: {},
};

/** A call of which nothing is known but its identity. */
export const blankCall = ({
  connection,
  id,
  provider,
}: CallKey & Pick<Call, 'provider'>): Call => ({
  ...NOTHING,
  connection,
  id,
  provider,
});

/**
 * The version that is left of a call that was erased: its identity, so that nobody who sees it listed
 * brings it back. It says nothing, no version follows it, and it goes as all calls go, after 13 months.
 */
export function forgottenVersion(
  key: CallKey & Pick<Call, 'provider'>,
  stored: Pick<StoredCall, 'version' | 'revision'> | undefined,
  now: Date,
): StoredCall {
  const at = now.toISOString();
  return {
    call: blankCall(key),
    version: (stored?.version ?? 0) + 1,
    seenAt: at,
    receivedAt: at,
    recordedAt: at,
    firstSeenAt: at,
    // So many revisions may have been announced: what is still on its way is known by them.
    revision: Math.max(1, stored?.revision ?? 1),
    outcomes: [{ outcome: 'completed', revision: 1 }],
    changes: [],
    via: 'poll',
    silent: true,
    late: false,
    staleAt: null,
    withheld: [],
    rowPrint: null,
    raw: null,
    forgotten: true,
  };
}
