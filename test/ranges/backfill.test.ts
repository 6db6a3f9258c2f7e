import { describe, expect, it } from 'vitest';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { vozagent } from '../../lib/providers/vozagent/index.ts';
import {
  type BackfillOrder,
  BackfillUnderWay,
  beginBackfill,
  cancelBackfill,
  remainingMs,
  resumeBackfill,
} from '../../lib/ranges/backfill.ts';
import type { RangeJob } from '../../lib/ranges/range-job.ts';
import { type RangeWorld, rangeWorld } from '../support/range-world.ts';
import { serverError } from '../support/scripted-hamsa.ts';
import { scriptedVozagent } from '../support/scripted-vozagent.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** The last thirty days, until two days ago, when the connection was first polled. */
const order = (world: RangeWorld, more: Partial<BackfillOrder> = {}): BackfillOrder => ({
  from: new Date(world.ago(30 * DAY)),
  to: new Date(world.ago(2 * DAY)),
  announce: 'none',
  dryRun: false,
  ...more,
});

const begin = (
  world: RangeWorld,
  more: Partial<BackfillOrder> = {},
  list: typeof hamsa.list = hamsa.list,
) =>
  beginBackfill('clinic', order(world, more), list, {
    jobs: world.jobs,
    send: async (message) => world.enqueue(message),
    now: world.now,
  });

/** A month of calls, one every two hours; the connection was first polled two days ago. */
async function withPast(written: Record<string, unknown> = {}): Promise<RangeWorld> {
  const world = rangeWorld({ firstRun: 'baseline', poll: { background: '100ms' }, ...written });
  await world.poll();
  world.pass(2 * DAY);
  await world.poll();
  for (let call = 0; call < 372; call += 1) {
    const createdAt = world.ago(31 * DAY - call * 2 * HOUR);
    world.server.put(`c${call}`, { createdAt, status: 'FAILED' });
  }
  return world;
}

describe('a backfill', () => {
  it('that announces nothing stores each call of its range, silent for ever', async () => {
    const world = await withPast();
    await begin(world);
    await world.work();

    expect(world.told()).toEqual([]);
    // Both ends of the range are in it.
    expect(world.job('backfill')).toMatchObject({
      state: 'done',
      expected: 337,
      counts: { changed: 337, silent: 337, missedFinal: 0 },
    });
    world.server.put('c200', { status: 'COMPLETED', duration: 3 });
    await begin(world);
    await world.work();
    expect(world.told()).toEqual([]);
  });

  it('that announces events tells of each, however old, as of any other', async () => {
    const world = await withPast();
    await begin(world, { announce: 'events' });
    await world.work();
    const events = world.announced();

    expect(new Set(world.told()).size).toBe(337);
    expect(events.every((event) => 'call' in event && !event.replay)).toBe(true);
    expect(world.calls.stored('clinic', 'c200')).toMatchObject({ silent: false, late: false });
  });

  it('that announces events leaves each slice the time to read every detail', async () => {
    const world = await withPast({ poll: { background: '2s' } });
    for (let call = 0; call < 1_200; call += 1) {
      world.server.put(`busy${call}`, {
        createdAt: world.ago(20 * DAY - call * 60),
        status: 'FAILED',
      });
    }
    await begin(world, { announce: 'events' });
    await world.work();
    const details = world.server.asked.filter(({ kind }) => kind === 'detail');

    expect(new Set(world.told()).size).toBe(1_537);
    expect(new Set(details.map(({ what }) => what)).size).toBe(1_537);
  });

  it('tells nothing of a call that was stored before, and was not to be told', async () => {
    const world = await withPast();
    await begin(world);
    await world.work();
    await begin(world, { announce: 'events' });
    await world.work();

    expect(world.told()).toEqual([]);
    expect(world.job('backfill').counts.changed).toBe(0);
  });

  it('treats an open call as any other: it is followed until it ends, and told', async () => {
    const world = await withPast({ maxCallAge: '5d' });
    world.server.put('long', { createdAt: world.ago(3 * DAY) });
    await begin(world);
    await world.work();
    world.server.put('long', { status: 'COMPLETED', duration: 3 * DAY });
    world.pass(60);
    await world.poll();

    expect(world.told()).toEqual(['call.completed long']);
  });

  it('leaves what a list shows beyond its range to hot polling', async () => {
    const voz = scriptedVozagent();
    const world = rangeWorld(
      { provider: 'vozagent', poll: { background: '100ms' } },
      { http: voz.http },
    );
    for (let call = 0; call < 250; call += 1) {
      const at = world.ago(call * 6 * HOUR);
      voz.rows.push({
        id: `c${call}`,
        call_status: 'failed',
        call_started_at: at,
        call_ended_at: at,
      });
    }
    await begin(world, { to: new Date(world.ago(10 * DAY)) }, vozagent.list);
    await world.work();

    expect(world.calls.stored('clinic', 'c39')).toBeUndefined();
    expect(world.calls.stored('clinic', 'c40')).toMatchObject({ silent: true });
    expect(world.calls.stored('clinic', 'c120')).toMatchObject({ silent: true });
    expect(world.calls.stored('clinic', 'c121')).toBeUndefined();
  });

  it('writes what is new without reading it first, and finds out when it is not', async () => {
    const world = await withPast();
    const range = order(world);
    await begin(world, range);
    const before = world.calls.count.reads;
    await world.work();
    // The first of two pages.
    expect(world.calls.count.reads - before).toBe(1);

    for (let call = 0; call < 700; call += 1) {
      const createdAt = world.ago(60 * DAY - call * HOUR);
      world.server.put(`old${call}`, { createdAt, status: 'FAILED' });
    }
    await begin(world, { ...range, from: new Date(world.ago(61 * DAY)) });
    await world.work();

    // Twelve of the calls from before were older than the first range.
    expect(world.job('backfill').counts).toMatchObject({ listed: 1_049, changed: 712 });
    expect(world.calls.stored('clinic', 'c200')).toMatchObject({ version: 1, silent: true });
    expect(world.told()).toEqual([]);
  });

  it('that is only an estimate asks once, and records nothing', async () => {
    const world = await withPast();
    await begin(world, { dryRun: true });
    const asked = world.server.asked.length;
    await world.work();

    expect(world.server.asked.length - asked).toBe(1);
    expect(world.job('backfill')).toMatchObject({ state: 'done', expected: 337 });
    expect(world.calls.count.writes).toBe(0);
  });

  it('goes on where it was when it is begun again, and is one all the same', async () => {
    const world = await withPast();
    const range = order(world);
    const { job } = await begin(world, range);
    await world.work(undefined, () => world.jobs.count.saves === 2);
    const again = await begin(world, range);

    expect(again).toMatchObject({ isResumed: true, job: { id: job.id, step: 1 } });
    await resumeBackfill('clinic', { ...world, send: async (message) => world.enqueue(message) });
    await world.work();
    expect(world.job('backfill').counts.changed).toBe(337);
    expect(world.queued()).toEqual([]);
  });

  it('is refused while the connection has another, and not when that was given up', async () => {
    const world = await withPast();
    await begin(world);
    await expect(begin(world, { announce: 'events' })).rejects.toThrow(BackfillUnderWay);
    expect(await cancelBackfill('clinic', world)).toMatchObject({ state: 'canceled' });
    expect(await cancelBackfill('clinic', world)).toBeUndefined();
    await begin(world, { announce: 'events' });
    await world.work();

    expect(world.job('backfill')).toMatchObject({ state: 'done', announce: 'events' });
  });

  it('that is given up in the middle of a slice does not go on', async () => {
    const world = await withPast();
    await begin(world);
    await world.work((deps) => ({
      ...deps,
      http: async (request) => {
        if (world.jobs.count.saves === 2) await cancelBackfill('clinic', world);
        return deps.http(request);
      },
    }));

    expect(world.job('backfill').state).toBe('canceled');
    expect(world.queued()).toEqual([]);
  });

  it('lets hot polls go on at their own pace', async () => {
    const world = await withPast();
    await begin(world);
    world.server.put('now', { status: 'FAILED' });
    await world.work((deps) => ({
      ...deps,
      http: async (request) => {
        if (world.jobs.count.saves === 2) await world.poll();
        return deps.http(request);
      },
    }));

    expect(world.told()).toEqual(['call.failed now']);
    expect(world.job('backfill').state).toBe('done');
  });
});

describe('what is left of a job', () => {
  const pace = { pageSize: 100, apartMs: 2_000 };

  it('is told by how many calls there are, then by how long it has taken', async () => {
    const world = await withPast();
    const { job } = await begin(world);
    const counted = { ...job, expected: 10_000 };
    expect(remainingMs(job, { ...pace, now: world.now() })).toBeUndefined();
    expect(remainingMs(counted, { ...pace, now: world.now() })).toBe(200_000);

    world.pass(60);
    const half: RangeJob = {
      ...counted,
      position: { by: 'time', at: world.ago(16 * DAY + 60), sliceMs: 1 },
    };
    expect(remainingMs(half, { ...pace, now: world.now() })).toBe(60_000);
  });

  it('is unknown where the list tells neither time nor number', async () => {
    const world = await withPast({ provider: 'vozagent' });
    const { job } = await begin(world, {}, vozagent.list);
    world.server.script.instead = serverError;

    expect(remainingMs(job, { ...pace, now: world.now() })).toBeUndefined();
  });
});
