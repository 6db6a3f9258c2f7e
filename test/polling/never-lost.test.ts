import { describe, expect, it } from 'vitest';
import { TransientError } from '../../lib/errors.ts';
import { pollConnection } from '../../lib/polling/poll-connection.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { connection } from '../support/calls.ts';
import { type PollWorld, pollWorld } from '../support/poll-world.ts';
import { serverError } from '../support/scripted-hamsa.ts';

/** More calls than a state remembers by id, so that walks have to reach back to where the rest begin. */
const STUCK = 25;

async function withStuckCalls(count = STUCK): Promise<PollWorld> {
  const world = pollWorld();
  await world.poll();
  for (let index = 0; index < count; index += 1) world.server.put(`stuck${index}`, {});
  await world.poll();
  return world;
}

/** Hours without a poll; in nine of them more calls end than one walk may face. */
function busyHours({ server, pass, ago }: PollWorld, hours = 9): void {
  for (let minute = 0; minute < hours * 60; minute += 1) {
    pass(60);
    for (let call = 0; call < 4; call += 1) {
      server.put(`${ago(0)}/${call}`, { status: 'NO_ANSWER' });
    }
  }
}

async function polls(world: PollWorld, count: number, apartSeconds = 60): Promise<void> {
  for (let poll = 0; poll < count; poll += 1) {
    world.pass(apartSeconds);
    await world.poll();
  }
}

it('one stored call that cannot be read keeps none of the others from being told', async () => {
  const world = pollWorld();
  world.server.put('broken', {});
  await polls(world, 1);
  const { get } = world.deps.calls;
  const calls = {
    ...world.deps.calls,
    get: async (connection: string, ids: readonly string[]) => {
      if (ids.includes('broken')) throw new Error('not an item of ours');
      return get(connection, ids);
    },
  };
  world.server.put('broken', { status: 'FAILED' });
  world.server.put('fine', { status: 'FAILED' });
  world.pass(60);
  await expect(world.poll({ calls })).rejects.toThrow('not an item of ours');
  // Old enough to be looked at one by one.
  world.pass(2 * 86_400);
  world.server.put('later', { status: 'FAILED' });
  await expect(world.poll({ calls })).rejects.toThrow('not an item of ours');

  expect(world.told()).toEqual(['call.failed fine', 'call.failed later']);
  expect(world.state().open.map(({ id }) => id)).toEqual(['broken']);
});

/** The second page takes longer than there is time for. */
async function pollCutShort(world: PollWorld, error: () => Error) {
  const deadline = new Date(world.now().getTime() + 10_000);
  world.server.script.instead = ({ what, kind }) => {
    if (kind !== 'list' || what !== '2') return undefined;
    world.pass(10);
    return error();
  };
  const report = await world.poll({ deadline });
  world.server.script.instead = () => undefined;
  return report;
}

it('one call that cannot be read by its id keeps none of the others from being told', async () => {
  const world = pollWorld();
  for (let call = 0; call < 6; call += 1) world.server.put(`long${call}`, {});
  await polls(world, 2);
  for (let call = 0; call < 6; call += 1) world.server.put(`long${call}`, { status: 'FAILED' });
  // The list shows none of them any more.
  world.server.script.instead = ({ kind, what }) => {
    if (kind === 'list') return { success: true, data: { total: 0, filtered: 0, calls: [] } };
    return what === 'long3' ? serverError() : undefined;
  };
  await polls(world, 1);

  expect(world.told()).toHaveLength(5);
});

it('a correction that was written, but not known to be, does not hide that it was taken back', async () => {
  const world = pollWorld();
  world.server.put('flips', { status: 'COMPLETED' });
  await polls(world, 1);
  const { write } = world.deps.calls;
  const calls = {
    ...world.deps.calls,
    write: async (next: Parameters<typeof write>[0]) => {
      await write(next);
      throw new Error('written, and yet');
    },
  };
  world.server.put('flips', { status: 'FAILED' });
  world.pass(60);
  await expect(world.poll({ calls })).rejects.toThrow('written, and yet');
  world.server.put('flips', { status: 'COMPLETED' });
  await polls(world, 1);

  expect(world.told()).toEqual(['call.completed flips', 'call.failed flips', 'call.updated flips']);
});

describe('a call is told', () => {
  it('as soon as it fails, while the past is more than one walk can face', async () => {
    const world = await withStuckCalls();
    busyHours(world);
    await polls(world, 1);
    world.server.put('news', { status: 'FAILED' });
    await polls(world, 1);

    expect(world.told()).toContain('call.failed news');
  });

  it('when it ends, though it was open in a part of the list that polls had to leave out', async () => {
    // One more than is remembered by id, and it ends while the rest of the list is too long.
    const world = await withStuckCalls(21);
    busyHours(world, 7);
    await polls(world, 2);
    world.server.put('long', {});
    await polls(world, 2);
    busyHours(world, 3);
    world.server.put('stuck20', { status: 'FAILED' });
    await polls(world, 4);
    world.pass(2 * 3_600);
    world.server.put('long', { status: 'FAILED' });
    await polls(world, 12);

    expect(world.told()).toContain('call.failed long');
  });

  it('when an override gives its word a meaning', async () => {
    const world = pollWorld();
    await world.poll();
    world.server.put('odd', { status: 'ARCHIVED' });
    await polls(world, 1);
    world.pass(60);
    const statusOverrides = { ARCHIVED: 'completed' };
    await pollConnection(connection({ firstRun: 'all', statusOverrides }), hamsa, world.deps);

    expect(world.told()).toContain('call.completed odd');
  });

  it('when its row becomes visible late, also when an outage comes between', async () => {
    const world = pollWorld();
    const minutes = async (count: number) => {
      for (let minute = 0; minute < count; minute += 1) {
        // So many that the look-back stays short.
        for (let call = 0; call < 2; call += 1) {
          world.server.put(`${world.ago(0)}/${call}`, { status: 'NO_ANSWER' });
        }
        await polls(world, 1);
      }
    };
    await minutes(280);
    const createdAt = world.ago(45 * 60);
    world.server.script.instead = serverError;
    await minutes(5);
    world.server.put('late', { createdAt, status: 'FAILED' });
    world.pass(2 * 3_600);
    world.server.script.instead = () => undefined;
    await minutes(30);

    expect(world.told()).toContain('call.failed late');
  });
});

it('a walk that its own time cuts off is no trouble of the provider’s, and the next one goes on', async () => {
  const world = pollWorld();
  for (let call = 0; call < 1_000; call += 1) {
    world.server.put(`c${call}`, { status: 'NO_ANSWER', createdAt: world.ago(call) });
  }
  const unreachable = () => new TransientError('no answer in time', { reason: 'unreachable' });
  const report = await pollCutShort(world, unreachable);
  expect(report).toMatchObject({ ok: true, changed: 200 });
  expect(world.state().failure).toBeNull();
  await polls(world, 12);

  expect(world.told()).toHaveLength(1_000);
});

it('a list that is too slow to be read to its end is said to be failing', async () => {
  const world = pollWorld();
  await world.poll();
  for (let call = 0; call < 1_000; call += 1) {
    world.server.put(`c${call}`, { status: 'FAILED', createdAt: world.ago(0) });
  }
  world.server.script.before = () => world.pass(60);
  for (let poll = 0; poll < 8; poll += 1) {
    world.pass(3_600);
    await world.poll({ deadline: new Date(world.now().getTime() + 105_000) });
  }

  expect(world.told()).toContain('connection.failing too_slow');
});
