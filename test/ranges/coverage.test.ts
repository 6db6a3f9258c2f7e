import { describe, expect, it } from 'vitest';
import type { Route } from '../../lib/config/settings.ts';
import { type Delivery, type DeliveryKey, keyOf } from '../../lib/delivery/delivery.ts';
import type { DatedRouting } from '../../lib/proof/owed.ts';
import type { RangeDeps } from '../../lib/ranges/ports.ts';
import { coverageOf } from '../../lib/ranges/range-job.ts';
import { rangeWorld } from '../support/range-world.ts';

const HOUR = 3_600;
const route = (to: string[], when: Route['when'] = {}): Route => ({
  ...{ id: to.join('-'), when, to },
  continue: true,
});

const nameOf = ({ subject, destination, eventId }: DeliveryKey) =>
  JSON.stringify([subject, destination, eventId]);

/** A swept connection whose calls go to `ops` and `crm`, and what has come of their deliveries. */
function coverageWorld() {
  const world = rangeWorld();
  const rows = new Map<string, Delivery['state']>();
  const asked: DeliveryKey[][] = [];
  const routing: { -readonly [Key in keyof DatedRouting]: DatedRouting[Key] } = {
    routes: [route(['ops']), route(['crm'])],
    kinds: new Map([
      ['ops', 'slack'],
      ['crm', 'hubspot'],
    ]),
    silences: [],
    fallbacks: new Map(),
    routesSince: null,
  };
  const proving = (deps: RangeDeps): RangeDeps => ({
    ...deps,
    routing: async () => routing,
    deliveries: async (keys) => {
      asked.push([...keys]);
      return keys.flatMap((key) => {
        const state = rows.get(nameOf(key));
        return state ? [{ ...key, state }] : [];
      });
    },
  });
  const settle = (destination: string, state: Delivery['state'], ...calls: string[]) => {
    for (const event of world.calls.announced()) {
      if (!('call' in event) || !calls.includes(event.call.id)) continue;
      rows.set(nameOf(keyOf({ event, destination, heldMs: 0 })), state);
    }
  };
  return {
    ...world,
    routing,
    asked,
    settle,
    /** Everybody was told of these calls. */
    deliver: (...calls: string[]) => {
      settle('ops', 'delivered', ...calls);
      settle('crm', 'delivered', ...calls);
    },
    seeCalls: async (...ids: string[]) => {
      for (const id of ids) world.server.put(id, { status: 'FAILED' });
      await world.poll();
      world.pass(HOUR);
    },
    sweep: async (job = '2026-11-20', change: (deps: RangeDeps) => RangeDeps = (deps) => deps) => {
      world.enqueue({ connection: 'clinic', kind: 'daily', job, step: 0 });
      await world.work((deps) => change(proving(deps)));
      return coverageOf(world.job('daily'))?.proof;
    },
    eventOf: (call: string) =>
      world.calls.announced().find((event) => 'call' in event && event.call.id === call)?.id,
  };
}

describe('the coverage that a sweep proves', () => {
  it('is whole where everybody has a receipt of each listed call', async () => {
    const world = coverageWorld();
    await world.seeCalls('a', 'b');
    world.deliver('a', 'b');

    expect(await world.sweep()).toMatchObject({ told: 2, lost: 0, names: [], isPartial: false });
    expect(world.counted).toEqual([]);
  });

  it('names a call that nobody was told of, and one that somebody was not', async () => {
    const world = coverageWorld();
    await world.seeCalls('told', 'unheard', 'half');
    world.deliver('told');
    world.settle('ops', 'delivered', 'half');

    expect(await world.sweep()).toMatchObject({
      told: 1,
      lost: 2,
      names: [
        {
          ...{ connection: 'clinic', call: 'half', hop: 'delivered' },
          ...{ event: world.eventOf('half'), destinations: ['crm'] },
        },
        {
          ...{ connection: 'clinic', call: 'unheard', hop: 'announced' },
          ...{ event: world.eventOf('unheard'), destinations: ['ops', 'crm'] },
        },
      ],
    });
    expect(world.counted).toEqual([['CallsLost', 2]]);
    expect(world.logged).toContainEqual([
      'warn',
      'a listed call is lost',
      {
        ...{ connection: 'clinic', callId: 'half', reason: 'not_delivered' },
        ...{ eventId: world.eventOf('half'), destination: 'crm' },
      },
    ]);
  });

  it('names a listed call that could not be recorded', async () => {
    const world = coverageWorld();
    await world.seeCalls('a');
    world.deliver('a');
    world.server.put('broken', { status: 'FAILED' });
    const proof = await world.sweep('2026-11-20', (deps) => ({
      ...deps,
      calls: {
        ...deps.calls,
        write: async (next) => {
          if (next.call.id === 'broken') throw new Error('too large');
          return deps.calls.write(next);
        },
      },
    }));

    expect(proof).toMatchObject({
      told: 1,
      lost: 1,
      names: [{ connection: 'clinic', call: 'broken', hop: 'stored' }],
    });
  });

  it.each(['waiting', 'parked', 'sending', 'failed', 'uncertain'] as const)(
    'takes a delivery that is %s for one that waits, and not for a loss',
    async (state) => {
      const world = coverageWorld();
      await world.seeCalls('a');
      world.deliver('a');
      world.settle('crm', state, 'a');

      expect(await world.sweep()).toMatchObject({ waiting: 1, told: 0, lost: 0 });
    },
  );

  it('gives a call that was recorded a moment ago the time to arrive', async () => {
    const world = coverageWorld();
    await world.seeCalls('a');
    world.deliver('a');
    world.server.put('now', { status: 'FAILED' });

    expect(await world.sweep()).toMatchObject({ told: 1, waiting: 1, lost: 0 });
  });

  it.each([
    ['then', 0, HOUR, { told: 1, lost: 0 }],
    ['before', -HOUR, -60, { told: 0, lost: 1 }],
    ['only later', HOUR, 2 * HOUR, { told: 0, lost: 1 }],
  ])('knows of silences, here of one that was in force %s', async (_when, from, until, found) => {
    const world = coverageWorld();
    const at = (seconds: number) => world.ago(-seconds);
    world.routing.silences = [
      {
        ...{ id: 'works', when: {}, to: ['ops', 'crm'], author: 'Rana', comment: 'They move' },
        ...{ createdAt: at(from), until: at(until) },
      },
    ];
    await world.seeCalls('a');

    expect(await world.sweep()).toMatchObject(found);
  });

  it('judges nothing by routes that are newer', async () => {
    const world = coverageWorld();
    await world.seeCalls('a');
    world.routing.routesSince = world.ago(60);

    expect(await world.sweep()).toMatchObject({ unjudged: 1, lost: 0 });
  });

  it('judges the outcome of a call that changed since, but by a route that asks for what changed', async () => {
    const world = coverageWorld();
    await world.seeCalls('a');
    world.server.put('a', { duration: 90 });
    await world.sweep();
    world.pass(HOUR);

    expect(await world.sweep('2026-11-21')).toMatchObject({
      lost: 1,
      names: [{ call: 'a', event: world.eventOf('a') }],
    });
    world.routing.routes = [route(['ops'], { durationSeconds: { gt: 60 } })];
    expect(await world.sweep('2026-11-22')).toMatchObject({ lost: 0, unjudged: 1 });
  });

  it('asks of a call that was open for too long whether that was told, until it is over', async () => {
    const world = coverageWorld();
    world.server.put('a', { status: 'IN_PROGRESS' });
    await world.poll();
    world.pass(25 * HOUR);
    await world.poll();
    world.pass(HOUR);
    expect(world.told()).toEqual(['call.stale a']);
    expect(await world.sweep()).toMatchObject({ lost: 1, names: [{ hop: 'announced' }] });

    world.server.put('a', { status: 'FAILED' });
    await world.sweep('2026-11-21');
    world.settle('ops', 'delivered', 'a');
    world.settle('crm', 'delivered', 'a');
    world.pass(HOUR);
    expect(await world.sweep('2026-11-22')).toMatchObject({ told: 1, unjudged: 0 });
  });

  it('asks for no receipt that the sweep before it has seen', async () => {
    const world = coverageWorld();
    await world.seeCalls('a', 'b');
    world.deliver('a', 'b');
    await world.sweep();
    world.pass(20 * HOUR);
    await world.seeCalls('c');
    world.deliver('c');
    world.pass(3 * HOUR);

    expect(await world.sweep('2026-11-21')).toMatchObject({ told: 3, lost: 0 });
    expect(world.asked.map((keys) => keys.length)).toEqual([4, 2]);
  });

  it('asks for all of them again where one was missing, until there is none', async () => {
    const world = coverageWorld();
    await world.seeCalls('a', 'b');
    world.deliver('a');
    await world.sweep();
    world.deliver('b');
    world.pass(24 * HOUR);
    await world.sweep('2026-11-21');

    expect(world.asked.map((keys) => keys.length)).toEqual([4, 4]);
    expect(coverageOf(world.job('daily'))?.proof).toMatchObject({ told: 2, lost: 0 });
  });

  it('is left open, and taken up by the next sweep, where receipts cannot be read', async () => {
    const world = coverageWorld();
    await world.seeCalls('a');
    const proof = await world.sweep('2026-11-20', (deps) => ({
      ...deps,
      deliveries: async () => {
        throw new Error('throttled');
      },
    }));
    expect(proof).toMatchObject({ unjudged: 1, lost: 0, isPartial: true });
    world.pass(24 * HOUR);

    expect(await world.sweep('2026-11-21')).toMatchObject({ lost: 1, isPartial: false });
  });

  it('is that of the sweep before while another is under way, and none of a backfill', async () => {
    const world = coverageWorld();
    await world.seeCalls('a');
    await world.sweep();
    const job = world.job('daily');
    const proven = coverageOf(job);

    expect(proven).toMatchObject({ listed: 1, proof: { lost: 1 } });
    expect(coverageOf({ ...job, state: 'running', before: proven ?? null })).toEqual(proven);
    expect(coverageOf({ ...job, kind: 'backfill' })).toBeUndefined();
  });
});
