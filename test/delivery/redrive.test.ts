import { describe, expect, it } from 'vitest';
import { attentionTo } from '../../lib/delivery/attention.ts';
import { type RedriveOrder, redriveDeliveries } from '../../lib/delivery/redrive.ts';
import { PermanentError, TransientError } from '../../lib/errors.ts';
import { addMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { deliveryWorld, START } from './delivery-world.ts';

const refused = () => new PermanentError('too_long', 'Shorten it.');

type World = ReturnType<typeof deliveryWorld>;

const redriveIn = (world: World, order: Partial<RedriveOrder> = {}) =>
  redriveDeliveries(
    { destinations: [{ id: 'ops', kind: 'chat' }], states: ['parked', 'failed'], ...order },
    {
      ...world.deps,
      lists: world.lists,
      queueOf: (kind) => (kind === 'chat' ? world.deps.queue : undefined),
      progress: () => undefined,
      sleep: async (ms) => world.live(ms),
    },
  );

/** Each is asked for a minute after the one before, and refused. */
async function refusedWorld(ids: readonly string[]): Promise<World> {
  const world = deliveryWorld();
  world.down = refused;
  for (const id of ids) {
    await world.deliver(world.messageOf(id));
    world.elapse(MINUTE_MS);
  }
  world.down = undefined;
  world.sent.splice(0);
  return world;
}
const toldIn = (world: World) => world.sent.map(({ eventId }) => eventId);

describe('what stands still', () => {
  it('is sent again in the order in which it happened, and once however often that is asked', async () => {
    const world = await refusedWorld(['a', 'b', 'c']);

    expect(await redriveIn(world)).toEqual({ found: 3, redriven: 3, taken: 0, withoutEvent: 0 });
    expect(await redriveIn(world)).toMatchObject({ found: 0 });
    await world.live(HOUR_MS);

    expect(toldIn(world)).toEqual(['a', 'b', 'c']);
    expect(await world.row(world.messageOf('a'))).toMatchObject({
      state: 'delivered',
      log: [{ reason: 'too_long' }, { reason: 'redriven' }],
    });
    expect(await redriveIn(world)).toMatchObject({ found: 0 });
  });

  it.each<[string, Partial<RedriveOrder>, string[]]>([
    ['of one event', { eventId: 'b' }, ['b']],
    ['asked for since then', { since: addMs(START, MINUTE_MS) }, ['b', 'c']],
    ['asked for until then', { until: addMs(START, MINUTE_MS) }, ['a']],
    ['in other states', { states: ['failed', 'uncertain'] }, []],
    ['of a kind that has no queue here', { destinations: [{ id: 'ops', kind: 'fax' }] }, []],
  ])('can be narrowed down: %s', async (_case, order, expected) => {
    const world = await refusedWorld(['a', 'b', 'c']);

    await redriveIn(world, order);
    await world.live(HOUR_MS);

    expect(toldIn(world)).toEqual(expected);
  });

  it('begins its schedule anew when it had failed', async () => {
    const world = deliveryWorld();
    world.down = () => new TransientError('busy', { reason: 'record_locked' });
    await world.deliver();
    await world.drain();
    expect(await world.row()).toMatchObject({ state: 'failed', failures: 11 });

    await redriveIn(world);
    await world.live(8 * SECOND_MS);

    expect(await world.row()).toMatchObject({ state: 'waiting', failures: 1 });
  });

  it('ends a breaker at once when its destination is well again, the first delivery ahead of the others', async () => {
    const world = deliveryWorld();
    world.down = () => new PermanentError('gone', 'Look.', { scope: 'destination' });
    const ids = Array.from({ length: 25 }, (_, index) => `evt-${index}`);
    for (const id of ids) await world.deliver(world.messageOf(id));
    await world.live(HOUR_MS);
    world.down = undefined;
    world.sent.splice(0);

    await redriveIn(world);
    await world.live(30 * SECOND_MS);

    expect(toldIn(world).toSorted()).toEqual(ids.toSorted());
  });

  it('goes out ten a second, and the rest when those are gone', async () => {
    const ids = Array.from({ length: 700 }, (_, index) => `evt-${index}`);
    const world = await refusedWorld(ids);
    const before = world.deps.now().getTime() - START.getTime();

    await redriveIn(world);
    await world.live(HOUR_MS);

    const seconds = Map.groupBy(world.sent, ({ atMs }) => Math.floor((atMs - before) / SECOND_MS));
    expect(world.sent).toHaveLength(700);
    expect(Math.max(...[...seconds.values()].map((sent) => sent.length))).toBeLessThanOrEqual(10);
  });

  it('is looked for first where it may have arrived', async () => {
    const world = deliveryWorld();
    world.troubles.push(new TransientError('no answer', { maybeDone: true }));
    world.deps.sender.find = async () => ({ state: 'unknown', reason: 'no_scope', fix: 'Look.' });
    await world.deliver();
    await world.drain();
    expect(await world.row()).toMatchObject({ state: 'uncertain' });
    world.deps.sender.find = async () => ({ state: 'arrived', receipt: { ts: '7' } });

    await redriveIn(world, { states: ['uncertain'] });
    await world.live(MINUTE_MS);

    expect(world.sent).toHaveLength(1);
    expect(await world.row()).toMatchObject({ state: 'delivered', receipt: { ts: '7' } });
  });
});

describe('attention', () => {
  it('is called for what stands still, by destination, state and reason, the oldest first', async () => {
    const world = await refusedWorld(['a', 'b']);
    world.down = () => new PermanentError('gone', 'Look.', { scope: 'destination' });
    await world.deliver(world.messageOf('c'));
    world.down = undefined;

    const rows = [...world.deps.store.rows.values()];
    expect(attentionTo(rows, world.deps.now())).toEqual([
      {
        ...{ destination: 'ops', state: 'parked', reason: 'too_long', fix: 'Shorten it.' },
        ...{ resumesByItself: false, count: 2, since: START.toISOString(), events: ['a', 'b'] },
      },
      {
        ...{ destination: 'ops', state: 'parked', reason: 'gone', fix: 'Look.' },
        ...{ resumesByItself: true, count: 1, since: addMs(START, 2 * MINUTE_MS).toISOString() },
        events: ['c'],
      },
    ]);
  });

  it('is called for what waits for a message that is lost, and not for what only waits', async () => {
    const world = deliveryWorld();
    world.troubles.push(new TransientError('no answer'));
    await world.deliver();
    const rows = () => [...world.deps.store.rows.values()];

    expect(attentionTo(rows(), world.deps.now())).toEqual([]);
    expect(attentionTo(rows(), addMs(START, 21 * MINUTE_MS))).toMatchObject([
      { state: 'overdue', reason: 'unreachable', count: 1, resumesByItself: false },
    ]);
  });
});
