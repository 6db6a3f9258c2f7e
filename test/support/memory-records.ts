import { isFinal } from '../../lib/calls/call.ts';
import { createdAt, type StoredCall } from '../../lib/calls/version.ts';
import type { ConnectionSettings, DestinationSettings, Route } from '../../lib/config/settings.ts';
import type { Breaker } from '../../lib/delivery/breaker.ts';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import { listOf } from '../../lib/delivery/delivery-lists.ts';
import { isRecovery } from '../../lib/delivery/incident.ts';
import type { PollState } from '../../lib/polling/poll-state.ts';
import type { RangeJob } from '../../lib/ranges/range-job.ts';
import type {
  CallRange,
  QuarantinedRecord,
  Records,
  UnattributedWebhook,
} from '../../lib/records/records.ts';
import type { Silence } from '../../lib/routing/silence.ts';

/** What there is to be looked at. */
export interface Kept {
  readonly connections: readonly ConnectionSettings[];
  readonly destinations: readonly DestinationSettings[];
  readonly routes: readonly Route[];
  readonly silences: readonly Silence[];
  readonly states: Readonly<Record<string, PollState>>;
  /** Each under its connection. */
  readonly jobs: Readonly<Record<string, readonly RangeJob[]>>;
  readonly calls: readonly StoredCall[];
  /** What is in the bucket. */
  readonly objects: Readonly<Record<string, unknown>>;
  readonly deliveries: readonly Delivery[];
  readonly breakers: readonly Breaker[];
  readonly quarantined: readonly QuarantinedRecord[];
  readonly unattributed: readonly UnattributedWebhook[];
}

const NOTHING: Kept = {
  ...{ connections: [], destinations: [], routes: [], silences: [], states: {}, jobs: {} },
  ...{ calls: [], objects: {}, deliveries: [], breakers: [], quarantined: [], unattributed: [] },
};

/** The reference: records as lists. Pages are short, so that whoever reads only the first notices. */
export function memoryRecords(kept: Partial<Kept> = {}): Records {
  const all = { ...NOTHING, ...kept };
  const newestFirst = all.calls.toSorted((a, b) => (createdAt(a) > createdAt(b) ? -1 : 1));
  const within = ({ connections, from, to }: CallRange) =>
    newestFirst.filter((stored) => {
      const at = createdAt(stored);
      return (
        connections.includes(stored.call.connection) &&
        at >= from.toISOString() &&
        at < to.toISOString()
      );
    });
  async function* inPages(calls: readonly StoredCall[]) {
    for (let first = 0; first < calls.length; first += 2) yield calls.slice(first, first + 2);
  }
  return {
    connections: async () => all.connections,
    destinations: async () => all.destinations,
    routes: async () => all.routes,
    silences: async () => all.silences,
    pollStates: async () => new Map(Object.entries(all.states)),
    besides: async (connection) => {
      const count = (kept: readonly { readonly connection: string }[]) =>
        kept.filter((each) => each.connection === connection).length;
      return {
        jobs: all.jobs[connection] ?? [],
        quarantined: count(all.quarantined),
        unattributed: count(all.unattributed),
      };
    },
    call: async (connection, id) =>
      all.calls.find(({ call }) => call.connection === connection && call.id === id),
    calls: (range) => inPages(within(range)),
    callKeys: async function* (range) {
      for await (const page of inPages(within(range))) {
        yield page.map(({ call: { connection, id } }) => ({ connection, id }));
      }
    },
    countCalls: async (range) => within(range).length,
    failedCalls: (range) =>
      inPages(within(range).filter(({ call }) => isFinal(call) && call.outcome === 'failed')),
    callsOf: (number) => inPages(newestFirst.filter(({ call }) => call.contactNumber === number)),
    rawOf: async ({ raw }) => {
      if (raw === null) return undefined;
      const inline: unknown = 'inline' in raw ? JSON.parse(raw.inline) : undefined;
      return 'key' in raw ? all.objects[raw.key] : inline;
    },
    deliveriesOf: async (subject) =>
      all.deliveries.filter((row) => row.subject === subject && !isRecovery(row.eventId)),
    unsettled: async () => all.deliveries.filter((row) => listOf(row) !== undefined),
    breaker: async (destination) => all.breakers.find((each) => each.destination === destination),
    quarantined: async (connection) =>
      all.quarantined.filter((each) => each.connection === connection),
    unattributed: async (connection) =>
      all.unattributed.filter((each) => each.connection === connection),
  };
}
