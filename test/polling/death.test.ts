import { describe, expect, it } from 'vitest';
import { type Death, mortal } from '../support/mortal.ts';
import { type PollWorld, pollWorld } from '../support/poll-world.ts';
import { refusedKey, serverError } from '../support/scripted-hamsa.ts';

const FULL = { mediaUrl: 'https://a.example/1.mp3', callAnalysis: { sentiment: 'good' } };

/** What the provider does, minute by minute: everything that a poll can come across. */
const minutes: ((world: PollWorld) => void)[] = [
  ({ server }) => {
    server.put('short', { status: 'COMPLETED', duration: 35 });
    server.put('long', {});
    server.put('bad', { duration: 'long' });
    server.put('odd', { status: 'ARCHIVED' });
    server.details.set('long', FULL);
  },
  ({ server }) => {
    server.put('failed', { status: 'NO_ANSWER' });
    server.details.set('short', FULL);
  },
  // Three hours on, the look-back does not reach `long` any more.
  (world) => world.pass(3 * 3600),
  ({ server }) => {
    server.put('long', { status: 'COMPLETED', duration: 10_000 });
    server.put('flipped', { status: 'FAILED' });
  },
  ({ server }) => server.put('flipped', { status: 'COMPLETED' }),
  ({ server }) => {
    server.script.instead = refusedKey;
  },
  (world) => world.pass(3600),
  (world) => world.pass(3600),
  ({ server }) => {
    server.script.instead = () => undefined;
  },
  (world) => world.pass(7200),
  // Until `odd`, which never ends, is stale.
  (world) => world.pass(86_400),
  (world) => world.pass(60),
];

/** Lives through all of it; the poll of one minute dies where it is told to. */
async function live(dyingMinute?: number, death?: Death) {
  const world = pollWorld();
  let calls = 0;
  for (const [minute, happens] of minutes.entries()) {
    happens(world);
    const process = mortal(world.deps, minute === dyingMinute ? death : undefined);
    await world.poll(process.deps).catch((error: Error) => {
      if (error.message !== 'dead') throw error;
    });
    if (minute === dyingMinute) calls = process.calls();
    world.pass(60);
    // After a death the next tick comes soon, after a failed poll its back-off has to pass.
    await world.poll();
    world.pass(60);
    await world.poll();
    world.pass(900);
  }
  return { world, calls };
}

/** What must be told whatever happens; updates are folded into what they update. */
const facts = (world: PollWorld) =>
  new Set(
    world
      .announced()
      .filter(({ type }) => type !== 'call.updated' && !type.startsWith('connection.'))
      .map(({ id }) => id),
  );

describe('a poll that dies', () => {
  it('is a life worth living through', async () => {
    const { world } = await live();

    expect(world.told().toSorted()).toEqual([
      'call.completed flipped',
      'call.completed long',
      'call.completed short',
      'call.failed failed',
      'call.failed flipped',
      'call.stale odd',
      'call.updated short',
      'connection.failing key_refused',
      'connection.recovered key_refused',
      'provider.drifted drifted',
      'provider.drifted drifted',
    ]);
  });

  it.each(minutes.keys().toArray())(
    'at any call to the outside in minute %d loses nothing and tells nothing twice',
    async (minute) => {
      const expected = facts((await live()).world);
      const { calls } = await live(minute, { at: Number.POSITIVE_INFINITY, afterwards: false });
      for (let at = 1; at <= calls; at += 1) {
        for (const afterwards of [false, true]) {
          const { world } = await live(minute, { at, afterwards });
          const ids = world.announced().map(({ id }) => id);

          expect([...facts(world)].toSorted(), JSON.stringify({ at, afterwards })).toEqual(
            [...expected].toSorted(),
          );
          expect(new Set(ids).size).toBe(ids.length);
          expect(world.state().failure).toBeNull();
          expect(world.state().open).toEqual([]);
          expect(world.state().enrich).toEqual([]);
        }
      }
    },
  );

  it('leaves the end of trouble to be told by the next one', async () => {
    for (let at = 1; at <= 12; at += 1) {
      const world = pollWorld();
      world.server.script.instead = serverError;
      for (let poll = 0; poll < 5; poll += 1) {
        await world.poll();
        world.pass(1200);
      }
      world.server.script.instead = () => undefined;
      await world.poll(mortal(world.deps, { at, afterwards: true }).deps).catch(() => undefined);
      world.pass(1200);
      await world.poll();

      expect(world.told()).toEqual([
        'connection.failing provider_error',
        'connection.recovered provider_error',
      ]);
    }
  });

  it('leaves nobody who was told of trouble without its end, though all is well at the next one', async () => {
    for (let at = 1; at <= 12; at += 1) {
      for (const afterwards of [true, false]) {
        const world = pollWorld();
        world.server.script.instead = serverError;
        for (let poll = 0; poll < 2; poll += 1) {
          await world.poll();
          world.pass(1200);
        }
        // The third one is news.
        await world.poll(mortal(world.deps, { at, afterwards }).deps).catch(() => undefined);
        world.pass(1200);
        world.server.script.instead = () => undefined;
        await world.poll();

        expect([
          [],
          ['connection.failing provider_error', 'connection.recovered provider_error'],
        ]).toContainEqual(world.told());
      }
    }
  });
});

describe('two polls of one connection at once', () => {
  /** Holds the answers of one poll back until the other is done. */
  async function overlap(world: PollWorld, meanwhile: () => Promise<unknown>) {
    let isFirst = true;
    return world.poll({
      http: async (request) => {
        const answer = await world.server.http(request);
        if (isFirst) {
          isFirst = false;
          await meanwhile();
        }
        return answer;
      },
    });
  }

  it('tell of each call once, and forget no open one', async () => {
    const world = pollWorld();
    world.server.put('done', { status: 'FAILED' });
    world.server.put('a', {});
    await overlap(world, async () => {
      world.pass(1);
      world.server.put('b', {});
      await world.poll();
    });

    expect(world.told()).toEqual(['call.failed done']);
    expect(
      world
        .state()
        .open.map(({ id }) => id)
        .toSorted(),
    ).toEqual(['a', 'b']);
  });

  it('leave a call that one of them saw end, and overtook, to be looked at again', async () => {
    const world = pollWorld();
    world.server.put('a', {});
    const ended = { id: 'a', createdAt: world.ago(0), status: 'FAILED' };
    let isFirst = true;
    // The first poll asked before the second, and was answered with what happened after.
    await world.poll({
      http: async (request) => {
        const answer = await world.server.http(request);
        if (!isFirst) return answer;
        isFirst = false;
        world.pass(1);
        await world.poll();
        return {
          ...answer,
          body: { success: true, data: { total: 1, filtered: 1, calls: [ended] } },
        };
      },
    });
    world.server.put('a', ended);
    world.pass(60);
    await world.poll();

    expect(world.told()).toEqual(['call.failed a']);
  });

  it('leave the watermark at the later of theirs', async () => {
    const world = pollWorld({ firstRun: 'baseline' });
    await overlap(world, async () => {
      world.pass(3600);
      await world.poll();
    });

    expect(world.state().watermark).toBe(world.ago(3_600));
  });

  it('tell of the end of trouble, though one of them does not know that people were told of it', async () => {
    const world = pollWorld();
    world.server.script.instead = serverError;
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    await world.poll();
    world.pass(1200);
    const slow = world.poll({
      http: async () => {
        await held;
        throw serverError();
      },
    });
    for (let poll = 0; poll < 2; poll += 1) {
      await world.poll();
      world.pass(1200);
    }
    release();
    await slow;
    world.pass(1200);
    world.server.script.instead = () => undefined;
    await world.poll();

    expect(world.told()).toEqual([
      'connection.failing provider_error',
      'connection.recovered provider_error',
    ]);
  });

  it('do not ask before the time that one of them was told', async () => {
    const world = pollWorld();
    await world.poll();
    const wait = new Date(world.now().getTime() + 600_000).toISOString();
    world.server.put('a', {});
    await overlap(world, async () => {
      const state = world.state();
      const next = { ...state, version: state.version + 1, backoffUntil: wait };
      await world.states.save('clinic', next, '');
    });

    expect(world.state().backoffUntil).toBe(wait);
  });
});
