import { describe, expect, it } from 'vitest';
import { pollAtOnce } from '../../lib/webhooks/poll-at-once.ts';
import { memoryHintWindows, webhookWorld } from '../support/webhook-world.ts';

/** Hints to one connection, from as many sandboxes as are wanted. */
function setup(written: Record<string, unknown> = {}) {
  const world = webhookWorld(written);
  const sandbox = () => pollAtOnce(world.deps);
  const { windows, ticks, target, pass, deps } = world;
  return {
    sandbox,
    deps,
    windows,
    ticks,
    target,
    pass,
    /** When each tick is to be polled, in seconds from noon. */
    due: () =>
      ticks.map(({ tick }) => (Date.parse(tick.dueAt) - Date.parse('2026-11-20T12:00Z')) / 1000),
  };
}

describe('hints', () => {
  it('have a connection polled at once, once more at the end of ten seconds, and else not', async () => {
    const { sandbox, target, pass, ticks, due } = setup();
    const hint = sandbox();
    for (let second = 0; second < 10; second += 1) {
      await hint(target);
      pass(1);
    }

    expect(due()).toEqual([0, 10]);
    expect(ticks.map(({ delaySeconds }) => delaySeconds)).toEqual([0, 9]);
    await hint(target);
    expect(due()).toEqual([0, 10, 10]);
  });

  it.each([
    ['first', 0],
    ['closing', 1],
  ])(
    'ask again for the %s poll of a window when it could not be asked for',
    async (_which, before) => {
      const { target, due, deps } = setup();
      let failures = 0;
      const hint = pollAtOnce({
        ...deps,
        sendTick: async (...tick) => {
          if (due().length === before && failures === 0) {
            failures += 1;
            throw new Error('The queue is busy');
          }
          await deps.sendTick(...tick);
        },
      });
      for (let times = 0; times < before; times += 1) await hint(target);

      await expect(hint(target)).rejects.toThrow('The queue is busy');
      expect(await hint(target)).toBe('polled');
      expect(due()).toHaveLength(before + 1);
    },
  );

  it('cost a read and a write at most, and in a flood nothing', async () => {
    const { sandbox, target, windows } = setup();
    const hint = sandbox();
    await hint(target);
    expect(windows.count).toEqual({ reads: 1, writes: 1 });
    await hint(target);
    expect(windows.count).toEqual({ reads: 2, writes: 2 });

    for (let times = 0; times < 100; times += 1) await hint(target);

    expect(windows.count).toEqual({ reads: 2, writes: 2 });
  });

  it('of many sandboxes at once are one poll and no more than one at the end', async () => {
    const { sandbox, target, due } = setup();
    const crowd = Array.from({ length: 20 }, sandbox);

    await Promise.all(crowd.map((hint) => hint(target)));
    await Promise.all(crowd.map((hint) => hint(target)));

    expect(due()).toEqual([0, 10]);
  });

  it('that come while another opens the window are covered by its poll, which comes after them', async () => {
    const { target, ticks } = setup();
    const windows = memoryHintWindows();
    const racing = {
      ...windows,
      read: async (connection: string) => {
        const before = await windows.read(connection);
        windows.windows.set(connection, {
          until: Date.parse('2026-11-20T12:00:10Z'),
          isClosing: false,
        });
        return before;
      },
    };
    const world = webhookWorld();

    expect(await pollAtOnce({ ...world.deps, windows: racing })(target)).toBe('awaited');
    expect(ticks).toEqual([]);
  });

  it('keep to a bound on the requests of a day', async () => {
    const { sandbox, target, pass, due } = setup({ maxRequestsPerDay: 1_440 });
    const hint = sandbox();
    for (let second = 0; second < 60; second += 5) {
      await hint(target);
      pass(5);
    }

    expect(due()).toEqual([0, 60]);
  });

  it('carry the settings of their connection, and are worth nothing a minute later', async () => {
    const { sandbox, target, ticks } = setup();
    await sandbox()(target);

    expect(ticks).toEqual([
      {
        tick: {
          dueAt: '2026-11-20T12:00:00.000Z',
          expiresAt: '2026-11-20T12:01:00.000Z',
          connections: [target.written],
          hinted: true,
        },
        delaySeconds: 0,
        group: 'shop',
      },
    ]);
  });
});
