import { describe, expect, it } from 'vitest';
import { PermanentError, TransientError } from '../../lib/errors.ts';
import { MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { deliveryWorld } from './delivery-world.ts';

const unreachable = () => new TransientError('no answer');
const revoked = () => new PermanentError('token_revoked', 'Renew it.', { scope: 'destination' });

/** A world in which five different deliveries have failed, over twenty seconds. */
async function downWorld(settings: Parameters<typeof deliveryWorld>[0] = {}) {
  const world = deliveryWorld(settings);
  world.down = unreachable;
  for (let index = 0; index < 4; index += 1) {
    await world.deliver(world.messageOf(`early-${index}`));
    world.elapse(5 * SECOND_MS + 1);
  }
  world.queued.splice(0);
  await world.deliver(world.messageOf('opens'));
  world.sent.splice(0);
  return world;
}

describe('a destination that is down', () => {
  it('is sent nothing, and what is for it is parked with its event and without a message', async () => {
    const world = await downWorld();

    expect(await world.deliver()).toMatchObject({ outcome: 'parked' });

    expect(world.sent).toEqual([]);
    expect(world.queued).toEqual([]);
    const { event } = world.messageOf();
    expect(await world.row()).toMatchObject({
      state: 'parked',
      parkedBy: 'breaker',
      lastReason: 'breaker_open',
      event,
      dueAt: event.recordedAt,
      attempts: 0,
      failures: 0,
    });
  });

  it('parks the delivery that opened the breaker too, for nothing shall be sent now', async () => {
    const world = await downWorld();

    expect(await world.row(world.messageOf('opens'))).toMatchObject({
      state: 'parked',
      parkedBy: 'breaker',
      lastReason: 'unreachable',
      attempts: 1,
    });
  });

  it('is announced once, and counted once for the alarm, but calls for no person', async () => {
    const world = await downWorld();
    await world.deliver();

    expect((await world.breaker()).untold).toMatchObject([
      { type: 'delivery.failing', delivery: { destination: 'ops', reason: 'unreachable' } },
    ]);
    expect(world.counted).toEqual(['DestinationsFailing']);
  });

  it('is probed by one delivery when it is time, at the cost of no step of its schedule', async () => {
    const world = await downWorld();
    world.elapse(31 * SECOND_MS);

    await Promise.all(['a', 'b', 'c'].map((id) => world.deliver(world.messageOf(id))));

    expect(world.sent.map(({ eventId }) => eventId)).toEqual(['a']);
    expect(await world.row(world.messageOf('a'))).toMatchObject({ state: 'parked', failures: 0 });
  });

  it('is open again to all as soon as a probe arrives, and that is announced', async () => {
    const world = await downWorld();
    world.elapse(31 * SECOND_MS);
    world.down = undefined;

    expect(await world.deliver(world.messageOf('probe'))).toMatchObject({ outcome: 'delivered' });
    expect(await world.deliver(world.messageOf('next'))).toMatchObject({ outcome: 'delivered' });
    expect((await world.breaker()).untold.map(({ type }) => type)).toEqual([
      'delivery.failing',
      'delivery.recovered',
    ]);
  });

  it('tells its fallback when it has been down for as long as its settings say', async () => {
    const world = await downWorld({ fallback: 'backup', fallbackAfter: '2m' });
    world.configured.set('backup', { id: 'backup', kind: 'chat', token: 'env:TOKEN' });
    await world.deliver(world.messageOf('early'));
    world.elapse(2 * MINUTE_MS);
    await world.deliver(world.messageOf('probe'));
    await world.deliver(world.messageOf('late'));

    expect(world.elsewhere.map(({ event, destination }) => [event.id, destination])).toEqual([
      ['probe', 'backup'],
      ['late', 'backup'],
    ]);
    expect(await world.row(world.messageOf('late'))).toMatchObject({
      fallback: { destination: 'backup' },
    });
  });

  it('keeps the doubt of a delivery that may have arrived', async () => {
    const world = await downWorld();
    world.elapse(31 * SECOND_MS);
    world.down = () => new TransientError('no answer', { maybeDone: true });
    await world.deliver(world.messageOf('probe'));

    expect(await world.row(world.messageOf('probe'))).toMatchObject({
      state: 'parked',
      doubt: { failureStated: false },
    });
  });
});

describe('a destination that refuses whatever it is told', () => {
  it('is asked once, and parks everything else with it', async () => {
    const world = deliveryWorld({ fallback: 'backup' });
    world.configured.set('backup', { id: 'backup', kind: 'chat', token: 'env:TOKEN' });
    world.down = revoked;

    await world.deliver(world.messageOf('first'));
    await world.deliver(world.messageOf('second'));

    expect(world.sent.map(({ eventId }) => eventId)).toEqual(['first']);
    expect(await world.row(world.messageOf('first'))).toMatchObject({
      state: 'parked',
      parkedBy: 'breaker',
      lastReason: 'token_revoked',
      fix: 'Renew it.',
    });
    expect(await world.row(world.messageOf('second'))).toMatchObject({
      state: 'parked',
      lastReason: 'breaker_open',
      fix: 'Renew it.',
    });
    // Only a person can end it, so nobody waits to see whether it ends.
    expect(world.elsewhere.map(({ event }) => event.id)).toEqual(['first', 'second']);
    expect(world.counted).toEqual(['DestinationsFailing']);
  });

  it.each([['cannot be used', { id: 'ops', kind: 'chat', token: 5 }, 'settings_invalid']])(
    'parks what is for settings that %s',
    async (_case, settings, reason) => {
      const world = deliveryWorld();
      world.configured.set('ops', settings);

      await world.deliver();

      expect(await world.row()).toMatchObject({ parkedBy: 'breaker', lastReason: reason });
    },
  );
});

describe('a destination that only limits, or refuses one event', () => {
  it.each([
    ['a limit', new TransientError('429', { reason: 'rate_limited', retryAfterMs: 1 })],
    ['a locked record', new TransientError('busy', { reason: 'record_locked' })],
    ['a refusal of one event', new PermanentError('too_long', 'Shorten it.')],
  ])('is well: %s', async (_case, trouble) => {
    const world = deliveryWorld();
    world.down = () => trouble;
    for (let index = 0; index < 10; index += 1) {
      await world.deliver(world.messageOf(`evt-${index}`));
      world.elapse(10 * SECOND_MS);
    }

    expect(world.sent).toHaveLength(10);
    expect((await world.breaker()).untold).toEqual([]);
  });
});

describe('a destination that is well', () => {
  it('costs no write of its breaker, and a read each five seconds', async () => {
    const world = deliveryWorld();
    for (let index = 0; index < 20; index += 1) {
      await world.deliver(world.messageOf(`evt-${index}`));
      world.elapse(SECOND_MS);
    }

    expect(world.breakerTraffic).toEqual({ reads: 4, writes: 0 });
  });
});
