import { describe, expect, it } from 'vitest';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { beginSweep } from '../../lib/ranges/begin-sweep.ts';
import { MAX_NAMED } from '../../lib/ranges/missed-calls.ts';
import { type RangeWorld, rangeWorld } from '../support/range-world.ts';

const HOUR = 3_600;

const begin = (world: RangeWorld) =>
  beginSweep('daily', world.settings, hamsa, {
    ...world,
    send: async (message) => world.enqueue(message),
  });

describe('a sweep that somebody asks for', () => {
  it('is there at once, finds what polls had missed, and names it', async () => {
    const world = rangeWorld();
    await world.poll();
    world.pass(30 * HOUR);
    world.server.put('late', { createdAt: world.ago(20 * HOUR), status: 'FAILED' });

    const { job, isResumed } = await begin(world);

    expect(isResumed).toBe(false);
    expect(world.job('daily')).toEqual(job);
    await world.work();
    expect(world.told()).toEqual(['call.failed late']);
    expect(world.job('daily')).toMatchObject({ id: job.id, state: 'done', missed: ['late'] });
  });

  it('names changes too, and no more calls than a few', async () => {
    const world = rangeWorld();
    world.server.put('changed', { status: 'COMPLETED', duration: 1 });
    await world.poll();
    world.pass(30 * HOUR);
    await world.poll();
    world.server.put('changed', { duration: 90 });
    for (let call = 0; call < 2 * MAX_NAMED; call += 1) {
      world.server.put(`c${call}`, { createdAt: world.ago(20 * HOUR), status: 'FAILED' });
    }
    await begin(world);
    await world.work();

    const { missed, counts } = world.job('daily');
    expect(counts).toMatchObject({ missedFinal: 2 * MAX_NAMED, missedChange: 1 });
    expect(missed).toHaveLength(MAX_NAMED);
    expect(new Set(missed).size).toBe(MAX_NAMED);
  });

  it('goes on with the one that is under way', async () => {
    const world = rangeWorld();
    const { job } = await begin(world);
    const again = await begin(world);

    expect(again).toEqual({ job, isResumed: true });
    await world.work();
    expect(world.server.asked.filter(({ kind }) => kind === 'list')).toHaveLength(1);
  });

  it('stands for the one of its day, and not for that of the next', async () => {
    const world = rangeWorld();
    await begin(world);
    await world.work();
    const { to } = world.job('daily');
    world.pass(HOUR);

    world.enqueue({ connection: 'clinic', kind: 'daily', job: '2026-11-20', step: 0 });
    await world.work();
    expect(world.job('daily').to).toBe(to);
    world.pass(24 * HOUR);
    world.enqueue({ connection: 'clinic', kind: 'daily', job: '2026-11-21', step: 0 });
    await world.work();
    expect(world.job('daily')).toMatchObject({ id: '2026-11-21', state: 'done' });
  });
});
