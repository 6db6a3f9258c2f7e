import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import { PermanentError, TransientError } from '../../lib/errors.ts';
import { addMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { deliveryWorld, START } from './delivery-world.ts';
import { callEvent } from './events.ts';

const unreachable = () => new TransientError('no answer');

const word = (revision: number, call = 'call-1') => ({
  event: callEvent(
    {
      id: `${call}-${revision}`,
      type: revision === 1 ? 'call.failed' : 'call.updated',
      revision,
    },
    { id: call },
  ),
  destination: 'ops',
  heldMs: 0,
});
const toldIn = (world: ReturnType<typeof deliveryWorld>) =>
  world.sent.map(({ eventId }) => eventId);

describe('a later word about a call', () => {
  it('waits for an earlier one that is tried again', async () => {
    const world = deliveryWorld();
    world.troubles.push(unreachable(), unreachable());
    await world.deliver(word(1));

    expect(await world.deliver(word(2))).toMatchObject({ outcome: 'waiting' });
    expect(await world.row(word(2))).toMatchObject({ lastReason: 'earlier_first', attempts: 0 });
    await world.live(HOUR_MS);

    expect(toldIn(world)).toEqual(['call-1-1', 'call-1-1', 'call-1-1', 'call-1-2']);
  });

  it('waits for an earlier one that is being sent, whoever has it', async () => {
    for (const find of [undefined, async () => ({ state: 'absent' }) as const]) {
      const world = deliveryWorld();
      Object.assign(world.deps.sender, { find });
      const { send } = world.deps.sender;
      let isFirst = true;
      world.deps.sender.send = async (outgoing) => {
        if (isFirst) {
          isFirst = false;
          await world.deliver(word(2));
          await world.deliver(word(3));
        }
        return send(outgoing);
      };

      await world.deliver(word(1));
      await world.drain();

      expect(toldIn(world)).toEqual(['call-1-1', 'call-1-2', 'call-1-3']);
    }
  });

  it('is parked behind an earlier one that a breaker parked, and follows it', async () => {
    const world = deliveryWorld();
    world.down = () => new PermanentError('gone', 'Look.', { scope: 'destination' });
    await world.deliver(word(1));
    world.elapse(31 * SECOND_MS);
    world.down = undefined;

    // It is time for a probe, but not for this one.
    expect(await world.deliver(word(2))).toMatchObject({ outcome: 'parked' });
    await world.live(10 * MINUTE_MS);

    expect(toldIn(world)).toEqual(['call-1-1', 'call-1-1', 'call-1-2']);
  });

  it('does not wait for one that needs a person, nor for a still later one', async () => {
    const world = deliveryWorld();
    world.troubles.push(new PermanentError('too_long', 'Shorten it.'), unreachable());
    await world.deliver(word(1));
    await world.deliver(word(3));

    expect(await world.deliver(word(2))).toMatchObject({ outcome: 'delivered' });
  });

  it.each<Partial<Delivery>>([
    { state: 'waiting', dueAt: addMs(START, 5 * SECOND_MS).toISOString() },
    { state: 'sending', leaseUntil: addMs(START, MINUTE_MS).toISOString() },
  ])(
    'does not wait for ever for one whose message lies among the dead letters: $state',
    async (dead) => {
      const world = deliveryWorld();
      world.troubles.push(unreachable());
      await world.deliver(word(1));
      world.queued.splice(0);
      await world.deps.store.save({ ...(await world.row(word(1))), ...dead }, START);

      expect(await world.deliver(word(2))).toMatchObject({ outcome: 'waiting' });
      await world.live(2 * HOUR_MS);

      expect(await world.row(word(2))).toMatchObject({ state: 'delivered' });
    },
  );

  it('does not wait for words about other calls', async () => {
    const world = deliveryWorld();
    world.troubles.push(unreachable());
    await world.deliver(word(1));

    expect(await world.deliver(word(2, 'call-2'))).toMatchObject({ outcome: 'delivered' });
  });
});

describe('the first word about a call', () => {
  it('costs no look at what else there is', async () => {
    const world = deliveryWorld();
    let looks = 0;
    world.deps.store.ofSubject = async () => {
      looks += 1;
      return [];
    };

    await world.deliver(word(1));
    expect(looks).toBe(0);
    await world.deliver(word(2));
    expect(looks).toBe(1);
  });
});
