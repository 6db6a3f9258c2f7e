import { describe, expect, it } from 'vitest';
import { type RangeWorld, rangeWorld } from '../support/range-world.ts';
import { rateLimited, serverError } from '../support/scripted-hamsa.ts';
import { scriptedVozagent } from '../support/scripted-vozagent.ts';

const HOUR = 3_600;
const daily = (job = '2026-11-20') =>
  ({ connection: 'clinic', kind: 'daily', job, step: 0 }) as const;

async function sweep(world: RangeWorld, message = daily()): Promise<void> {
  world.enqueue(message);
  await world.work();
}

describe('a daily sweep', () => {
  it('finds a call that became visible too late for hot polling, and tells of it as ever', async () => {
    const world = rangeWorld();
    await world.poll();
    world.pass(30 * HOUR);
    world.server.put('late', { createdAt: world.ago(20 * HOUR), status: 'FAILED' });
    await sweep(world);

    expect(world.told()).toEqual(['call.failed late']);
    expect(world.job('daily')).toMatchObject({
      state: 'done',
      counts: { listed: 1, missedFinal: 1, missedChange: 0 },
      // The detail was asked for two seconds after the list.
      lookBackMs: 20 * HOUR * 1000 + 2_000,
    });
    expect(world.counted).toEqual([['OutcomesMissed', 1]]);
  });

  it('makes hot polls look as far back as would have shown what they missed, and less with each good day', async () => {
    const world = rangeWorld();
    await world.poll();
    world.pass(30 * HOUR);
    world.server.put('late', { createdAt: world.ago(20 * HOUR), status: 'FAILED' });
    await sweep(world);
    expect(world.state().minLookBackMs).toBe((20 * HOUR + 2) * 1.25 * 1000);
    await world.poll();
    world.pass(60);
    world.server.put('as late', { createdAt: world.ago(20 * HOUR), status: 'FAILED' });
    await world.poll();
    expect(world.told()).toContain('call.failed as late');

    for (const day of ['21', '22', '23', '24', '25', '26']) {
      world.pass(24 * HOUR);
      await sweep(world, daily(`2026-11-${day}`));
    }
    expect(world.state().minLookBackMs).toBe(HOUR * 1000);
  });

  it('finds what changed late, as an update', async () => {
    const world = rangeWorld();
    world.server.put('a', { status: 'COMPLETED', duration: 1 });
    await world.poll();
    world.pass(30 * HOUR);
    await world.poll();
    world.server.put('a', { duration: 90 });
    await sweep(world);

    expect(world.told()).toEqual(['call.completed a', 'call.updated a']);
    expect(world.job('daily').counts).toMatchObject({ missedFinal: 0, missedChange: 1 });
    expect(world.counted).toEqual([['ChangesMissed', 1]]);
  });

  it('leaves hot polling able to see that a call goes back to what it last saw of it', async () => {
    const world = rangeWorld();
    world.server.put('a', { status: 'COMPLETED', duration: 60 });
    // Until it waits for no detail any more.
    for (const seconds of [20, 400, 60]) {
      await world.poll();
      world.pass(seconds);
    }
    world.server.put('a', { status: 'FAILED' });
    await sweep(world);
    world.server.put('a', { status: 'COMPLETED' });
    world.pass(60);
    await world.poll();

    expect(world.calls.stored('clinic', 'a')?.call.outcome).toBe('completed');
    expect(world.told()).toEqual(['call.completed a', 'call.failed a', 'call.updated a']);
  });

  it('counts nothing as missed that hot polling is still about to see, or owes nobody', async () => {
    const world = rangeWorld({ firstRun: 'baseline' });
    await world.poll();
    const history = world.ago(5 * HOUR);
    world.pass(20 * HOUR);
    world.server.put('before the baseline', { createdAt: history, status: 'FAILED' });
    world.server.put('long before', { createdAt: world.ago(45 * HOUR), status: 'FAILED' });
    world.server.put('just now', { createdAt: world.ago(60), status: 'FAILED' });
    await sweep(world);

    expect(world.told()).toEqual(['call.failed just now']);
    expect(world.job('daily').counts).toMatchObject({ listed: 2, silent: 1, missedFinal: 0 });
  });

  it('of two days of calls that are all known writes the job once and nothing else', async () => {
    const world = rangeWorld();
    for (let call = 0; call < 50; call += 1) world.server.put(`c${call}`, { status: 'FAILED' });
    await world.poll();
    world.pass(HOUR);
    await world.poll();
    const before = { calls: world.calls.count.writes, states: world.states.count.saves };
    await sweep(world);

    expect(world.jobs.count.saves).toBe(1);
    expect({ calls: world.calls.count.writes, states: world.states.count.saves }).toEqual(before);
    expect(world.job('daily').counts.listed).toBe(50);
  });

  it('cuts what is too much for one message into slices, and remembers their length', async () => {
    const world = rangeWorld({ poll: { background: '100ms' } });
    for (let call = 0; call < 2_400; call += 1) {
      world.server.put(`c${call}`, { createdAt: world.ago(call * 70), status: 'FAILED' });
    }
    await sweep(world);
    const { step, counts } = world.job('daily');

    expect(counts.listed).toBeGreaterThanOrEqual(2_400);
    expect(new Set(world.told()).size).toBe(2_400);
    expect(step).toBeGreaterThanOrEqual(3);
    expect(counts.requests).toBeLessThan(40);

    world.pass(24 * HOUR);
    const asked = world.server.asked.length;
    await sweep(world, daily('2026-11-21'));
    expect(world.server.asked.length - asked).toBeLessThan(20);
  });

  it('keeps its requests apart, by waiting and by delayed messages', async () => {
    const world = rangeWorld({ firstRun: 'baseline' });
    for (let call = 0; call < 1_500; call += 1) {
      // None so new that its end might be after the baseline: then its detail would be read.
      world.server.put(`c${call}`, { createdAt: world.ago(7_200 + call * 40), status: 'FAILED' });
    }
    await sweep(world);
    const at = world.server.asked.map((asked) => asked.at);

    expect(at.length).toBeGreaterThan(8);
    for (const [index, instant] of at.slice(1).entries()) {
      expect(instant - (at[index] ?? 0)).toBeGreaterThanOrEqual(2_000);
    }
  });

  it('keeps to a budget of requests by resting between slices, however long that takes', async () => {
    const budget = { firstRun: 'baseline', maxRequestsPerDay: 48 };
    const world = rangeWorld(budget);
    for (let call = 0; call < 1_500; call += 1) {
      world.server.put(`c${call}`, { createdAt: world.ago(7_200 + call * 40), status: 'FAILED' });
    }
    await sweep(world);
    const at = world.server.asked.map((asked) => asked.at);
    const days = (world.now().getTime() - (at[0] ?? 0)) / 86_400_000;

    expect(world.job('daily')).toMatchObject({ state: 'done', tries: 0 });
    expect(world.dead).toEqual([]);
    expect(world.job('daily').step).toBeGreaterThan(1);
    // What the last slice owes is owed still.
    expect(at.length - 10).toBeLessThanOrEqual(48 * days);
  });

  it('begins once, whatever comes twice', async () => {
    const world = rangeWorld();
    world.server.put('a', { status: 'FAILED' });
    world.enqueue(daily());
    world.enqueue(daily());
    await world.work();

    expect(world.server.asked.filter(({ kind }) => kind === 'list')).toHaveLength(1);
    expect(world.jobs.count.saves).toBe(1);
  });

  it('takes over from one that never ended, and reaches back to the last that did', async () => {
    const world = rangeWorld();
    await sweep(world);
    const reached = world.job('daily').to;
    world.server.script.instead = serverError;
    world.pass(24 * HOUR);
    world.enqueue(daily('2026-11-21'));
    await world.work(undefined, () => world.now().toISOString() > '2026-11-25T12');
    world.enqueue(daily('2026-11-25'));
    await world.work(undefined, () => world.now().toISOString() > '2026-11-25T13');
    world.server.script.instead = () => undefined;
    await world.work();

    expect(world.job('daily')).toMatchObject({ id: '2026-11-25', state: 'done', from: reached });
    expect(world.queued()).toEqual([]);
  });

  it('is over when its connection was removed', async () => {
    const world = rangeWorld();
    world.config.written = undefined;
    await sweep(world);

    expect(world.server.asked).toEqual([]);
    expect(world.jobs.count.saves).toBe(0);
  });

  it('remembers an open call for hot polling', async () => {
    const world = rangeWorld();
    await world.poll();
    world.pass(30 * HOUR);
    await world.poll();
    world.server.put('long', { createdAt: world.ago(20 * HOUR) });
    await sweep(world);
    expect(world.state().open.map(({ id }) => id)).toEqual(['long']);

    world.server.put('long', { status: 'COMPLETED', duration: 72_000 });
    world.pass(60);
    await world.poll();
    expect(world.told()).toEqual(['call.completed long']);
  });
});

describe('a provider that limits', () => {
  it('is asked by nobody until the time it told, neither by the sweep nor by hot polls', async () => {
    const world = rangeWorld();
    await world.poll();
    world.server.script.instead = () => rateLimited(1_800_000);
    world.enqueue(daily());
    await world.work(undefined, () => world.jobs.count.saves > 0);
    const until = new Date(world.now().getTime() + 1_800_000).toISOString();

    expect(world.state().backoffUntil).toBe(until);
    const asked = world.server.asked.length;
    world.pass(600);
    expect((await world.poll()).reason).toBe('waiting');
    world.server.script.instead = () => undefined;
    await world.work();
    expect(world.server.asked[asked]?.at).toBeGreaterThanOrEqual(Date.parse(until));
    expect(world.job('daily')).toMatchObject({ state: 'done', tries: 0 });
  });

  it('holds the sweep back when it was a hot poll that was told', async () => {
    const world = rangeWorld();
    world.server.script.instead = () => rateLimited(3_600_000);
    await world.poll();
    world.server.script.instead = () => undefined;
    const until = world.state().backoffUntil ?? '';
    await sweep(world);

    expect(world.server.asked.at(-1)?.at).toBeGreaterThanOrEqual(Date.parse(until));
    expect(world.job('daily').state).toBe('done');
  });
});

describe('trouble of the provider', () => {
  it('is waited out for hours, without a dead letter', async () => {
    const world = rangeWorld();
    world.server.put('a', { status: 'FAILED' });
    world.server.script.instead = serverError;
    world.enqueue(daily());
    const start = world.now().getTime();
    await world.work(undefined, () => world.now().getTime() > start + 6 * HOUR * 1000);
    expect(world.job('daily')).toMatchObject({ state: 'running', reason: 'provider_error' });
    world.server.script.instead = () => undefined;
    await world.work();

    expect(world.dead).toEqual([]);
    expect(world.told()).toEqual(['call.failed a']);
    expect(world.job('daily')).toMatchObject({ state: 'done', reason: null });
  });
});

describe('a row that breaks through a fault of ours', () => {
  it('is tried a few times, counted and left, and keeps nothing else from being told', async () => {
    const world = rangeWorld();
    world.server.put('good', { status: 'FAILED' });
    world.server.put('bad', { status: 'FAILED' });
    world.enqueue(daily());
    await world.work((deps) => ({
      ...deps,
      calls: {
        ...deps.calls,
        write: async (next) => {
          if (next.call.id === 'bad') throw new Error('an item of 1 GB');
          return deps.calls.write(next);
        },
      },
    }));

    expect(world.told()).toEqual(['call.failed good']);
    expect(world.job('daily')).toMatchObject({ state: 'done', step: 5, counts: { broken: 1 } });
    expect(world.logged.at(-1)).toMatchObject(['warn', 'swept', { ok: false }]);
  });
});

describe('a list without a time filter', () => {
  const setup = (count: number, apartSeconds: number) => {
    const voz = scriptedVozagent();
    const world = rangeWorld(
      { provider: 'vozagent', poll: { background: '100ms' } },
      { http: voz.http },
    );
    for (let call = 0; call < count; call += 1) {
      voz.rows.push({
        id: `c${call}`,
        call_status: 'failed',
        call_started_at: world.ago(call * apartSeconds),
        call_ended_at: world.ago(call * apartSeconds),
      });
    }
    return { voz, world };
  };
  const listed = (world: RangeWorld) =>
    new Set([...world.calls.announced()].map((event) => ('call' in event ? event.call.id : '')));

  it('is read as far down as the range goes where newest come first', async () => {
    const { voz, world } = setup(6_000, 600);
    await sweep(world);

    // Two days are 288 calls, and a page is a hundred.
    expect(listed(world).size).toBe(289);
    expect(voz.offsets).toEqual([0, 100, 200, 300]);
  });

  it('is read whole where they come in no order, and only the range of it is recorded', async () => {
    const { voz, world } = setup(1_000, 600);
    voz.rows.sort((a, b) => (a.id.slice(-1) + a.id < b.id.slice(-1) + b.id ? -1 : 1));
    await sweep(world);

    expect(listed(world).size).toBe(289);
    expect(new Set(voz.offsets).size).toBe(11);
  });

  it('is read on over many messages, from where the last one ended, one page again', async () => {
    const { voz, world } = setup(4_500, 10);
    await sweep(world);

    expect(listed(world).size).toBe(4_500);
    expect(world.job('daily').step).toBe(3);
    expect(voz.offsets.length).toBeLessThan(46 + 2 + 10);
  });

  it('is read from its beginning when it shifted by more than a page between two messages', async () => {
    const { voz, world } = setup(2_500, 10);
    let isShifted = false;
    world.enqueue(daily());
    await world.work((deps) => {
      if (!isShifted && world.jobs.count.saves === 1) {
        isShifted = true;
        // Deleted, and the rows after them are where they were before them.
        voz.rows.splice(0, 300);
      }
      return deps;
    });

    expect(world.job('daily').position).toMatchObject({ restarts: 1 });
    expect(listed(world).size).toBe(2_500);
  });

  it('goes on when it only grew meanwhile', async () => {
    const { voz, world } = setup(2_500, 10);
    let isGrown = false;
    world.enqueue(daily());
    await world.work((deps) => {
      if (!isGrown && world.jobs.count.saves === 1) {
        isGrown = true;
        const fresh = Array.from({ length: 250 }, (_, call) => ({
          id: `new${call}`,
          call_status: 'failed',
          call_started_at: world.ago(-10),
        }));
        voz.rows.unshift(...fresh);
      }
      return deps;
    });

    expect(world.job('daily').position).toMatchObject({ restarts: 0 });
    expect([...listed(world)].filter((id) => id.startsWith('c'))).toHaveLength(2_500);
  });
});
