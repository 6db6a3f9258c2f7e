import { describe, expect, it } from 'vitest';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { newBackfill, newSweep } from '../../lib/ranges/range-job.ts';
import { type Death, mortalRange } from '../support/mortal.ts';
import { type RangeWorld, rangeWorld } from '../support/range-world.ts';
import { scriptedVozagent } from '../support/scripted-vozagent.ts';

const HOUR = 3_600;

/** Two hours: the slices after the first are longer, for they hold little. */
const SHORT_MS = 7_200_000;

/** Everything that a slice can come across, over three slices and more. */
function furnish(world: RangeWorld): void {
  for (let call = 0; call < 30; call += 1) {
    const createdAt = world.ago(HOUR + call * 5_500);
    world.server.put(`c${call}`, { createdAt, status: call % 3 ? 'COMPLETED' : 'FAILED' });
  }
  world.server.put('open', { createdAt: world.ago(10 * HOUR) });
  world.server.put('bad', { createdAt: world.ago(20 * HOUR), duration: 'long' });
  world.server.put('odd', { createdAt: world.ago(12 * HOUR), status: 'ARCHIVED' });
}

async function live(kind: 'daily' | 'backfill', death?: Death) {
  const world = rangeWorld({ poll: { background: '100ms' } });
  // Small pages, so that a few calls are several slices.
  world.server.script.perPage = 4;
  await world.poll();
  world.pass(30 * HOUR);
  furnish(world);
  if (kind === 'daily') {
    const before = newSweep({ id: '2026-11-20', kind }, undefined, {
      settings: world.settings,
      hot: world.state(),
      list: hamsa.list,
      now: world.now(),
    });
    const position = { by: 'time', at: before.to, sliceMs: SHORT_MS } as const;
    await world.jobs.save('clinic', { ...before, version: 1, position, state: 'done' });
    world.enqueue({ connection: 'clinic', kind, job: '2026-11-21', step: 0 });
  } else {
    const range = { from: new Date(world.ago(50 * HOUR)), to: world.now() };
    const announce = 'events' as const;
    const job = newBackfill(
      { ...range, announce, dryRun: false },
      undefined,
      hamsa.list,
      world.now(),
    );
    const position = { by: 'time', at: job.from, sliceMs: SHORT_MS } as const;
    await world.jobs.save('clinic', { ...job, version: 1, position });
    world.enqueue({ connection: 'clinic', kind, job: job.id, step: 0 });
  }
  return { world, total: await workUnto(world, death) };
}

/** Works until nothing is left to do; one of the processes on the way dies. Returns how often all of them called out. */
async function workUnto(world: RangeWorld, death?: Death): Promise<number> {
  const lives: { calls(): number }[] = [];
  const total = () => lives.reduce((sum, life) => sum + life.calls(), 0);
  await world.work((deps) => {
    const left = death && death.at - total();
    const isDue = death !== undefined && left !== undefined && left > 0;
    const life = mortalRange(deps, isDue ? { ...death, at: left } : undefined);
    lives.push(life);
    return life.deps;
  });
  return total();
}

const told = (world: RangeWorld) =>
  new Set(world.announced().flatMap(({ id, type }) => (type === 'call.updated' ? [] : [id])));

describe.each(['daily', 'backfill'] as const)('a %s that dies', (kind) => {
  it('at any call to the outside is gone on with: nothing is lost, nothing told twice', async () => {
    const whole = await live(kind);
    const expected = [...told(whole.world)].toSorted();
    expect(expected.length).toBeGreaterThan(30);
    expect(whole.world.job(kind).step).toBeGreaterThan(2);

    for (let at = 1; at <= whole.total + 2; at += 1) {
      for (const afterwards of [false, true]) {
        const { world } = await live(kind, { at, afterwards });
        const context = JSON.stringify({ at, afterwards });
        const ids = world.announced().map(({ id }) => id);

        expect([...told(world)].toSorted(), context).toEqual(expected);
        expect(new Set(ids).size, context).toBe(ids.length);
        expect(world.job(kind).state, context).toBe('done');
        expect(
          world
            .state()
            .open.map(({ id }) => id)
            .toSorted(),
          context,
        ).toEqual(['odd', 'open']);
        expect(world.dead, context).toEqual([]);
      }
    }
  });
});

describe('a sweep of a list without a time filter that dies', () => {
  async function livePages(death?: Death) {
    const voz = scriptedVozagent();
    // Details are asked for so far apart that the time of a slice is up after a page.
    const written = { provider: 'vozagent', poll: { background: '10s' } };
    const world = rangeWorld(written, { http: voz.http });
    for (let call = 0; call < 250; call += 1) {
      const at = world.ago(HOUR + call * 600);
      const row = { id: `c${call}`, call_started_at: at };
      voz.rows.push({ ...row, call_status: 'failed', call_ended_at: at });
    }
    world.enqueue({ connection: 'clinic', kind: 'daily', job: '2026-11-20', step: 0 });
    return { world, total: await workUnto(world, death) };
  }

  it('goes on at the page where it was', async () => {
    const whole = await livePages();
    expect(told(whole.world).size).toBe(250);
    expect(whole.world.job('daily').step).toBeGreaterThan(2);

    // Hundreds of the calls are alike, so every so many of them will do.
    for (let at = 1; at <= whole.total + 2; at += 23) {
      for (const afterwards of [false, true]) {
        const { world } = await livePages({ at, afterwards });
        const context = JSON.stringify({ at, afterwards });
        const ids = world.announced().map(({ id }) => id);

        expect(told(world).size, context).toBe(250);
        expect(new Set(ids).size, context).toBe(ids.length);
        expect(world.job('daily').state, context).toBe('done');
      }
    }
  });
});
