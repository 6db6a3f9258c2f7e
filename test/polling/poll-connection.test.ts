import { describe, expect, it } from 'vitest';
import { samva } from '../../lib/providers/samva/index.ts';
import { type PollWorld, pollWorld } from '../support/poll-world.ts';
import { notFound, rateLimited, refusedKey, serverError } from '../support/scripted-hamsa.ts';
import { samvaRow, scriptedSamva } from '../support/scripted-samva.ts';

const DAY = 86_400;

/** Polls again and again, so many seconds apart. */
async function pollEvery(world: PollWorld, seconds: number, times: number) {
  for (let poll = 0; poll < times; poll += 1) {
    await world.poll();
    world.pass(seconds);
  }
}

const done = { status: 'COMPLETED', duration: 35 };
/** What a detail has when nothing more is to come. */
const FULL = { mediaUrl: 'https://a.example/1.mp3', callAnalysis: { sentiment: 'good' } };

const listRequests = ({ server }: PollWorld) => server.asked.filter(({ kind }) => kind === 'list');
const detailRequests = ({ server }: PollWorld) =>
  server.asked.filter(({ kind }) => kind === 'detail');

describe('the first run', () => {
  it('with a baseline tells only of calls that were open then, or came later', async () => {
    const world = pollWorld({ firstRun: 'baseline' });
    world.server.put('old', { ...done, createdAt: world.ago(3 * 3600) });
    world.server.put('open', { createdAt: world.ago(600) });
    await world.poll();
    world.pass(60);
    world.server.put('open', done);
    world.server.put('new', done);
    await world.poll();

    expect(world.told()).toEqual(
      expect.arrayContaining(['call.completed open', 'call.completed new']),
    );
    expect(world.told()).toHaveLength(2);
    expect(world.calls.stored('clinic', 'old')).toMatchObject({ silent: true });
  });

  it('with a baseline asks the detail whether a call ended before it, when the list leaves that open', async () => {
    const world = pollWorld({ firstRun: 'baseline' });
    // Created half an hour ago and 35 seconds long, but it waited in a queue until just now.
    world.server.put('queued', { ...done, createdAt: world.ago(1800) });
    world.server.details.set('queued', { updatedAt: world.now().toISOString() });

    await world.poll();

    expect(world.told()).toEqual(['call.completed queued']);
  });

  it('since an instant tells of what ended after it', async () => {
    const world = pollWorld({ firstRun: { since: '2026-11-20T10:00:00Z' } });
    world.server.put('before', { ...done, createdAt: '2026-11-20T09:59:00Z' });
    world.server.put('after', { ...done, createdAt: '2026-11-20T10:01:00Z' });

    await world.poll();

    expect(world.told()).toEqual(['call.completed after']);
  });

  it('since an instant within the look-back does not tell of what ended before it', async () => {
    const world = pollWorld({ firstRun: { since: '2026-11-20T11:30:00Z' } });
    world.server.put('before', { ...done, createdAt: '2026-11-20T11:10:00Z' });
    world.server.put('after', { ...done, createdAt: '2026-11-20T11:31:00Z' });

    await world.poll();

    expect(world.told()).toEqual(['call.completed after']);
  });

  it('of everything keeps what is long over without telling of it, and counts it as late', async () => {
    const world = pollWorld({ firstRun: 'all' });
    world.server.put('ancient', { ...done, createdAt: world.ago(30 * DAY) });
    world.server.put('recent', { ...done, createdAt: world.ago(2 * DAY) });

    const report = await world.poll();

    expect(report).toMatchObject({ final: 2, silent: 1, late: 1 });
    expect(world.told()).toEqual(['call.completed recent']);
  });

  it('fixes its baseline before the first request, however that goes', async () => {
    const world = pollWorld({ firstRun: 'baseline' });
    world.server.script.instead = serverError;
    await world.poll();
    const { baselineAt } = world.state();
    world.server.script.instead = () => undefined;
    world.pass(600);
    world.server.put('meanwhile', { ...done, createdAt: world.ago(300) });
    await world.poll();

    expect(world.state().baselineAt).toBe(baselineAt);
    expect(world.told()).toEqual(['call.completed meanwhile']);
  });
});

describe('a call', () => {
  it('of 40 minutes is told of once, at its end', async () => {
    const world = pollWorld();
    world.server.put('long', {});
    await pollEvery(world, 60, 40);
    expect(world.told()).toEqual([]);
    world.server.put('long', { ...done, duration: 2400 });
    await pollEvery(world, 60, 5);

    expect(world.told().filter((told) => told.startsWith('call.completed'))).toEqual([
      'call.completed long',
    ]);
  });

  it('that began before the watermark is told of when it ends, hours after it left the list’s window', async () => {
    const world = pollWorld({ maxCallAge: '7d' });
    world.server.put('marathon', {});
    await world.poll();
    world.pass(3 * DAY);
    await world.poll();
    world.pass(60);
    world.server.put('marathon', done);
    world.server.asked.length = 0;
    await world.poll();

    expect(world.told()).toContain('call.completed marathon');
    expect(detailRequests(world).map(({ what }) => what)).toContain('marathon');
  });

  it('that becomes visible late, within the look-back, is told of', async () => {
    const world = pollWorld();
    await pollEvery(world, 60, 10);
    world.server.put('late', { ...done, createdAt: world.ago(45 * 60) });
    await world.poll();

    expect(world.told()).toEqual(['call.completed late']);
  });

  it.each([0, 1])(
    'created in the very millisecond of the window’s end, or %d after it, is told of',
    async (ms) => {
      const world = pollWorld();
      await world.poll();
      const boundary = new Date(world.now().getTime() + ms).toISOString();
      world.server.put('a', { ...done, createdAt: boundary });
      world.server.put('b', { ...done, createdAt: boundary });
      world.pass(60);
      await world.poll();

      expect(world.told().toSorted()).toEqual(['call.completed a', 'call.completed b']);
    },
  );

  it('that vanished stays remembered, is not told to have failed, and becomes stale once', async () => {
    const world = pollWorld();
    world.server.put('gone', {});
    await world.poll();
    world.server.rows.length = 0;
    await pollEvery(world, 3600, 23);
    expect(world.state().open).toMatchObject([{ id: 'gone' }]);
    await pollEvery(world, 3600, 6);

    expect(world.told()).toEqual(['call.stale gone']);
    expect(world.state().open).toEqual([]);
  });

  it('that stays open becomes stale once, though the list shows it unchanged all the time', async () => {
    const world = pollWorld({ maxCallAge: '1h' });
    world.server.put('stuck', {});
    // Quiet for long: the look-back has grown to two days, so the list always shows the call.
    await pollEvery(world, 60, 61);
    expect(world.told()).toEqual([]);
    await pollEvery(world, 60, 20);

    expect(world.told()).toEqual(['call.stale stuck']);
  });

  it('that became stale is told of all the same when it ends within the window', async () => {
    const world = pollWorld({ maxCallAge: '1h' });
    world.server.put('slow', {});
    await pollEvery(world, 300, 14);
    world.server.put('slow', done);
    await world.poll();

    expect(world.told()).toEqual(['call.stale slow', 'call.completed slow']);
  });

  it('that ended while nobody could ask is not told to be stale', async () => {
    const world = pollWorld();
    for (let id = 0; id < 16; id += 1) world.server.put(`c${id}`, { createdAt: world.ago(id) });
    await world.poll();
    world.pass(3 * DAY);
    for (let id = 0; id < 16; id += 1) {
      world.server.put(`c${id}`, done);
      world.server.details.set(`c${id}`, FULL);
    }
    await pollEvery(world, 60, 6);

    expect(world.told().toSorted()).toEqual(
      Array.from({ length: 16 }, (_, id) => `call.completed c${id}`).toSorted(),
    );
  });
});

describe('more open calls than a state has room for', () => {
  it('are all told of when they end, also after hours', async () => {
    const world = pollWorld();
    const ids = Array.from({ length: 40 }, (_, id) => `c${id}`);
    for (const id of ids) world.server.put(id, { createdAt: world.ago(ids.indexOf(id)) });
    await pollEvery(world, 600, 60);
    expect(world.state().open).toHaveLength(20);
    for (const id of ids) {
      world.server.put(id, done);
      world.server.details.set(id, FULL);
    }
    await pollEvery(world, 60, 12);

    expect(world.told().toSorted()).toEqual(ids.map((id) => `call.completed ${id}`).toSorted());
    expect(world.state()).toMatchObject({ open: [], openFrom: null });
  });

  it('are all told of when they end, also where the list is too busy to look back that far', async () => {
    const world = pollWorld();
    const ids = Array.from({ length: 40 }, (_, id) => `open-${id}`);
    for (const id of ids) world.server.put(id, {});
    for (let minute = 0; minute < 300; minute += 10) {
      for (let id = 0; id < 15; id += 1) {
        world.server.put(`busy-${minute}-${id}`, { status: 'FAILED' });
        world.server.details.set(`busy-${minute}-${id}`, FULL);
      }
      await world.poll();
      world.pass(600);
    }
    for (const id of ids) world.server.put(id, { status: 'NO_ANSWER' });
    await pollEvery(world, 60, 3);

    expect(world.told()).toEqual(expect.arrayContaining(ids.map((id) => `call.failed ${id}`)));
  });

  it('are all told of when they end, also where a poll in between could not read that busy list', async () => {
    const world = pollWorld();
    const ids = Array.from({ length: 40 }, (_, id) => `open-${id}`);
    for (const id of ids) world.server.put(id, {});
    for (let minute = 0; minute < 300; minute += 10) {
      for (let id = 0; id < 15; id += 1) {
        world.server.put(`busy-${minute}-${id}`, { status: 'NO_ANSWER' });
      }
      world.server.script.instead = ({ kind }) =>
        kind === 'list' && minute === 200 ? serverError() : undefined;
      await world.poll();
      world.pass(600);
    }
    for (const id of ids) world.server.put(id, { status: 'NO_ANSWER' });
    await pollEvery(world, 600, 3);

    expect(world.told()).toEqual(expect.arrayContaining(ids.map((id) => `call.failed ${id}`)));
  });

  it('become stale, each once', async () => {
    const world = pollWorld();
    const ids = Array.from({ length: 40 }, (_, id) => `c${id}`);
    for (const id of ids) world.server.put(id, {});
    await pollEvery(world, 1800, 70);

    expect(world.told().toSorted()).toEqual(ids.map((id) => `call.stale ${id}`).toSorted());
  });

  it('become stale, also one without a date that the state had no room for', async () => {
    const world = pollWorld({ provider: 'samva', maxCallAge: '5h' }, { provider: samva });
    const { http, rows } = scriptedSamva(world.now);
    const open = { status: 'in_progress', answeredAt: null, endedAt: null, durationSeconds: null };
    const undated = { ...open, initiatedAt: null, createdAt: null, updatedAt: null };
    const others = Array.from({ length: 20 }, (_, id) => samvaRow(`c${id}`, world.now(), open));
    rows.push(...others);
    await world.poll({ http });
    world.pass(600);
    rows.push(samvaRow('undated', world.now(), undated));
    await world.poll({ http });
    const ended = others.map(({ id }) => samvaRow(id, world.now()));
    rows.splice(0, others.length, ...ended);
    for (let poll = 0; poll < 12; poll += 1) {
      await world.poll({ http });
      world.pass(1800);
    }

    expect(world.told().filter((told) => told.startsWith('call.stale'))).toEqual([
      'call.stale undated',
    ]);
  });

  it('are read by id although one of them cannot be read', async () => {
    const world = pollWorld({ maxCallAge: '7d' });
    for (const id of ['a', 'poison', 'b', 'c']) world.server.put(id, {});
    await world.poll();
    world.pass(3 * DAY);
    world.server.script.instead = ({ what }) => (what === 'poison' ? serverError() : undefined);
    for (const id of ['a', 'b', 'c']) {
      world.server.put(id, done);
      world.server.details.set(id, FULL);
    }
    await pollEvery(world, 60, 12);

    expect(world.told().toSorted()).toEqual([
      'call.completed a',
      'call.completed b',
      'call.completed c',
    ]);
    expect(world.state().open).toMatchObject([{ id: 'poison' }]);
  });
});

describe('an unchanged poll', () => {
  it('writes nothing and reads the state only', async () => {
    const world = pollWorld();
    for (let id = 0; id < 20; id += 1) {
      world.server.put(`c${id}`, done);
      world.server.details.set(`c${id}`, FULL);
    }
    world.server.put('open', {});
    await pollEvery(world, 60, 30);
    const before = { ...world.calls.count, ...world.states.count };

    await world.poll();

    expect({ ...world.calls.count, ...world.states.count }).toEqual({
      ...before,
      loads: before.loads + 1,
    });
  });

  it('writes nothing also where the window holds more rows than are remembered', async () => {
    const world = pollWorld();
    for (let id = 0; id < 600; id += 1) {
      world.server.put(`c${id}`, { status: 'FAILED', createdAt: world.ago(id % 100) });
    }
    await pollEvery(world, 60, 5);
    // The details that were wanted have all been read by now.
    world.pass(1200);
    await pollEvery(world, 60, 30);
    const before = { writes: world.calls.count.writes, saves: world.states.count.saves };

    await world.poll();

    expect(world.calls.count.writes).toBe(before.writes);
    expect(world.states.count.saves).toBe(before.saves);
  });
});

describe('the watermark', () => {
  it('never passes now, whatever a provider dates its calls', async () => {
    const world = pollWorld({ firstRun: 'baseline' });
    const row = { id: 'future', createdAt: '2099-01-01T00:00:00Z', status: 'COMPLETED' };
    // A provider that does not filter what it was asked to.
    world.server.script.instead = ({ kind }) =>
      kind === 'list'
        ? { success: true, data: { total: 1, filtered: 1, calls: [row] } }
        : undefined;
    await pollEvery(world, 3600, 3);

    expect(world.state().watermark < world.now().toISOString()).toBe(true);
    expect(world.told()).toEqual(['call.completed future']);
  });

  it('stays where it was when page 2 fails, and what page 1 showed is recorded', async () => {
    const world = pollWorld({ firstRun: 'baseline' });
    for (let id = 0; id < 300; id += 1) world.server.put(`c${id}`, {});
    world.server.script.instead = ({ kind, what }) =>
      kind === 'list' && what === '2' ? serverError() : undefined;
    const report = await world.poll();
    const { watermark } = world.state();
    world.server.script.instead = () => undefined;

    expect(report).toMatchObject({ ok: false, changed: 200, reason: 'provider_error' });
    expect(watermark).toBe(world.ago(DAY));
    world.pass(60);
    await world.poll();
    expect(world.calls.stored('clinic', 'c0')).toBeDefined();
    expect(world.state().watermark > watermark).toBe(true);
  });
});

describe('a page that shifts', () => {
  const insertBetweenPages = (world: PollWorld, change: () => void) => {
    let isDone = false;
    world.server.script.before = ({ kind, what }) => {
      if (kind !== 'list' || what !== '2' || isDone) return;
      isDone = true;
      change();
    };
  };
  /** 300 final calls, whose details are complete: two pages. */
  function twoPages() {
    const world = pollWorld({ firstRun: 'baseline' });
    for (let id = 0; id < 300; id += 1) {
      world.server.put(`c${id}`, { status: 'FAILED', createdAt: world.ago(600 - id) });
    }
    return world;
  }

  it('because a row was deleted is noticed, and the list is walked again', async () => {
    const world = twoPages();
    insertBetweenPages(world, () => world.server.rows.splice(0, 1));

    await world.poll();

    // Deleting one row of page 1 moved one from the top of page 2 to the end of page 1.
    const seen = Array.from({ length: 300 }, (_, id) => world.calls.stored('clinic', `c${id}`));
    expect(seen.filter(Boolean)).toHaveLength(300);
    expect(listRequests(world)).toHaveLength(4);
  });

  it('because a row became visible late is noticed, and the list is walked again', async () => {
    const world = twoPages();
    insertBetweenPages(world, () =>
      world.server.put('late', { ...done, createdAt: world.ago(10) }),
    );

    await world.poll();

    expect(world.calls.stored('clinic', 'late')).toBeDefined();
    expect(listRequests(world).length).toBeGreaterThan(2);
  });

  it('is the same page for ever where a provider does not turn pages, and is refused', async () => {
    const world = pollWorld({ firstRun: 'baseline' });
    const calls = Array.from({ length: 200 }, (_, id) => ({
      id: `c${id}`,
      createdAt: world.ago(60),
      status: 'PENDING',
    }));
    world.server.script.instead = () => ({
      success: true,
      data: { total: 900, filtered: 900, calls },
    });
    const report = await world.poll();

    expect(report).toMatchObject({ ok: false, reason: 'shape_changed' });
    expect(world.state().watermark).toBe(world.ago(DAY));
  });

  it('costs no second walk where the count proves that all was seen', async () => {
    const world = twoPages();

    await world.poll();

    expect(listRequests(world)).toHaveLength(2);
  });
});

describe('too many rows', () => {
  it('are walked in parts, from the oldest, without losing one', async () => {
    const world = pollWorld();
    const ids = Array.from({ length: 5_000 }, (_, id) => `c${id}`);
    for (const id of ids) {
      world.server.put(id, {
        status: 'FAILED',
        createdAt: world.ago((5_000 - ids.indexOf(id)) * 60),
      });
    }
    await pollEvery(world, 60, 40);

    expect(ids.filter((id) => !world.calls.stored('clinic', id))).toEqual([]);
  });

  it('of which a provider shows only the first thousand are walked in parts as well', async () => {
    const world = pollWorld();
    world.server.script.cap = 1_000;
    const ids = Array.from({ length: 1_900 }, (_, id) => `c${id}`);
    for (const [index, id] of ids.entries()) {
      world.server.put(id, { status: 'FAILED', createdAt: world.ago((1_900 - index) * 60) });
    }
    await pollEvery(world, 60, 20);

    expect(ids.filter((id) => !world.calls.stored('clinic', id))).toEqual([]);
  });

  it('within an hour do not keep the newest call from being seen', async () => {
    const world = pollWorld({ firstRun: 'baseline' });
    let made = 0;
    const busyMinute = () => {
      for (let call = 0; call < 50; call += 1) {
        made += 1;
        world.server.put(`c${made}`, { status: 'FAILED', createdAt: world.ago(call) });
      }
    };
    for (let minute = 0; minute < 75; minute += 1) {
      world.pass(60);
      busyMinute();
      if (minute > 60) await world.poll();
    }

    expect(world.calls.stored('clinic', `c${made - 50}`)).toBeDefined();
  });
});

it('a list of more rows than a page is read in one request per poll, and all of it now and then', async () => {
  const world = pollWorld({ firstRun: 'baseline' });
  let made = 0;
  const requests: number[] = [];
  for (let minute = 0; minute < 180; minute += 1) {
    world.pass(60);
    for (let call = 0; call < 6; call += 1) {
      made += 1;
      world.server.put(`c${made}`, { status: 'NO_ANSWER' });
    }
    if (minute === 150) {
      world.server.put('late', { status: 'FAILED', createdAt: world.ago(50 * 60) });
    }
    const before = listRequests(world).length;
    await world.poll();
    if (minute >= 120) requests.push(listRequests(world).length - before);
  }

  expect(requests.filter((count) => count === 1).length).toBeGreaterThanOrEqual(54);
  expect(Math.max(...requests)).toBeLessThanOrEqual(3);
  expect(world.told()).toContain('call.failed late');
});

describe('a detail', () => {
  it('is read before the outcome is told, so that readers have the recording at once', async () => {
    const world = pollWorld();
    world.server.put('a', done);
    world.server.details.set('a', FULL);

    await world.poll();

    expect(world.announced()).toMatchObject([
      { type: 'call.completed', call: { recordingUrl: FULL.mediaUrl, durationSeconds: 35 } },
    ]);
  });

  it('that fails does not hold up the announcement, and is told as an update later', async () => {
    const world = pollWorld();
    world.server.put('a', done);
    world.server.details.set('a', FULL);
    world.server.script.instead = ({ kind }) => (kind === 'detail' ? serverError() : undefined);
    const report = await world.poll();
    expect(report).toMatchObject({ ok: true, final: 1 });
    world.server.script.instead = () => undefined;
    await pollEvery(world, 60, 3);

    expect(world.told()).toEqual(['call.completed a', 'call.updated a']);
    expect(world.state().enrich).toEqual([]);
  });

  it('that fails for half an hour is told as an update all the same', async () => {
    const world = pollWorld();
    world.server.put('a', done);
    world.server.details.set('a', FULL);
    world.server.script.instead = ({ kind }) => (kind === 'detail' ? serverError() : undefined);
    await pollEvery(world, 60, 30);
    world.server.script.instead = () => undefined;
    await pollEvery(world, 60, 6);

    expect(world.told()).toEqual(['call.completed a', 'call.updated a']);
  });

  it('that fails for ever is given up', async () => {
    const world = pollWorld();
    world.server.put('a', done);
    world.server.script.instead = ({ kind }) => (kind === 'detail' ? serverError() : undefined);
    await pollEvery(world, 60, 90);

    expect(world.state().enrich).toEqual([]);
    expect(detailRequests(world).length).toBeLessThan(20);
  });

  it('of which a part is still to come is read again, twice at most', async () => {
    const world = pollWorld();
    world.server.put('a', done);
    await pollEvery(world, 60, 20);

    expect(world.told()).toEqual(['call.completed a']);
    expect(detailRequests(world)).toHaveLength(3);
  });

  it('that tells of another outcome does not hide that its row goes on telling of the first', async () => {
    const world = pollWorld();
    world.server.put('a', done);
    await world.poll();
    await pollEvery(world, 20, 2);
    world.pass(400);
    world.server.script.instead = ({ kind }) =>
      kind === 'detail'
        ? { success: true, data: { ...world.server.rows[0], status: 'FAILED' } }
        : undefined;
    await world.poll();
    world.server.script.instead = () => undefined;
    await pollEvery(world, 60, 2);

    expect(world.told()).toEqual(['call.completed a', 'call.failed a', 'call.updated a']);
  });

  it('that contradicts its row from the first look on does not hide that the row is right again', async () => {
    const world = pollWorld();
    await world.poll();
    world.server.put('a', done);
    world.server.script.instead = ({ kind }) =>
      kind === 'detail'
        ? { success: true, data: { ...world.server.rows[0], status: 'FAILED' } }
        : undefined;
    await pollEvery(world, 20, 3);
    expect(world.told()).toEqual(['call.failed a']);
    world.server.script.instead = () => undefined;
    await pollEvery(world, 60, 2);

    expect(world.told()).toEqual(['call.failed a', 'call.completed a']);
  });

  it('that lags behind its row does not take the outcome back', async () => {
    const world = pollWorld();
    world.server.put('a', done);
    world.server.details.set('a', { status: 'IN_PROGRESS' });

    await world.poll();

    expect(world.told()).toEqual(['call.completed a']);
  });
});

describe('a provider that asks to wait', () => {
  it.each(['list', 'detail'] as const)(
    'is not asked anything before the time is up, when its %s says so',
    async (where) => {
      const world = pollWorld();
      world.server.put('a', done);
      let isLimited = true;
      world.server.script.instead = ({ kind }) =>
        kind === where && isLimited ? rateLimited(300_000) : undefined;
      await world.poll();
      const toldAt = world.now().getTime();
      isLimited = false;
      world.server.asked.length = 0;
      await pollEvery(world, 10, 60);

      const [first] = world.server.asked;
      expect(first && first.at - toldAt).toBeGreaterThanOrEqual(300_000);
      expect(first && first.at - toldAt).toBeLessThan(400_000);
      expect(world.told()).toContain('call.completed a');
      expect(world.told().filter((told) => told.startsWith('connection'))).toEqual([]);
    },
  );

  it('stops the reading of details in the same poll', async () => {
    const world = pollWorld();
    for (let id = 0; id < 50; id += 1) world.server.put(`c${id}`, done);
    world.server.script.instead = ({ kind }) =>
      kind === 'detail' ? rateLimited(60_000) : undefined;

    await world.poll();

    // Those that were on their way when the first answer came.
    expect(detailRequests(world).length).toBeLessThanOrEqual(4);
    expect(world.told()).toHaveLength(50);
  });

  it.each(['list', 'detail'] as const)(
    'for hours with its %s is told of at once',
    async (where) => {
      const world = pollWorld();
      world.server.put('a', done);
      world.server.script.instead = ({ kind }) =>
        kind === where ? rateLimited(6 * 3_600_000) : undefined;

      await world.poll();

      expect(world.told()).toContain('connection.failing rate_limited');
      world.server.script.instead = () => undefined;
      world.pass(6 * 3600 + 1);
      await world.poll();
      expect(world.told()).toContain('connection.recovered rate_limited');
    },
  );
});

describe('a connection in trouble', () => {
  it.each([
    ['24h', 6],
    ['30m', 12],
  ])(
    'whose key is refused says so after three polls, once, and asks once an hour from then on, or with a max of %s as seldom as that',
    async (max, times) => {
      const world = pollWorld({ poll: { max } });
      world.server.script.instead = refusedKey;
      await pollEvery(world, 10, 60);
      const soon = world.server.asked.length;
      await pollEvery(world, 60, 6 * 60);

      expect(soon).toBe(3);
      expect(world.server.asked.length - soon).toBe(times);
      expect(world.told()).toEqual(['connection.failing key_refused']);
    },
  );

  it('that comes back says so, once', async () => {
    const world = pollWorld();
    world.server.script.instead = refusedKey;
    await pollEvery(world, 60, 10);
    world.server.script.instead = () => undefined;
    await pollEvery(world, 600, 12);

    expect(world.told()).toEqual([
      'connection.failing key_refused',
      'connection.recovered key_refused',
    ]);
  });

  it('fails twice without anybody being told', async () => {
    const world = pollWorld();
    let failures = 2;
    world.server.script.instead = () => (failures-- > 0 ? serverError() : undefined);
    await pollEvery(world, 300, 5);

    expect(world.told()).toEqual([]);
    expect(world.state().failure).toBeNull();
  });

  it('fails a second time after it recovered, and that is told again', async () => {
    const world = pollWorld();
    for (let outage = 0; outage < 2; outage += 1) {
      world.server.script.instead = serverError;
      await pollEvery(world, 600, 6);
      world.server.script.instead = () => undefined;
      await pollEvery(world, 600, 4);
    }

    expect(world.told()).toEqual([
      'connection.failing provider_error',
      'connection.recovered provider_error',
      'connection.failing provider_error',
      'connection.recovered provider_error',
    ]);
  });

  it.each<[string, unknown]>([
    ['a page of the wrong shape', { items: [] }],
    ['a 200 that says no', { success: false, message: 'Invalid key sk-test' }],
  ])('because of %s is told that the shape changed', async (_what, body) => {
    const world = pollWorld();
    world.server.script.instead = () => body;
    await pollEvery(world, 600, 4);

    expect(world.told()).toEqual(['connection.failing shape_changed']);
    expect(JSON.stringify(world.announced())).not.toContain('sk-test');
  });

  it('of which calls were open tells of their end after it came back', async () => {
    const world = pollWorld();
    world.server.put('a', {});
    await world.poll();
    world.server.script.instead = serverError;
    await pollEvery(world, 600, 12);
    world.server.put('a', done);
    world.server.script.instead = () => undefined;
    await pollEvery(world, 600, 3);

    expect(world.told()).toContain('call.completed a');
  });
});

describe('a malformed record', () => {
  it('is kept with field and rule, told as drift once, and leaves the others alone', async () => {
    const world = pollWorld();
    world.server.put('good', done);
    world.server.put('bad', { ...done, duration: 'long' });
    world.server.put('bad-too', { ...done, duration: 'short' });
    await pollEvery(world, 60, 10);

    expect(world.quarantine.kept).toHaveLength(2);
    expect(world.quarantine.kept[0]).toMatchObject({
      field: 'duration',
      rule: 'Invalid input: expected number, received string',
    });
    expect(world.told().toSorted()).toEqual(['call.completed good', 'provider.drifted drifted']);
  });

  it('that is mended is told of as if nothing had been', async () => {
    const world = pollWorld();
    world.server.put('a', { ...done, duration: 'long' });
    await world.poll();
    world.server.put('a', done);
    world.pass(60);
    await world.poll();

    expect(world.told()).toContain('call.completed a');
  });

  it.each(['x'.repeat(3_000), '\uD800'])(
    'because its id cannot be a key does not stop the poll',
    async (id) => {
      const world = pollWorld();
      world.server.put('good', done);
      world.server.put(id, done);

      expect(await world.poll()).toMatchObject({ ok: true, quarantined: 1, final: 1 });
    },
  );

  it('of a word nobody has met is told once, and its call is remembered as open', async () => {
    const world = pollWorld();
    world.server.put('a', { status: 'ARCHIVED' });
    world.server.put('b', { status: 'ARCHIVED' });
    await pollEvery(world, 60, 3);

    expect(world.told()).toEqual(['provider.drifted drifted']);
    expect(world.announced()[0]).toMatchObject({
      connection: { field: 'status', rule: 'unknown word "ARCHIVED"' },
    });
    expect(world.state().open).toHaveLength(2);
  });
});

describe('a row that our own side cannot record', () => {
  it('does not keep the others from being told of, and is seen to', async () => {
    const world = pollWorld();
    for (const id of ['a', 'poison', 'b']) world.server.put(id, done);
    world.server.script.instead = serverError;
    await world.poll();
    const { watermark } = world.state();
    world.server.script.instead = () => undefined;
    world.pass(300);
    const calls = {
      ...world.calls,
      write: async (next: Parameters<typeof world.calls.write>[0]) => {
        if (next.call.id === 'poison') throw new Error('ValidationException');
        return world.calls.write(next);
      },
    };

    await expect(world.poll({ calls })).rejects.toThrow('ValidationException');
    expect(world.told().toSorted()).toEqual(['call.completed a', 'call.completed b']);
    expect(world.state().watermark).toBe(watermark);
    world.pass(60);
    await world.poll();
    expect(world.told()).toContain('call.completed poison');
  });
});

describe('a call that the detail knows no more', () => {
  it('does not keep the others waiting', async () => {
    const world = pollWorld({ maxCallAge: '7d' });
    for (const id of ['a', 'b']) world.server.put(id, {});
    await world.poll();
    world.pass(3 * DAY);
    world.server.put('b', done);
    world.server.script.instead = ({ what }) => (what === 'a' ? notFound() : undefined);
    await pollEvery(world, 60, 3);

    expect(world.told()).toContain('call.completed b');
  });
});
