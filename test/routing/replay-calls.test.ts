import { describe, expect, it } from 'vitest';
import { nextVersion, type StoredCall } from '../../lib/calls/version.ts';
import type { Route } from '../../lib/config/settings.ts';
import { keyOf } from '../../lib/delivery/delivery.ts';
import type { Sender } from '../../lib/destinations/destination.ts';
import type { Event } from '../../lib/events/event.ts';
import {
  forecastReplay,
  type ReplayDeps,
  type ReplayForecast,
  replayCalls,
} from '../../lib/routing/replay-calls.ts';
import type { Silence } from '../../lib/routing/silence.ts';
import { deliveryWorld } from '../delivery/delivery-world.ts';
import { FAILED, look, NOW, policy } from '../support/calls.ts';
import { memoryBus } from '../support/memory-calls.ts';

const CALLS = 200;

function storedCall(id: string, facts: Parameters<typeof look>[1] = {}): StoredCall {
  const stored = nextVersion(undefined, look(0, { ...facts, id }), policy());
  if (!stored) throw new Error('A first look is always a version');
  return stored;
}

const CRM: Route = { id: 'systems', when: {}, to: ['crm'], continue: true };
const CHAT: Route = { id: 'failures', when: { type: 'call.failed' }, to: ['ops'], continue: false };

function replayWorld({ silences = [] }: { silences?: Silence[] } = {}) {
  const bus = memoryBus();
  const sent: { kind: string; event: Event; destination: string }[] = [];
  const deps: ReplayDeps = {
    bus,
    routing: async () => ({
      routes: [CRM, CHAT],
      kinds: new Map([
        ['crm', 'hubspot'],
        ['ops', 'slack'],
      ]),
      silences,
      fallbacks: new Map(),
    }),
    now: () => NOW,
    send: async (kind, message) => void sent.push({ kind, ...message }),
  };
  return { bus, sent, deps };
}

/** A CRM that can be looked into, and counts every write. */
function crmWorld() {
  const world = deliveryWorld();
  world.configured.set('crm', { id: 'crm', kind: 'chat', token: 'env:TOKEN' });
  const records = new Map<string, number>();
  const { sender } = world.deps;
  world.deps.sender = {
    ...sender,
    definition: { ...sender.definition, replay: 'read-back' },
    send: async ({ event }) => {
      records.set(event.id, (records.get(event.id) ?? 0) + 1);
      return { id: event.id };
    },
    find: async ({ event }) =>
      records.has(event.id) ? { state: 'arrived', receipt: { id: event.id } } : { state: 'absent' },
  } satisfies Sender;
  return { world, records };
}

describe('a replay of stored calls', () => {
  it('announces each on the bus again, by the same id, as a replay', async () => {
    const { bus, deps } = replayWorld();
    const calls = [storedCall('a'), storedCall('b', FAILED)];

    expect(await replayCalls(calls, undefined, deps)).toMatchObject({ events: 2, refused: 0 });
    expect(bus.events.map(({ type, replay }) => [type, replay])).toEqual([
      ['call.completed', true],
      ['call.failed', true],
    ]);
    const ids = bus.events.map(({ id }) => id);
    await replayCalls(calls, undefined, deps);
    expect(bus.events.map(({ id }) => id)).toEqual([...ids, ...ids]);
  });

  it('says nothing of silent calls, nor of open ones', async () => {
    const { bus, deps, sent } = replayWorld();
    const silent = { ...storedCall('silent'), silent: true };
    const open = storedCall('open', { outcome: 'open', status: 'ringing' });

    await replayCalls([silent, open], undefined, deps);
    await replayCalls([silent, open], new Set(['crm']), deps);

    expect([...bus.events, ...sent]).toEqual([]);
  });

  it('for one destination goes straight to its queue, of what its routes lead there', async () => {
    const { bus, sent, deps } = replayWorld();
    const calls = [storedCall('a'), storedCall('b', FAILED)];

    expect(await replayCalls(calls, new Set(['ops']), deps)).toMatchObject({ deliveries: 1 });
    expect(sent).toMatchObject([
      { kind: 'slack', destination: 'ops', event: { type: 'call.failed', replay: true } },
    ]);
    expect(bus.events).toEqual([]);
  });

  it('tells nobody whom somebody silenced', async () => {
    const silence = {
      ...{ id: 'x', when: {}, to: ['ops'], author: 'Rana', comment: 'works' },
      ...{ createdAt: NOW.toISOString(), until: new Date(NOW.getTime() + 60_000).toISOString() },
    };
    const { sent, deps } = replayWorld({ silences: [silence] });

    await replayCalls([storedCall('b', FAILED)], new Set(['ops', 'crm']), deps);

    expect(sent.map(({ destination }) => destination)).toEqual(['crm']);
  });
});

describe('a day that is replayed to a CRM which lost some receipts', () => {
  it('creates exactly the records that are missing', async () => {
    const { sent, deps } = replayWorld();
    const { world, records } = crmWorld();
    const calls = Array.from({ length: CALLS }, (_, call) => storedCall(`c${call}`));
    const deliverAll = async () => {
      for (const { event, destination } of sent.splice(0)) {
        await world.deliver({ event, destination, heldMs: 0 });
      }
      await world.drain();
    };
    // Told for the first time: the same events, without the mark.
    await replayCalls(calls, new Set(['crm']), deps);
    for (const message of sent) message.event = { ...message.event, replay: false };
    const told = [...sent];
    await deliverAll();

    // One receipt in twenty is lost, and of every other one of these the record.
    const lost = told.filter((_, index) => index % 20 === 0);
    const { rows } = world.deps.store;
    for (const [key, { eventId }] of rows) {
      if (lost.some(({ event }) => event.id === eventId)) rows.delete(key);
    }
    const missing = lost.filter((_, index) => index % 2 === 0).map(({ event }) => event.id);
    for (const id of missing) records.delete(id);
    const before = new Map(records);
    await replayCalls(calls, new Set(['crm']), deps);
    await deliverAll();

    expect(missing).toHaveLength(CALLS / 40);
    const written = [...records].filter(([id, writes]) => writes !== before.get(id));
    expect(written.map(([id]) => id)).toEqual(missing);
    expect(records.size).toBe(CALLS);
    expect(rows.size).toBe(CALLS);
  });
});

describe('the forecast of a replay', () => {
  it('says who would be told what, and what is known there already', async () => {
    const { bus, sent, deps } = replayWorld();
    const { world } = crmWorld();
    const calls = [storedCall('a'), storedCall('b', FAILED)];
    await replayCalls(calls.slice(0, 1), new Set(['crm']), deps);
    for (const { event, destination } of sent.splice(0)) {
      await world.deliver({ event, destination, heldMs: 0 });
    }
    const forecast = new Map<string, ReplayForecast>();
    await forecastReplay(calls, undefined, forecast, {
      ...deps,
      isKnown: async (event, destination) =>
        (await world.deps.store.read(keyOf({ event, destination, heldMs: 0 }))) !== undefined,
    });

    expect(Object.fromEntries(forecast)).toEqual({
      crm: { kind: 'hubspot', events: { 'call.completed': 1, 'call.failed': 1 }, known: 1 },
      ops: { kind: 'slack', events: { 'call.failed': 1 }, known: 0 },
    });
    expect([...bus.events, ...sent]).toEqual([]);
  });
});
