import type { CallStore } from '../../lib/calls/call-store.ts';
import type { RawBucket } from '../../lib/calls/raw-record.ts';
import type { StoredCall } from '../../lib/calls/version.ts';
import { announcements } from '../../lib/events/announcements.ts';
import type { Event } from '../../lib/events/event.ts';
import type { EventBus } from '../../lib/events/event-bus.ts';
import type { NoticeEvent } from '../../lib/events/notice.ts';
import type { Change } from '../../lib/events/publish-transitions.ts';
import type { PollState } from '../../lib/polling/poll-state.ts';
import type { PollStateStore, Quarantine } from '../../lib/polling/ports.ts';
import type { Rejected } from '../../lib/providers/provider.ts';

/** The reference: what any store of calls must do, without the storing. */
export function memoryCalls() {
  const calls = new Map<string, StoredCall>();
  const notices = new Map<string, NoticeEvent>();
  const stream: Change[] = [];
  const keyOf = (connection: string, id: string) => JSON.stringify([connection, id]);
  const count = { reads: 0, writes: 0 };
  const store: CallStore = {
    get: async (connection, ids) => {
      if (ids.length > 0) count.reads += 1;
      const found = ids.flatMap((id) => calls.get(keyOf(connection, id)) ?? []);
      return new Map(found.map((stored) => [stored.call.id, structuredClone(stored)]));
    },
    write: async (next) => {
      const key = keyOf(next.call.connection, next.call.id);
      const before = calls.get(key);
      if ((before?.version ?? 0) !== next.version - 1) return false;
      const after = structuredClone(next);
      calls.set(key, after);
      stream.push({ before, after });
      count.writes += 1;
      return true;
    },
    notify: async (event) => {
      if (notices.has(event.id)) return false;
      notices.set(event.id, event);
      stream.push({ notice: event });
      count.writes += 1;
      return true;
    },
  };
  return {
    ...store,
    count,
    stream,
    stored: (connection: string, id: string) => calls.get(keyOf(connection, id)),
    /** Everything that publishing the stream announces, in order. */
    announced: (): Event[] =>
      stream.flatMap((change): Event[] =>
        'notice' in change ? [change.notice] : announcements(change.before, change.after),
      ),
  };
}
export type MemoryCalls = ReturnType<typeof memoryCalls>;

/** The reference of what polling remembers. */
export function memoryPollStates() {
  const states = new Map<string, PollState>();
  const recents = new Map<string, string>();
  const count = { loads: 0, saves: 0 };
  const store: PollStateStore = {
    load: async (connection) => {
      count.loads += 1;
      return {
        state: structuredClone(states.get(connection)),
        recents: recents.get(connection) ?? '',
      };
    },
    save: async (connection, state, prints) => {
      if ((states.get(connection)?.version ?? 0) !== state.version - 1) return false;
      states.set(connection, structuredClone(state));
      recents.set(connection, prints);
      count.saves += 1;
      return true;
    },
  };
  return { ...store, states, recents, count };
}

/** The reference of keeping what no schema describes. */
export function memoryQuarantine(): Quarantine & { readonly kept: Rejected[] } {
  const kept: Rejected[] = [];
  return {
    kept,
    keep: async (_connection, rejected) => {
      kept.push(rejected);
    },
  };
}

export function memoryRawBucket(): RawBucket & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    put: async (key, gzipped) => {
      objects.set(key, gzipped);
    },
  };
}

/** A bus that takes everything but what `refuses` names. */
export function memoryBus(refuses: (event: Event) => boolean = () => false) {
  const events: Event[] = [];
  const bus: EventBus = {
    put: async (offered) => {
      events.push(...offered.filter((event) => !refuses(event)));
      return new Set(offered.filter(refuses).map(({ id }) => id));
    },
  };
  return { ...bus, events };
}
