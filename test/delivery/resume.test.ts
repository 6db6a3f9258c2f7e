import { describe, expect, it } from 'vitest';
import { type DeliveryMessage, keyOf } from '../../lib/delivery/delivery.ts';
import { redriveDeliveries } from '../../lib/delivery/redrive.ts';
import { PermanentError, TransientError } from '../../lib/errors.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { deliveryWorld } from './delivery-world.ts';
import { callEvent } from './events.ts';

const unreachable = () => new TransientError('no answer');
const BACKUP = { id: 'backup', kind: 'chat', token: 'env:TOKEN' };

const idOf = ({ event }: DeliveryMessage): string => event.id;

/** One call's words, in order: how it ended, and what was learned later. */
const wordsOf = (call: number, at: Date) =>
  [1, 2].map((revision) => ({
    event: callEvent(
      {
        id: `call-${call}-${revision}`,
        type: revision === 1 ? 'call.failed' : 'call.updated',
        revision,
        recordedAt: at.toISOString(),
      },
      { id: `call-${call}` },
    ),
    destination: 'ops',
    heldMs: 0,
  }));

describe('a destination that is down for an hour', () => {
  /** A call every minute, told to a destination that is down from the start. */
  async function hourDown(settings: Parameters<typeof deliveryWorld>[0] = {}) {
    const world = deliveryWorld(settings);
    world.configured.set('backup', BACKUP);
    const messages = [];
    world.down = unreachable;
    for (let minute = 0; minute < 60; minute += 1) {
      const words = wordsOf(minute, world.deps.now());
      messages.push(...words);
      for (const message of words) await world.deliver(message);
      await world.live(MINUTE_MS);
    }
    return { world, messages };
  }

  it('has everything parked and visible, and is asked a few times only', async () => {
    const { world, messages } = await hourDown();

    const parked = await world.lists.read('ops', 'breaker', { limit: Number.POSITIVE_INFINITY });
    expect(parked.map(({ eventId }) => eventId).sort()).toEqual(messages.map(idOf).sort());
    expect(world.queued).toEqual([]);
    expect(world.announced.map(({ type }) => type)).toEqual(['delivery.failing']);
    const probes = world.sent.filter(({ atMs }) => atMs > 10 * MINUTE_MS);
    expect(probes.length).toBeGreaterThan(2);
    expect(probes.length).toBeLessThan(8);
  });

  it('is told everything by itself once it accepts anything again: in order per call, nothing twice', async () => {
    const { world, messages } = await hourDown();
    world.sent.splice(0);
    world.down = undefined;

    await world.live(20 * MINUTE_MS);

    const told = world.sent.map(({ eventId }) => eventId);
    expect(told.toSorted()).toEqual(messages.map(idOf).toSorted());
    for (let call = 0; call < 60; call += 1) {
      expect(told.indexOf(`call-${call}-1`)).toBeLessThan(told.indexOf(`call-${call}-2`));
    }
    expect(world.announced.map(({ type }) => type)).toEqual([
      'delivery.failing',
      'delivery.recovered',
    ]);
    for (const message of messages) {
      const row = await world.row(message);
      expect(row).toMatchObject({ state: 'delivered' });
      expect(row.event).toBeUndefined();
      expect(row.parkedBy).toBeUndefined();
    }
  });

  it('is told everything by a redrive, too: in order per call, nothing twice', async () => {
    const { world, messages } = await hourDown();
    world.sent.splice(0);
    world.down = undefined;

    for (let times = 0; times < 2; times += 1) {
      await redriveDeliveries(
        { destinations: [{ id: 'ops', kind: 'chat' }], states: ['parked', 'failed'] },
        {
          ...world.deps,
          lists: world.lists,
          queueOf: () => world.deps.queue,
          progress: () => undefined,
          sleep: async (ms) => world.live(ms),
        },
      );
    }
    await world.drain();

    const told = world.sent.map(({ eventId }) => eventId);
    expect(told.toSorted()).toEqual(messages.map(idOf).toSorted());
    for (let call = 0; call < 60; call += 1) {
      expect(told.indexOf(`call-${call}-1`)).toBeLessThan(told.indexOf(`call-${call}-2`));
    }
  });

  it('is not flooded when it is back', async () => {
    const { world } = await hourDown();
    world.sent.splice(0);
    world.down = undefined;

    await world.live(20 * MINUTE_MS);

    const bySecond = Map.groupBy(world.sent, ({ atMs }) => Math.floor(atMs / SECOND_MS));
    expect(Math.max(...[...bySecond.values()].map((sent) => sent.length))).toBeLessThanOrEqual(10);
  });

  it('has its fallback told of everything, once, after five minutes', async () => {
    const { world, messages } = await hourDown({ fallback: 'backup' });

    // Those that were parked before it was due are told by the minute that finds it due.
    const early = [...world.deps.store.rows.values()].filter(
      ({ destination }) => destination === 'backup',
    );
    const told = [...early.map(({ eventId }) => eventId), ...world.elsewhere.map(idOf)];
    expect(early.length).toBeGreaterThanOrEqual(10);
    expect(told.toSorted()).toEqual(messages.map(idOf).toSorted());
  });
});

describe('a probe', () => {
  it('that is refused itself leaves the next to the next delivery', async () => {
    const world = deliveryWorld();
    world.down = () => new PermanentError('token_revoked', 'Renew it.', { scope: 'destination' });
    await world.deliver(world.messageOf('a'));
    await world.deliver(world.messageOf('b'));
    world.down = () => new PermanentError('too_long', 'Shorten it.');
    await world.live(2 * MINUTE_MS);
    expect(await world.row(world.messageOf('a'))).toMatchObject({ lastReason: 'too_long' });

    world.down = undefined;
    await world.live(10 * MINUTE_MS);

    expect(await world.row(world.messageOf('b'))).toMatchObject({ state: 'delivered' });
    expect((await world.row(world.messageOf('a'))).state).toBe('parked');
  });
});

describe('a message that was lost', () => {
  it('is made anew from the row once it is twenty minutes late', async () => {
    const world = deliveryWorld();
    world.troubles.push(new TransientError('503', { retryAfterMs: 10 * MINUTE_MS }));
    await world.deliver();
    world.queued.splice(0);

    await world.live(29 * MINUTE_MS);
    expect(world.sent).toHaveLength(1);
    await world.live(3 * MINUTE_MS);

    expect(await world.row()).toMatchObject({ state: 'delivered' });
    expect(world.sent).toHaveLength(2);
  });
});

describe('looking after what is parked', () => {
  it('goes on where a minute that was stopped has left it, at any moment', async () => {
    for (let stop = 0; stop < 12; stop += 1) {
      const world = deliveryWorld();
      world.down = () => new PermanentError('gone', 'Look.', { scope: 'destination' });
      for (const id of ['a', 'b', 'c']) await world.deliver(world.messageOf(id));
      world.down = undefined;
      let left = stop;
      const { replace } = world.lists;
      const { send } = world.deps.queue;
      const dying =
        <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
        (...args: A) => {
          if (left === 0) return Promise.reject(new Error('stopped'));
          left -= 1;
          return work(...args);
        };
      world.lists.replace = dying(replace);
      world.deps.queue.send = dying(send);
      world.elapse(MINUTE_MS);
      await world.resume().catch(() => undefined);
      Object.assign(world.lists, { replace });
      Object.assign(world.deps.queue, { send });

      await world.live(HOUR_MS);

      expect(world.sent.map(({ eventId }) => eventId).toSorted(), `stop ${stop}`).toEqual([
        'a',
        'a',
        'b',
        'c',
      ]);
      for (const id of ['a', 'b', 'c']) {
        expect((await world.deps.store.read(keyOf(world.messageOf(id))))?.state).toBe('delivered');
      }
    }
  });

  it('of one destination is not kept from its work by another', async () => {
    const world = deliveryWorld();
    world.configured.set('broken', { id: 'broken', kind: 'chat' });
    const { read } = world.lists;
    world.lists.read = (destination, ...rest) =>
      destination === 'broken'
        ? Promise.reject(new Error('unreadable'))
        : read(destination, ...rest);
    world.down = () => new PermanentError('gone', 'Look.', { scope: 'destination' });
    await world.deliver();
    world.down = undefined;
    world.elapse(MINUTE_MS);

    await expect(world.resume()).rejects.toThrow('unreadable');
    await world.drain();

    expect(await world.row()).toMatchObject({ state: 'delivered' });
    expect(world.logged).toContainEqual({ level: 'error', message: 'not resumed' });
  });
});
