import { beforeEach, describe, expect, it } from 'vitest';
import { createPost } from '../../lib/destinations/webhook/post.ts';
import { createSender } from '../../lib/destinations/webhook/send.ts';
import { type ReceiverLookalike, startReceiver } from '../../lib/local/simulators/receiver.ts';
import { deliveryWorld } from './delivery-world.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const EVENTS = 60;
const ids = Array.from({ length: EVENTS }, (_, index) => `evt-${index}`);

/** A receiver's look-alike and the delivery engine on one clock that nobody waits for. */
describe('deliveries to a webhook', () => {
  let receiver: ReceiverLookalike;
  let world: ReturnType<typeof deliveryWorld>;
  let requests: number;

  beforeEach(async () => {
    world = deliveryWorld();
    receiver = await startReceiver({
      secret: SECRET,
      now: () => world.deps.now().getTime(),
      faults: { slowAnswerMs: 60_000 },
    });
    // The one wait that is not on the world's clock.
    const post = createPost({ timeoutMs: 100 });
    requests = 0;
    world.deps.sender = createSender((request) => {
      requests += 1;
      return post(request);
    }, world.deps.now);
    world.deps.secretOf = async () => SECRET;
    world.configured.set('ops', {
      ...{ id: 'ops', kind: 'webhook', url: receiver.hookUrl, secret: 'env:HOOK_SECRET' },
      ...{ allowLoopback: true, fallback: 'room' },
    });
    world.configured.set('room', { id: 'room', kind: 'chat' });
    return () => receiver.close();
  });

  const deliverAll = async () => {
    for (const id of ids) await world.deliver(world.messageOf(id));
    await world.drain();
  };

  it('arrive once each, whatever goes wrong on the way', async () => {
    Object.assign(receiver.faults, {
      tooManyRequests: 0.1,
      retryAfterSeconds: 2,
      errorBeforeCommit: 0.1,
      errorAfterCommit: 0.1,
      lostAnswer: 0.1,
      slowAnswer: 0.03,
    });

    await deliverAll();

    const received = receiver.received();
    expect(received.map(({ id }) => id).sort()).toEqual(ids.toSorted());
    expect(received.some(({ repeats }) => repeats > 0)).toBe(true);
    expect(receiver.violations()).toEqual([]);
    for (const id of ids) {
      expect(await world.row(world.messageOf(id))).toMatchObject({
        state: 'delivered',
        receipt: { 'webhook-id': id },
      });
    }
  });

  it('all wait when one was told to', async () => {
    Object.assign(receiver.faults, { tooManyRequests: { times: 1 }, retryAfterSeconds: 30 });

    await deliverAll();

    expect(requests).toBe(EVENTS + 1);
    expect(receiver.received()).toHaveLength(EVENTS);
  });

  it('are sent again after a worker died, because a receiver knows a repeat', async () => {
    const message = world.messageOf();
    const { save } = world.deps.store;
    world.deps.store.save = async () => {
      throw new Error('killed');
    };
    await expect(world.deliver(message)).rejects.toThrow('killed');
    world.deps.store.save = save;

    world.elapse(61_000);
    await world.deliver(message);

    expect(receiver.received()).toMatchObject([{ id: 'evt-1', repeats: 1 }]);
    expect(await world.row(message)).toMatchObject({ state: 'delivered' });
  });

  it('end with the first 410, and a destination of another kind is told instead', async () => {
    receiver.faults.gone = 1;

    await world.deliver();

    expect(await world.row()).toMatchObject({
      ...{ state: 'parked', lastReason: 'gone', attempts: 1 },
      ...{ fallback: { destination: 'room' } },
    });
    expect(world.elsewhere).toMatchObject([{ destination: 'room', event: { id: 'evt-1' } }]);
  });
});
