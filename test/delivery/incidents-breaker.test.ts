import { describe, expect, it } from 'vitest';
import { afterTrouble } from '../../lib/delivery/breaker.ts';
import { type DeliveryMessage, keyOf } from '../../lib/delivery/delivery.ts';
import { redriveDeliveries } from '../../lib/delivery/redrive.ts';
import { defineDestination } from '../../lib/destinations/destination.ts';
import { PermanentError, TransientError } from '../../lib/errors.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { deliveryWorld } from './delivery-world.ts';
import { failedCall } from './events.ts';

const QUIET_MS = 15 * MINUTE_MS;

/** A world whose destination tells all failures of a call as one incident, and notes which events each request told. */
function incidentWorld() {
  const world = deliveryWorld();
  const told: string[] = [];
  const { definition, send } = world.deps.sender;
  const take = async (...said: readonly string[]) => {
    const trouble = world.troubles.shift() ?? world.down?.();
    if (trouble !== undefined) throw trouble;
    told.push(...said);
    return { ts: `${told.length}` };
  };
  Object.assign(world.deps.sender, {
    definition: defineDestination({
      ...definition,
      incidents: {
        of: () => ({ key: 'failed', ends: 'when-quiet' }),
        mostAtOnce: 50,
        quietMs: () => QUIET_MS,
        repeatMs: () => 60 * MINUTE_MS,
        hasThreads: () => true,
        amendPace: () => undefined,
      },
    }),
    send: async (outgoing: Parameters<typeof send>[0]) => take(outgoing.event.id),
    incidents: {
      reply: async ({ event, events }: { event: { id: string }; events: { id: string }[] }) =>
        events.length === 0 ? take(`end ${event.id}`) : take(...events.map(({ id }) => id)),
      amend: async () => undefined,
    },
    find: async ({ event }: { event: { id: string } }) =>
      told.includes(event.id) || told.includes(`end ${event.id}`)
        ? { state: 'arrived', receipt: { ts: '0' } }
        : { state: 'absent' },
  });
  let calls = 0;
  /** Another call fails now. */
  const fail = async (): Promise<DeliveryMessage> => {
    const id = `evt-${calls}`;
    const recordedAt = world.deps.now().toISOString();
    const event = { ...failedCall({ id: `call-${calls}` }), id, recordedAt };
    calls += 1;
    const message = { event, destination: 'ops', heldMs: 0 };
    await world.deliver(message);
    return message;
  };
  const failEvery = async (everyMs: number, forMs: number): Promise<void> => {
    for (let ms = 0; ms < forMs; ms += everyMs) {
      await fail();
      await world.live(everyMs);
    }
  };
  const allIds = () => Array.from({ length: calls }, (_, call) => `evt-${call}`).sort();
  const isEnd = (said: string) => said.startsWith('end ');
  const calledOut = () => told.filter((said) => !isEnd(said)).sort();
  const ends = () => told.filter(isEnd);
  return { world, told, fail, failEvery, allIds, calledOut, ends };
}

const unreachable = () => new TransientError('no answer');

describe('an incident whose destination fails', () => {
  it('is gone on with by the first probe after the destination is well, though more keeps coming', async () => {
    const { world, failEvery, allIds, calledOut } = incidentWorld();
    await failEvery(20 * SECOND_MS, MINUTE_MS);
    world.down = unreachable;
    await failEvery(20 * SECOND_MS, 20 * MINUTE_MS);
    expect((await world.breaker()).open).toBeDefined();
    world.down = undefined;

    // The probes are a quarter of an hour apart by now at most.
    await failEvery(20 * SECOND_MS, 16 * MINUTE_MS);

    expect((await world.breaker()).open).toBeUndefined();
    await world.live(5 * MINUTE_MS);
    expect(calledOut()).toEqual(allIds());
  });

  it('is begun anew by a probe while the delivery that was to begin it is parked', async () => {
    const { world, fail } = incidentWorld();
    world.troubles.push(unreachable());
    const first = await fail();
    const gone = { eventId: 'other', reason: 'gone', fix: 'Look.' };
    await world.deps.breakers.change('ops', (at) => afterTrouble(at, gone, world.deps.now()));
    world.elapse(5 * SECOND_MS);
    expect(await world.deliver(first)).toMatchObject({ outcome: 'parked' });
    world.elapse(30 * SECOND_MS);

    expect(await world.row(await fail())).toMatchObject({ state: 'delivered' });
  });

  it('opens its breaker though only one delivery at a time may send the first message', async () => {
    const { world, failEvery, allIds, calledOut } = incidentWorld();
    world.down = unreachable;
    await failEvery(10 * SECOND_MS, 5 * MINUTE_MS);

    expect((await world.breaker()).open).toBeDefined();
    expect(world.announced.map(({ type }) => type)).toEqual(['delivery.failing']);
    world.down = undefined;
    await world.live(20 * MINUTE_MS);
    expect(calledOut()).toEqual(allIds());
  });

  it('is said to be over once everybody was told, and nobody is told that as a failed call', async () => {
    const { world, told, fail, failEvery, allIds, calledOut, ends } = incidentWorld();
    await fail();
    await world.live(5 * SECOND_MS);
    await fail();
    await world.live(20 * SECOND_MS);
    world.down = unreachable;
    await failEvery(10 * SECOND_MS, 2 * MINUTE_MS);
    await world.live(30 * MINUTE_MS);
    world.down = undefined;

    await world.live(90 * MINUTE_MS);

    expect(calledOut()).toEqual(allIds());
    expect(ends()).toEqual(['end evt-0#recovered']);
    expect(told.at(-1)).toBe('end evt-0#recovered');
    expect(world.queued).toEqual([]);
  });

  it('is not called out as one more failed call by a redrive that comes when all is forgotten', async () => {
    const { world, fail, allIds, calledOut } = incidentWorld();
    await fail();
    await fail();
    await world.live(MINUTE_MS);
    world.troubles.push(new PermanentError('too_long', 'Shorten it.'));
    await world.live(3 * HOUR_MS);

    await redriveDeliveries(
      { destinations: [{ id: 'ops', kind: 'chat' }], states: ['parked'] },
      {
        ...world.deps,
        lists: world.lists,
        queueOf: () => world.deps.queue,
        progress: () => undefined,
      },
    );
    await world.live(MINUTE_MS);

    expect(calledOut()).toEqual(allIds());
  });
});

describe('an index of members that is late', () => {
  it('has no worker claim the delivery that it has in its hands', async () => {
    const { world, fail, allIds, calledOut } = incidentWorld();
    const { incidents, store } = world.deps;
    const { members } = incidents;
    const { claim } = store;
    const claimed: string[] = [];
    store.claim = async (request) => {
      claimed.push(`${request.key.eventId} ${request.lease}`);
      return claim(request);
    };
    await fail();
    const second = await fail();
    incidents.members = async (...args) => [...(await members(...args)), keyOf(second)];

    await world.live(MINUTE_MS);

    expect(calledOut()).toEqual(allIds());
    expect(claimed).toEqual([...new Set(claimed)]);
  });
});
