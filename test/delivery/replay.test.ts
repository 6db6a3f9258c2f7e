import { describe, expect, it } from 'vitest';
import { deliver } from '../../lib/delivery/deliver.ts';
import type { DeliveryMessage } from '../../lib/delivery/delivery.ts';
import type { Sender } from '../../lib/destinations/destination.ts';
import { deliveryWorld } from './delivery-world.ts';
import { callEvent } from './events.ts';

const CALLS = 400;

const messageOf = (call: number, replay: boolean): DeliveryMessage => ({
  event: callEvent({ id: `evt-${call}`, replay }, { id: `call-${call}` }),
  destination: 'ops',
  heldMs: 0,
});

/** A world whose destination replays as its kind does. */
function replayWorld(replay: Sender['definition']['replay']) {
  const world = deliveryWorld();
  const { sender } = world.deps;
  world.deps.sender = {
    ...sender,
    definition: { ...sender.definition, ...(replay !== undefined && { replay }) },
  };
  return world;
}

/** A CRM that keeps one record a call, and counts every write. */
function crmWorld(looksBack: 'find' | 'readBack') {
  const world = replayWorld('read-back');
  const records = new Map<string, number>();
  const nameOf = ({ event }: { event: DeliveryMessage['event'] }) => event.id;
  const { find: _find, ...sender } = world.deps.sender;
  world.deps.sender = {
    ...sender,
    send: async (outgoing) => {
      records.set(nameOf(outgoing), (records.get(nameOf(outgoing)) ?? 0) + 1);
      return { id: nameOf(outgoing) };
    },
    [looksBack]: async (outgoing: { event: DeliveryMessage['event'] }) =>
      records.has(nameOf(outgoing))
        ? { state: 'arrived', receipt: { id: nameOf(outgoing) } }
        : { state: 'absent' },
  };
  return { world, records };
}

const everyCall = async (work: (call: number) => unknown) => {
  for (let call = 0; call < CALLS; call += 1) await work(call);
};

describe.each(['find', 'readBack'] as const)('a replayed day at a CRM that has %s', (looksBack) => {
  it('creates exactly the records that are missing, and writes no other', async () => {
    const { world, records } = crmWorld(looksBack);
    await everyCall((call) => world.deliver(messageOf(call, false)));
    const rows = world.deps.store.rows;
    // Of one call in twenty the receipt is missing; of every other one of these the record is, too.
    const missing: string[] = [];
    await everyCall((call) => {
      if (call % 20 !== 0) return;
      for (const [key, row] of rows) if (row.eventId === `evt-${call}`) rows.delete(key);
      if (call % 40 === 0) missing.push(`evt-${call}`);
    });
    for (const id of missing) records.delete(id);
    const before = new Map(records);

    await everyCall((call) => world.deliver(messageOf(call, true)));
    await world.drain();

    const written = [...records].filter(([id, writes]) => writes !== before.get(id));
    expect(written.map(([id]) => id)).toEqual(missing);
    expect(missing).toHaveLength(CALLS / 40);
    expect([...records.values()].every((writes) => writes === 1)).toBe(true);
    expect(rows.size).toBe(CALLS);
    expect([...rows.values()].every(({ state }) => state === 'delivered')).toBe(true);
  });
});

describe('a replayed day in chat', () => {
  it('posts nothing, and keeps that it did not', async () => {
    const world = replayWorld('skip');
    await world.deliver(messageOf(0, false));
    world.sent.splice(0);

    expect(await world.deliver(messageOf(0, true))).toMatchObject({ outcome: 'dropped' });
    expect(await world.deliver(messageOf(1, true))).toMatchObject({ outcome: 'skipped' });
    expect(await world.deliver(messageOf(1, true))).toMatchObject({ outcome: 'dropped' });

    expect(world.sent).toEqual([]);
    expect(await world.row(messageOf(1, true))).toMatchObject({ state: 'skipped' });
    expect(world.counted).toEqual([]);
  });

  it('takes nothing back from an event that waits', async () => {
    const world = replayWorld('skip');
    world.troubles.push(new Error('a crash'));
    await world.deliver(messageOf(0, false)).catch(() => undefined);

    await world.deliver(messageOf(0, true));

    expect(await world.row(messageOf(0, false))).toMatchObject({ state: 'delivered' });
  });
});

describe('a replayed day at a webhook', () => {
  it('is sent where it was never told, marked as a replay', async () => {
    const world = replayWorld(undefined);
    const marks: boolean[] = [];
    const { sender } = world.deps;
    const { find: _find, ...rest } = sender;
    const send: Sender['send'] = async (outgoing) => {
      marks.push(outgoing.event.replay);
      return sender.send(outgoing);
    };
    const deps = { ...world.deps, sender: { ...rest, send } };
    await deliver(messageOf(0, false), deps);

    await deliver(messageOf(0, true), deps);
    await deliver(messageOf(1, true), deps);

    expect(marks).toEqual([false, true]);
  });
});
