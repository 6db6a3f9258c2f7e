import type { Call } from '../../lib/calls/call.ts';
import type { StoredCall } from '../../lib/calls/version.ts';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import { announcements } from '../../lib/events/announcements.ts';
import { initialState } from '../../lib/polling/poll-state.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { newSweep, type RangeJob } from '../../lib/ranges/range-job.ts';
import { addMs } from '../../lib/time.ts';
import { stored } from '../cli/taps.ts';
import { connection } from '../support/calls.ts';
import type { Kept } from '../support/memory-records.ts';

export const SECRET_WORD = 'whsec_never_shown';

const REASONS = ['no_answer', 'busy', 'provider.error', 'no_answer', 'canceled'];
const AGENTS = ['Support Agent', 'مساعد العيادة', 'Réception', 'מזכירה'];

/** The nth call before `now`: in turn they fail, go on, and complete. */
export function nthCall(n: number, now: Date, everyMs = 240_000): StoredCall {
  const begun = addMs(now, -(n + 1) * everyMs);
  const lengthMs = 20_000 + ((n * 7_919) % 160_000);
  const ended = addMs(begun, lengthMs).toISOString();
  const outcome = n < 2 ? 'open' : n % 5 === 3 ? 'failed' : 'completed';
  const reason =
    outcome === 'failed' ? (REASONS[Math.floor(n / 5) % REASONS.length] ?? null) : null;
  const facts: Partial<Call> = {
    connection: n % 3 === 0 ? 'clinic-jeddah' : 'clinic-riyadh',
    id: `call-${n}`,
    outcome,
    status: outcome === 'open' ? 'in_progress' : outcome,
    reason,
    providerStatus: outcome.toUpperCase(),
    direction: n % 2 === 0 ? 'inbound' : 'outbound',
    agent: { id: `agent-${n % 4}`, name: AGENTS[n % AGENTS.length] ?? null },
    contactNumber: `+96650123${String(4_567 + n)
      .padStart(4, '0')
      .slice(-4)}`,
    from: `+96650123${String(4_567 + n)
      .padStart(4, '0')
      .slice(-4)}`,
    createdAt: begun.toISOString(),
    startedAt: addMs(begun, 4_000).toISOString(),
    endedAt: outcome === 'open' ? null : ended,
    durationSeconds: outcome === 'completed' ? Math.round(lengthMs / 1_000) : null,
    summary: n % 4 === 1 ? 'طلب المتصل موعدًا آخر يوم الأحد (20:00) مع Dr. Lee.' : null,
    attributes: { title: 'Appointment', callback: '+966 50 123 4567' },
  };
  const at = addMs(begun, lengthMs + 2_000 + ((n * 104_729) % 45_000)).toISOString();
  return stored(facts, {
    ...{ seenAt: at, receivedAt: at, recordedAt: at },
    firstSeenAt: outcome === 'open' ? begun.toISOString() : at,
    via: n % 4 === 0 ? 'webhook' : 'poll',
    raw: { inline: JSON.stringify([{ callId: `call-${n}`, caller: '+966501234567' }]) },
  });
}

/** What became of telling a destination of a call. */
function delivery(call: StoredCall, destination: string, over: Partial<Delivery>): Delivery {
  const [event] = announcements(undefined, call);
  return {
    subject: `${call.call.connection}#${call.call.id}`,
    destination,
    eventId: event?.id ?? 'none',
    type: event?.type ?? 'call.completed',
    state: 'delivered',
    createdAt: call.recordedAt,
    ...{ attempts: 1, failures: 0, heldMs: 0, lease: 'l' },
    claimedAt: call.recordedAt,
    leaseUntil: call.recordedAt,
    ...over,
  };
}

/** A small clinic on a mixed day: one connection fails, Slack's channel is gone, a record was malformed. */
export function clinicRecords(now: Date, calls = 120): Kept {
  const all = Array.from({ length: calls }, (_, n) => nthCall(n, now));
  const ago = (minutes: number): string => addMs(now, -minutes * 60_000).toISOString();
  const ended = all.filter(({ call }) => call.outcome !== 'open');
  const connections = [
    connection({ id: 'clinic-riyadh', webhook: { secrets: ['env:HOOK_SECRET'] } }),
    connection({ id: 'clinic-jeddah', provider: 'samva', key: 'secret:callwire/providers/main#s' }),
    connection({ id: 'lab-dammam', provider: 'vozagent' }),
  ];
  const state = { ...initialState(connection(), addMs(now, -86_400_000)), lastChangeAt: ago(3) };
  const failure = { count: 9, reason: 'key_refused', since: ago(95), announced: true };
  const sweep: RangeJob = {
    ...newSweep({ id: '1', kind: 'daily' }, undefined, {
      ...{ settings: connection(), hot: state, list: hamsa.list, now },
    }),
    state: 'done',
    savedAt: ago(15),
  };
  return {
    connections,
    destinations: [
      { id: 'ops', kind: 'slack', channel: '#ops', token: SECRET_WORD },
      { id: 'crm', kind: 'hubspot', token: SECRET_WORD },
    ],
    routes: [
      { id: 'failures-to-ops', when: { type: 'call.failed' }, to: ['ops'], continue: true },
      { id: 'all-to-crm', when: {}, to: ['crm'], continue: false },
    ],
    silences: [
      {
        ...{ id: 's1', when: { connection: 'lab-dammam' }, to: ['ops'], author: 'Nora' },
        ...{ comment: 'their lines move tonight', createdAt: ago(30), until: ago(-120) },
      },
    ],
    states: {
      'clinic-riyadh': { ...state, open: [{ id: 'call-1', since: ago(8) }] },
      'clinic-jeddah': { ...state, failure },
    },
    jobs: { 'clinic-riyadh': [sweep] },
    calls: all,
    objects: {},
    deliveries: ended.flatMap((call, index) => [
      delivery(call, 'crm', {
        deliveredAt: call.recordedAt,
        receipt: { id: `41629${index}` },
      }),
      ...(call.call.outcome === 'failed'
        ? [
            index < 12
              ? delivery(call, 'ops', {
                  state: 'parked',
                  parkedBy: 'breaker',
                  lastReason: 'channel_not_found',
                  attempts: 2,
                  fix: 'The channel is gone: make it again, or name another in callwire.yaml.',
                  log: [{ at: call.recordedAt, reason: 'channel_not_found' }],
                })
              : delivery(call, 'ops', {
                  deliveredAt: call.recordedAt,
                  receipt: { ts: `17636${index}.000200` },
                }),
          ]
        : []),
    ]),
    breakers: [
      {
        ...{ destination: 'ops', version: 3, failing: [], untold: [] },
        open: {
          ...{ since: ago(50), openedAt: ago(49), reason: 'channel_not_found', probes: 4 },
          fix: 'The channel is gone: make it again, or name another in callwire.yaml.',
          probeAt: ago(-6),
        },
      },
    ],
    quarantined: [
      {
        ...{ connection: 'clinic-riyadh', id: 'odd-1', field: 'duration', rule: 'is no number' },
        at: ago(40),
        raw: { id: 'odd-1', duration: '<img src=x onerror=alert(1)>' },
      },
    ],
    unattributed: [{ connection: 'clinic-riyadh', id: 'w1', rule: 'is not JSON', at: ago(41) }],
  };
}
