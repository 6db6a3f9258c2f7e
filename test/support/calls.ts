import type { Call } from '../../lib/calls/call.ts';
import type { Observation, VersionPolicy } from '../../lib/calls/version.ts';
import { type ConnectionSettings, connectionSchema } from '../../lib/config/settings.ts';

export const NOW = new Date('2026-11-20T12:00:00.000Z');

/** A connection as the operator would write it, read. */
export const connection = (written: Record<string, unknown> = {}): ConnectionSettings =>
  connectionSchema.parse({ id: 'clinic', provider: 'hamsa', key: 'env:KEY', ...written });

/** A completed call of no length. */
export const aCall = (facts: Partial<Call> = {}): Call => ({
  connection: 'clinic',
  provider: 'hamsa',
  id: 'call-1',
  outcome: 'completed',
  status: 'completed',
  reason: null,
  providerStatus: 'COMPLETED',
  direction: null,
  channel: null,
  agent: { id: null, name: null },
  from: null,
  to: null,
  contactNumber: null,
  agentNumber: null,
  contactId: null,
  createdAt: '2026-11-20T11:58:00.000Z',
  startedAt: null,
  answeredAt: null,
  endedAt: null,
  durationSeconds: null,
  summary: null,
  recordingUrl: null,
  transcriptUrl: null,
  url: null,
  attributes: {},
  ...facts,
});

export const OPEN = {
  outcome: 'open',
  status: 'in_progress',
  providerStatus: 'IN_PROGRESS',
} as const;
export const FAILED = { outcome: 'failed', status: 'failed', reason: 'provider.error' } as const;

/** One look at a call, `seconds` after noon. */
export const look = (seconds: number, facts: Partial<Call> = {}): Observation => {
  const at = new Date(NOW.getTime() + seconds * 1000).toISOString();
  return {
    call: aCall(facts),
    seenAt: at,
    receivedAt: at,
    endedBy: null,
    rowPrint: null,
    raw: [{ id: 'call-1' }],
  };
};

export const policy = (rules: Partial<VersionPolicy> = {}): VersionPolicy => ({
  baselineAt: null,
  announceWithinMs: 604_800_000,
  withheld: [],
  now: NOW,
  ...rules,
});

/** For a call to be stale that began two minutes before noon. */
export const STALE = { maxAgeMs: 60_000, announceWithinMs: 604_800_000, now: NOW };
