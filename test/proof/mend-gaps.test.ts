import { describe, expect, it } from 'vitest';
import { mendWorld } from '../support/mend-world.ts';

describe('a look for gaps', () => {
  it('finds no fault with calls whose deliveries arrived, wait, are parked or were silenced', async () => {
    const world = mendWorld();
    for (const id of ['arrived', 'waits', 'parked']) await world.fails(id);
    world.settle('crm', 'waits', 'waiting');
    world.settle('ops', 'parked', 'parked');
    world.routing.silences = [
      {
        ...{ id: 'works', when: {}, to: ['ops', 'crm'], author: 'Rana', comment: 'They move' },
        ...{ createdAt: world.ago(1), until: world.ago(-5) },
      },
    ];
    await world.fails('silenced');
    const before = [...world.told];
    world.pass(60);
    await world.mend();

    expect(world.counted).toEqual([]);
    expect(world.notices()).toEqual([]);
    expect(world.told).toEqual(before);
    expect(world.memory()).toMatchObject({ again: [], failing: {} });
  });

  it('finds a call whose announcement was lost, names it, and has it told, once', async () => {
    const world = mendWorld();
    await world.fails('a');
    await world.failsUnheard('lost');
    world.pass(60);
    await world.mend();

    expect(world.counted).toEqual([['GapsFound', 1]]);
    expect(world.logged).toContainEqual([
      'warn',
      'a gap',
      {
        ...{ connection: 'clinic', callId: 'lost', destination: 'ops,crm' },
        eventId: world.announced.at(-1)?.id,
      },
    ]);
    expect(world.told).toEqual(['ops a', 'crm a', 'ops lost', 'crm lost']);

    world.pass(30);
    await world.mend();
    expect(world.told).toHaveLength(4);
    expect(world.counted).toHaveLength(1);
  });

  it('tells only whom nobody told: who has a receipt is not told twice', async () => {
    const world = mendWorld();
    world.losing.add('crm');
    await world.fails('half');
    world.losing.clear();
    world.pass(60);
    await world.mend();

    expect(world.told).toEqual(['ops half', 'crm half']);
  });

  it('has people told once of a destination, whatever else is lost there, and once that it lacks nothing', async () => {
    const world = mendWorld();
    world.losing.add('crm');
    await world.fails('a');
    world.pass(50);
    await world.mend();
    await world.fails('b');
    world.pass(60);
    await world.mend();
    expect(world.counted).toEqual([
      ['GapsFound', 1],
      ['GapsFound', 2],
    ]);
    expect(world.notices()).toEqual(['delivery.failing crm receipts_missing']);

    world.losing.clear();
    for (let half = 0; half < 3; half += 1) {
      world.pass(30);
      await world.mend();
    }
    expect(world.notices()).toEqual([
      'delivery.failing crm receipts_missing',
      'delivery.recovered crm receipts_missing',
    ]);
    expect(world.asked.notices).toBe(2);
    expect(world.told).toEqual(['ops a', 'ops b', 'crm a', 'crm b']);
  });

  it('announces what stays lost three times, and leaves it to people and sweeps after a day', async () => {
    const world = mendWorld();
    world.losing.add('ops').add('crm');
    await world.fails('a');
    world.pass(50);
    const before = world.announced.length;
    for (let half = 0; half < 60; half += 1) {
      await world.mend();
      world.pass(30);
    }

    expect(world.announced.length - before).toBe(3);
    expect(world.counted.length).toBeGreaterThan(40);
    expect(world.counted.length).toBeLessThan(50);
    expect(world.memory()?.again).toEqual([]);
    // Nobody looks any more, which is no recovery.
    expect(world.notices()).toEqual([
      'delivery.failing ops receipts_missing',
      'delivery.failing crm receipts_missing',
    ]);
  });

  it('says of no recovery where routes have changed since, so that nobody can say what is lacking', async () => {
    const world = mendWorld();
    world.losing.add('crm');
    await world.fails('a');
    world.pass(50);
    await world.mend();
    world.routing.routesSince = world.now().toISOString();
    world.pass(30);
    await world.mend();
    world.pass(30);
    await world.mend();

    expect(world.notices()).toEqual(['delivery.failing crm receipts_missing']);
  });

  it('announces a hundred at a time: what only waits in a queue that stands still is not to be doubled', async () => {
    const world = mendWorld();
    for (let call = 0; call < 130; call += 1) await world.failsUnheard(`c${call}`);
    world.pass(60);
    await world.mend();

    expect(world.counted).toEqual([['GapsFound', 130]]);
    expect(world.announced).toHaveLength(100);
    world.pass(30);
    await world.mend();
    expect(world.announced).toHaveLength(130);
  });

  it('looks at each call once, and at one that goes on until it is over', async () => {
    const world = mendWorld();
    await world.begins('long');
    await world.fails('short');
    for (let half = 0; half < 4; half += 1) {
      world.pass(30);
      await world.mend();
    }
    expect(world.memory()?.again).toMatchObject([{ id: 'long', tries: 0 }]);
    const { deliveries } = world.read;
    expect(deliveries).toBe(2);

    await world.failsUnheard('long');
    world.pass(30);
    await world.mend();
    expect(world.told.slice(-2)).toEqual(['ops long', 'crm long']);
    world.pass(30);
    await world.mend();
    expect(world.memory()?.again).toEqual([]);
    expect(world.read.deliveries).toBe(6);
  });

  it('reads no calls of a connection where nothing has changed', async () => {
    const world = mendWorld();
    await world.fails('a');
    world.pass(24 * 60);
    await world.mend();

    expect(world.read).toEqual({ ranges: 0, calls: 0, deliveries: 0 });
  });

  it('makes up for looks that were left out, and does one once where it is asked for twice', async () => {
    const world = mendWorld();
    await world.mend();
    world.losing.add('crm');
    await world.failsUnheard('a');
    world.pass(30);
    await world.failsUnheard('b');
    world.pass(120);
    world.losing.delete('crm');
    await world.fails('c');
    world.losing.add('crm');
    world.pass(1);
    await world.mend();
    await world.mend();

    expect(world.counted).toEqual([['GapsFound', 2]]);
  });

  it('tells the same once more to nobody when it dies before it remembers so', async () => {
    const world = mendWorld();
    world.losing.add('crm');
    const first = world.now().toISOString();
    await world.fails('a');
    world.pass(5);
    await world.fails('b');
    world.pass(60);
    const dying = async () => {
      throw new Error('stopped');
    };
    await expect(world.mend({ save: dying })).rejects.toThrow('stopped');
    world.pass(30);
    await world.mend();

    expect(world.notices()).toEqual(['delivery.failing crm receipts_missing']);
    expect(world.failingSince()).toEqual([first]);
  });
});
