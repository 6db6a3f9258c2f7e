import type { Call } from '../../lib/calls/call.ts';
import { nextVersion, type StoredCall } from '../../lib/calls/version.ts';
import { type Delivery, type DeliveryKey, keyOf } from '../../lib/delivery/delivery.ts';
import { allAnnouncements } from '../../lib/events/announcements.ts';
import type { Event } from '../../lib/events/event.ts';
import type { NoticeEvent } from '../../lib/events/notice.ts';
import { initialState, type PollState } from '../../lib/polling/poll-state.ts';
import type { GapMemory } from '../../lib/proof/gap-memory.ts';
import { type MendDeps, mendGaps } from '../../lib/proof/mend-gaps.ts';
import type { DatedRouting } from '../../lib/proof/owed.ts';
import { tell } from '../../lib/routing/tell.ts';
import { addMs, MINUTE_MS } from '../../lib/time.ts';
import { aCall, connection, FAILED, NOW, OPEN, policy } from './calls.ts';

const nameOf = ({ subject, destination, eventId }: DeliveryKey) =>
  JSON.stringify([subject, destination, eventId]);

/** Calls that are told to `ops` and `crm`, and a bus that may lose what it is given. */
export function mendWorld() {
  let time = NOW.getTime();
  const now = () => new Date(time);
  const settings = connection();
  const calls = new Map<string, StoredCall>();
  const rows = new Map<string, Delivery['state']>();
  const notices = new Map<string, NoticeEvent>();
  const counted: (readonly unknown[])[] = [];
  const logged: (readonly unknown[])[] = [];
  const announced: Event[] = [];
  /** Deliveries that were begun, with those of events that came twice. */
  const told: string[] = [];
  const read = { calls: 0, deliveries: 0, ranges: 0 };
  const asked = { notices: 0 };
  /** Destinations whose deliveries leave no row, as if what is for them was lost on its way. */
  const losing = new Set<string>();
  let state: PollState = initialState(settings, NOW);
  let memory: GapMemory | undefined;
  const routing: { -readonly [Key in keyof DatedRouting]: DatedRouting[Key] } = {
    routes: [{ id: 'all', when: {}, to: ['ops', 'crm'], continue: false }],
    kinds: new Map([
      ['ops', 'slack'],
      ['crm', 'hubspot'],
    ]),
    silences: [],
    fallbacks: new Map(),
    routesSince: null,
  };

  async function announce(events: readonly Event[]): Promise<void> {
    for (const event of events) {
      announced.push(event);
      await tell(event, {
        routing: async () => routing,
        send: async (_kind, { destination }) => {
          const name = nameOf(keyOf({ event, destination, heldMs: 0 }));
          if (losing.has(destination) || rows.has(name)) return;
          rows.set(name, 'delivered');
          told.push(`${destination} ${'call' in event ? event.call.id : event.type}`);
        },
        now,
        log: () => {},
      });
    }
  }

  const deps: MendDeps = {
    load: async () => structuredClone(memory),
    save: async (next) => {
      memory = structuredClone(next);
    },
    connections: async () => [{ id: 'clinic', provider: 'hamsa', key: 'env:KEY' }, { id: 7 }],
    states: async () => new Map([['clinic', state]]),
    callsOf: async function* (_connection, { from, to }) {
      read.ranges += 1;
      const found = [...calls.values()].filter(({ call: { createdAt } }) => {
        const at = Date.parse(createdAt ?? '');
        return at >= from.getTime() && at < to.getTime();
      });
      read.calls += found.length;
      if (found.length > 0) yield found;
    },
    callsNamed: async (names) => {
      read.calls += names.length;
      return names.flatMap(({ id }) => calls.get(id) ?? []);
    },
    routing: async () => routing,
    deliveries: async (keys) => {
      read.deliveries += keys.length;
      return keys.flatMap((key) => {
        const found = rows.get(nameOf(key));
        return found ? [{ ...key, state: found }] : [];
      });
    },
    bus: {
      put: async (events) => {
        await announce(events);
        return new Set<string>();
      },
    },
    announce: async (event) => {
      asked.notices += 1;
      if (notices.has(event.id)) return false;
      notices.set(event.id, event);
      return true;
    },
    now,
    log: (...line) => logged.push(line),
    count: (...metric) => counted.push(metric),
  };

  /** Records what a poll sees of a call now; what is announced of it is told but for those who lose it. */
  async function record(id: string, facts: Partial<Call>, isAnnounced = true): Promise<void> {
    const at = now().toISOString();
    const before = calls.get(id);
    const seen = {
      call: aCall({ createdAt: at, ...before?.call, id, ...facts }),
      ...{ seenAt: at, receivedAt: at, endedBy: null, rowPrint: null, raw: [] },
    };
    const stored = nextVersion(before, seen, policy({ now: now() }));
    if (!stored) throw new Error('Nothing has changed');
    calls.set(id, stored);
    state = { ...state, lastChangeAt: at };
    if (isAnnounced) await announce(allAnnouncements(stored));
  }

  return {
    deps,
    now,
    routing,
    losing,
    read,
    asked,
    counted,
    logged,
    announced,
    told,
    pass: (minutes: number) => {
      time += minutes * MINUTE_MS;
    },
    ago: (minutes: number) => addMs(now(), -minutes * MINUTE_MS).toISOString(),
    /** A call that has failed is recorded, and told. */
    fails: (id: string, facts: Partial<Call> = {}) => record(id, { ...FAILED, ...facts }),
    /** The same, and its announcement is lost. */
    failsUnheard: (id: string) => record(id, FAILED, false),
    begins: (id: string) => record(id, OPEN),
    settle: (destination: string, call: string, state: Delivery['state']) => {
      for (const event of announced) {
        if (!('call' in event) || event.call.id !== call) continue;
        rows.set(nameOf(keyOf({ event, destination, heldMs: 0 })), state);
      }
    },
    mend: (change: Partial<MendDeps> = {}) => mendGaps(now(), { ...deps, ...change }),
    memory: () => memory,
    failingSince: () =>
      [...notices.values()].flatMap((event) => ('delivery' in event ? event.delivery.since : [])),
    notices: () =>
      [...notices.values()].map((event) =>
        'delivery' in event
          ? `${event.type} ${event.delivery.destination} ${event.delivery.reason}`
          : event.type,
      ),
  };
}
