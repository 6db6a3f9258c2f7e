import { describe, expect, it } from 'vitest';
import { sendCanary } from '../../lib/canary/send-canary.ts';
import { addMs, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { START } from '../delivery/delivery-world.ts';
import { canaryWorld } from '../support/canary-world.ts';

const SINCE = addMs(START, 15 * MINUTE_MS).toISOString();

describe('a canary', () => {
  it('goes the way of all calls to the null destination, whatever the routes say, and nowhere else', async () => {
    const { quarters, told, counted, notices } = canaryWorld();

    await quarters(4);

    expect(told).toEqual(Array.from({ length: 4 }, () => 'canary'));
    expect(counted).toEqual(Array.from({ length: 4 }, () => 'CanariesArrived'));
    expect(notices()).toEqual([]);
  });

  it('that does not arrive is told once, with all after it, and once more when they do again', async () => {
    const world = canaryWorld();
    await world.quarters(1);

    world.mapping.off = true;
    await world.quarters(4);
    expect(world.notices()).toEqual([['delivery.failing', 'canary_missing', SINCE]]);

    world.mapping.off = false;
    await world.quarters(3);
    expect(world.notices()).toEqual([
      ['delivery.failing', 'canary_missing', SINCE],
      ['delivery.recovered', 'canary_missing', SINCE],
    ]);
  });

  it('is missed as well where it is not even announced, and the next trouble is another', async () => {
    const world = canaryWorld();
    const { deps, notices, elapse } = world;
    const unheard = async () => {
      await sendCanary(deps.now(), { ...deps, write: async () => true });
      await world.flow();
      elapse(15 * MINUTE_MS);
    };

    await unheard();
    await world.quarters(2);
    await unheard();
    await world.quarters(2);

    expect(notices().map(([type]) => type)).toEqual([
      'delivery.failing',
      'delivery.recovered',
      'delivery.failing',
      'delivery.recovered',
    ]);
    expect(new Set(notices().map(([, , since]) => since)).size).toBe(2);
  });

  it('is told once though its function dies before it remembers so', async () => {
    const world = canaryWorld();
    world.mapping.off = true;
    await world.quarters(1);
    const dying = {
      ...world.deps,
      save: async () => {
        throw new Error('stopped');
      },
    };

    await expect(sendCanary(world.deps.now(), dying)).rejects.toThrow('stopped');
    world.elapse(15 * MINUTE_MS);
    await world.quarters(2);

    expect(world.notices()).toHaveLength(1);
  });

  it('is not looked for before it had time, nor after hours in which none was sent', async () => {
    const world = canaryWorld();
    world.mapping.off = true;
    await world.send();
    world.elapse(5 * MINUTE_MS);
    await world.send();
    world.elapse(3 * HOUR_MS);
    await world.send();

    expect(world.notices()).toEqual([]);
  });

  it('is sent once where the schedule calls twice, and judged once', async () => {
    const world = canaryWorld();
    world.mapping.off = true;
    const at = world.deps.now();
    await world.send(at);
    world.elapse(12 * MINUTE_MS);
    await world.send(at);

    expect(world.calls.count.writes).toBe(1);
    expect(world.notices()).toEqual([]);
  });
});
