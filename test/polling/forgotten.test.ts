import { describe, expect, it } from 'vitest';
import { forgottenVersion } from '../../lib/calls/forgotten.ts';
import { pollWorld } from '../support/poll-world.ts';

/** A call that was polled, and then forgotten. */
async function withForgotten() {
  const world = pollWorld();
  world.server.put('a', { status: 'COMPLETED', duration: 60 });
  await world.poll();
  const stored = world.calls.stored('clinic', 'a');
  if (!stored) throw new Error('It was not polled');
  await world.calls.write(forgottenVersion(stored.call, stored, world.now()));
  return { world, forgotten: world.calls.stored('clinic', 'a'), told: world.told() };
}

describe('a call that was forgotten', () => {
  it('is not brought back by polls that list it, nor said anything of', async () => {
    const { world, forgotten, told } = await withForgotten();
    for (const duration of [61, 62, 63]) {
      world.pass(600);
      world.server.put('a', { duration });
      await world.poll();
    }

    expect(world.calls.stored('clinic', 'a')).toEqual(forgotten);
    expect(world.told()).toEqual(told);
    expect(world.state()).toMatchObject({ open: [], enrich: [] });
  });

  it('costs polls nothing that see nothing new of it', async () => {
    const { world } = await withForgotten();
    for (const seconds of [600, 600]) {
      world.pass(seconds);
      await world.poll();
    }
    const before = { ...world.calls.count };
    world.pass(600);
    await world.poll();

    expect(world.calls.count).toEqual(before);
  });

  it('is not set aside again when its record cannot be read', async () => {
    const { world, told } = await withForgotten();
    world.pass(600);
    world.server.put('a', { duration: -1 });
    await world.poll();

    expect(world.quarantine.kept).toEqual([]);
    expect(world.told()).toEqual(told);
  });
});
