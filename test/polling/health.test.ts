import { describe, expect, it } from 'vitest';
import { initialState, mergeStates } from '../../lib/polling/poll-state.ts';
import { connection, NOW } from '../support/calls.ts';
import { type PollWorld, pollWorld } from '../support/poll-world.ts';
import { refusedKey, serverError } from '../support/scripted-hamsa.ts';

const done = { status: 'COMPLETED', duration: 35 };

/** Polls again and again, so many seconds apart. */
async function pollEvery(world: PollWorld, seconds: number, times: number) {
  for (let poll = 0; poll < times; poll += 1) {
    world.pass(seconds);
    await world.poll();
  }
}

/** What was told of the connection, not of its calls. */
const told = (world: PollWorld) => world.told().filter((each) => !each.startsWith('call.'));

const written = ({ states, calls }: PollWorld) => states.count.saves + calls.count.writes;

/** A connection that has begun: its first poll read what there was. */
async function begun(settings: Record<string, unknown>) {
  const world = pollWorld(settings);
  world.server.put('first', done);
  await world.poll();
  return world;
}

describe('a connection of which traffic is expected', () => {
  it('that lists no new call for longer is failing, once, and recovers with the next call', async () => {
    const world = await begun({ expectTraffic: '4h' });
    const since = world.now().toISOString();
    await pollEvery(world, 600, 24);
    expect(told(world)).toEqual([]);
    await pollEvery(world, 600, 24);
    expect(told(world)).toEqual(['connection.failing silent']);
    expect(await world.poll()).toMatchObject({ ok: true, failing: true });
    world.server.put('second', done);
    await pollEvery(world, 600, 3);

    expect(told(world)).toEqual(['connection.failing silent', 'connection.recovered silent']);
    expect(world.announced().find(({ type }) => type === 'connection.failing')).toMatchObject({
      occurredAt: since,
    });
  });

  it('is silent again, and told of again, after calls came', async () => {
    const world = await begun({ expectTraffic: '1h' });
    await pollEvery(world, 600, 8);
    world.server.put('second', done);
    await pollEvery(world, 600, 8);

    expect(told(world)).toEqual([
      'connection.failing silent',
      'connection.recovered silent',
      'connection.failing silent',
    ]);
  });

  it('is not kept from being silent by what becomes known late of old calls', async () => {
    const world = await begun({ expectTraffic: '1h' });
    for (let change = 0; change < 9; change += 1) {
      world.server.put('first', { title: `version ${change}` });
      await pollEvery(world, 600, 1);
    }

    expect(told(world)).toEqual(['connection.failing silent']);
  });

  it('is polled without a write as long as nothing comes, but when it falls silent', async () => {
    const [world, other] = [await begun({ expectTraffic: '4h' }), await begun({})];
    const more = async (polls: number) => {
      await pollEvery(world, 600, polls);
      await pollEvery(other, 600, polls);
      return written(world) - written(other);
    };

    expect(await more(23)).toBe(0);
    // The state that owes the notice, the notice, and the state that does not owe it any more.
    expect(await more(4)).toBe(3);
    expect(await more(40)).toBe(3);
  });

  it('may be quiet in the night and on days on which nobody works', async () => {
    // NOW is a Friday, noon in UTC: three in the afternoon in Riyadh.
    const world = await begun({
      expectTraffic: {
        within: '2h',
        days: ['sun', 'mon', 'tue', 'wed', 'thu'],
        hours: '09:00-17:00',
        zone: 'Asia/Riyadh',
      },
    });
    // Until Sunday, 10:50 in Riyadh.
    await pollEvery(world, 600, 6 * 44 - 1);
    expect(told(world)).toEqual([]);
    await pollEvery(world, 600, 3);

    expect(told(world)).toEqual(['connection.failing silent']);
  });

  it('is said to have recovered when nothing is expected of it any more', async () => {
    const world = await begun({ expectTraffic: '1h' });
    await pollEvery(world, 600, 8);
    const after = pollWorld();
    Object.assign(world.settings, { expectTraffic: after.settings.expectTraffic });
    await pollEvery(world, 600, 2);

    expect(told(world)).toEqual(['connection.failing silent', 'connection.recovered silent']);
  });
});

describe('one trouble at a time', () => {
  it('is told: a connection whose key is refused does not fall silent as well', async () => {
    const world = await begun({ expectTraffic: '1h', poll: { every: '30s', max: '5m' } });
    world.server.script.instead = refusedKey;
    await pollEvery(world, 600, 60);
    world.server.script.instead = () => undefined;
    await pollEvery(world, 600, 5);
    expect(told(world)).toEqual([
      'connection.failing key_refused',
      'connection.recovered key_refused',
    ]);
    // What is expected of it begins anew.
    await pollEvery(world, 600, 3);
    expect(told(world)).toContain('connection.failing silent');
  });

  it('ends with one recovery when a graver one took its place', async () => {
    const world = await begun({ expectTraffic: '1h' });
    await pollEvery(world, 600, 8);
    world.server.script.instead = serverError;
    await pollEvery(world, 900, 6);
    expect(world.state().concern).toBeUndefined();
    world.server.script.instead = () => undefined;
    world.server.put('second', done);
    await pollEvery(world, 900, 3);

    expect(told(world)).toEqual([
      'connection.failing silent',
      'connection.failing provider_error',
      'connection.recovered provider_error',
    ]);
  });
});

describe('a connection that does not keep up', () => {
  /** Polls that have so many seconds for a list that takes twenty for each page, and has a new call each time. */
  const slowly = async (world: PollWorld, seconds: number, times: number) => {
    world.server.script.before = () => world.pass(20);
    for (let poll = 0; poll < times; poll += 1) {
      world.pass(60);
      world.server.put(`at ${world.now().toISOString()}`, done);
      const dueAt = world.now();
      const deadline = new Date(dueAt.getTime() + seconds * 1000);
      await world.poll({ dueAt, deadline });
    }
    world.server.script.before = () => {};
  };

  it('because no walk reaches the end of its list is failing, and recovers when one has', async () => {
    const world = await begun({});
    world.server.script.perPage = 2;
    for (let id = 0; id < 40; id += 1) world.server.put(`c${id}`, done);
    await slowly(world, 50, 3);
    expect(told(world)).toEqual([]);
    await slowly(world, 50, 2);
    expect(told(world)).toEqual(['connection.failing lagging']);
    await pollEvery(world, 60, 20);

    expect(told(world)).toEqual(['connection.failing lagging', 'connection.recovered lagging']);
  });

  it('because its polls come minutes late is failing until they come in time', async () => {
    const world = await begun({ maxLag: '2m' });
    const late = async (seconds: number) => {
      world.pass(180);
      await world.poll({ dueAt: new Date(world.ago(seconds)) });
    };
    await late(150);
    expect(told(world)).toEqual([]);
    await late(150);
    expect(told(world)).toEqual(['connection.failing lagging']);
    await late(5);

    expect(told(world)).toEqual(['connection.failing lagging', 'connection.recovered lagging']);
  });

  it('for one poll only is not worth a word', async () => {
    const world = await begun({});
    await slowly(world, 10, 1);
    await pollEvery(world, 600, 3);

    expect(told(world)).toEqual([]);
    expect(world.state().concern).toBeUndefined();
  });

  it('has not begun to, as long as its first walk goes on', async () => {
    const world = pollWorld();
    world.server.script.perPage = 2;
    for (let id = 0; id < 40; id += 1) world.server.put(`c${id}`, done);
    await slowly(world, 50, 8);

    expect(told(world)).toEqual([]);
  });
});

describe('drift', () => {
  const bad = { ...done, duration: 'long' };

  it('is over, and told once, when the record can be read again', async () => {
    const world = await begun({});
    world.server.put('a', bad);
    await pollEvery(world, 60, 3);
    world.server.put('a', done);
    await pollEvery(world, 60, 3);

    expect(told(world)).toEqual(['provider.drifted drifted', 'connection.recovered drifted']);
  });

  it('goes on as long as one of the records cannot be read', async () => {
    const world = await begun({});
    for (const id of ['a', 'b', 'c', 'd', 'e']) world.server.put(id, bad);
    await pollEvery(world, 60, 2);
    for (const id of ['a', 'b', 'c', 'd']) world.server.put(id, done);
    await pollEvery(world, 60, 5);
    expect(told(world)).toEqual(['provider.drifted drifted']);
    world.server.put('e', done);
    await pollEvery(world, 60, 3);

    expect(told(world)).toEqual(['provider.drifted drifted', 'connection.recovered drifted']);
  });

  it('is over when its record has left the list and newer calls can be read', async () => {
    const world = await begun({});
    world.server.put('a', bad);
    await pollEvery(world, 60, 3);
    world.server.rows.splice(0, 1);
    await pollEvery(world, 60, 3);
    expect(told(world)).toEqual(['provider.drifted drifted']);
    world.server.put('b', done);
    await pollEvery(world, 60, 3);

    expect(told(world)).toEqual(['provider.drifted drifted', 'connection.recovered drifted']);
  });

  it('that comes back after it was over is told again', async () => {
    const world = await begun({});
    for (const id of ['a', 'b']) {
      world.server.put(id, bad);
      await pollEvery(world, 60, 2);
      world.server.put(id, done);
      await pollEvery(world, 60, 2);
    }

    expect(told(world)).toEqual([
      'provider.drifted drifted',
      'connection.recovered drifted',
      'provider.drifted drifted',
      'connection.recovered drifted',
    ]);
  });

  it('of a word is over when the operator says what it means', async () => {
    const world = await begun({});
    world.server.put('a', { status: 'VOICEMAIL' });
    await pollEvery(world, 60, 5);
    expect(told(world)).toEqual(['provider.drifted drifted']);
    const { settings } = pollWorld({ statusOverrides: { VOICEMAIL: 'completed' } });
    Object.assign(world.settings, { statusOverrides: settings.statusOverrides });
    await pollEvery(world, 60, 3);

    expect(told(world)).toEqual(['provider.drifted drifted', 'connection.recovered drifted']);
  });

  it('of a detail is not over because its row can be read', async () => {
    const world = await begun({});
    world.server.put('a', done);
    world.server.details.set('a', { callDuration: 'long' });
    await pollEvery(world, 60, 4);
    expect(told(world)).toEqual(['provider.drifted drifted']);
    world.server.details.set('a', {});
    await pollEvery(world, 400, 3);

    expect(told(world)).toEqual(['provider.drifted drifted', 'connection.recovered drifted']);
  });

  it('that goes on costs no write', async () => {
    const world = await begun({});
    world.server.put('a', bad);
    // Until nothing more is waited for of the first call, and the look-back is as long as it gets.
    await pollEvery(world, 400, 10);
    const before = written(world);
    await pollEvery(world, 1, 20);

    expect(written(world)).toBe(before);
  });
});

describe('two polls that overlapped', () => {
  it('leave what people were told of the connection to be ended by a poll that knows of it', async () => {
    const world = await begun({ expectTraffic: '1h' });
    const before = world.state();
    await pollEvery(world, 600, 8);
    const silent = world.state();
    const merged = mergeStates(silent, before, new Set());

    expect(merged).toMatchObject({ concern: { reason: 'silent', announced: true }, owed: [] });
    expect(mergeStates(before, silent, new Set()).concern).toEqual(silent.concern);
  });

  it('stays over when a slow poll ends that began while it lasted', () => {
    const since = NOW.toISOString();
    const concern = { reason: 'lagging', since, announced: true } as const;
    const well = { ...initialState(connection(), NOW), version: 2 };
    const began = { ...well, concern: { ...concern, announced: false } };
    const owed = [{ type: 'connection.failing', reason: 'lagging', since, at: since } as const];
    const merged = mergeStates(well, { ...began, concern, owed }, new Set(), began);

    expect(merged.concern).toBeUndefined();
    expect(merged.owed).toEqual([]);
    expect(mergeStates(well, { ...well, concern, owed }, new Set(), well)).toMatchObject({
      concern,
      owed,
    });
  });
});
