import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Provider } from '../../lib/providers/provider.ts';
import { fakeProvider, fakeServer } from '../support/fake-provider.ts';
import { pollWorld } from '../support/poll-world.ts';
import { serverError } from '../support/scripted-hamsa.ts';

type Placed = 'newest first' | 'oldest first' | 'anywhere';

function setup(
  placed: Placed,
  {
    declared = 'undocumented',
    paging = 'offset',
    firstRun = 'all',
  }: {
    declared?: Provider['list']['order'];
    paging?: Provider['list']['paging'];
    firstRun?: string;
  } = {},
) {
  const world = pollWorld({ firstRun }, { provider: fakeProvider(declared, { paging }) });
  const server = fakeServer(world.now);
  let made = 0;
  const put = (row: { id: string; createdAt: string | null; status: string }) => {
    if (placed === 'newest first') server.rows.unshift(row);
    else if (placed === 'oldest first') server.rows.push(row);
    else server.rows.splice((made * 7919) % (server.rows.length + 1), 0, row);
    made += 1;
  };
  return {
    world,
    server,
    put,
    poll: (timeSeconds = 1_800) =>
      world.poll({
        http: server.http,
        deadline: new Date(world.now().getTime() + timeSeconds * 1000),
      }),
    /** New calls, so many seconds apart, the last one just now. */
    add: (count: number, { every = 0, status = 'done' } = {}) => {
      for (let left = count - 1; left >= 0; left -= 1) {
        put({ id: `c${made}`, createdAt: world.ago(left * every), status });
      }
    },
    /** Places of the pages that a poll asks for. */
    async places(poll: () => Promise<unknown>): Promise<string[]> {
      server.asked.length = 0;
      await poll();
      return [...server.asked];
    },
  };
}

const DAY_OF_CALLS = { every: 300 };

describe('a list without a time filter', () => {
  it('costs one page where the newest come first, however long it is', async () => {
    const { world, add, poll, places } = setup('newest first');
    add(400, { every: 900 });
    await poll();
    world.pass(60);
    add(1);

    expect(await places(poll)).toEqual(['0']);
    expect(world.told()).toHaveLength(401);
  });

  it('is read at its end where the oldest come first', async () => {
    const { world, add, poll, places } = setup('oldest first');
    add(4_000, DAY_OF_CALLS);
    await poll();
    world.pass(60);
    add(1);
    await poll();
    const before = world.told().length;
    world.pass(60);
    add(1);

    expect((await places(poll)).length).toBeLessThanOrEqual(3);
    expect(world.told()).toHaveLength(before + 1);
  });

  it('is found where its recent calls begin in few pages, though the oldest come first', async () => {
    const { add, poll, places } = setup('oldest first', { firstRun: 'baseline' });
    add(40_000, DAY_OF_CALLS);

    // A day of calls is 288 rows, so 32 pages that overlap by a row.
    expect((await places(poll)).length).toBeLessThanOrEqual(60);
  });

  it('is walked to its end where it is in no order', async () => {
    const { world, server, add, poll, places } = setup('anywhere');
    add(35, DAY_OF_CALLS);
    await poll();
    server.rows.push({ id: 'at-the-end', createdAt: world.ago(0), status: 'done' });
    world.pass(60);

    expect(await places(poll)).toEqual(['0', '9', '18', '27']);
    expect(world.told()).toHaveLength(36);
  });

  it('is read otherwise as soon as its order turns out to be another', async () => {
    const { world, server, add, poll } = setup('newest first', { declared: 'newest-first' });
    add(100, DAY_OF_CALLS);
    await poll();
    server.rows.reverse();
    server.rows.push({ id: 'at-the-end', createdAt: world.ago(0), status: 'done' });
    world.pass(60);
    await poll();

    expect(world.told()).toContain('call.completed at-the-end');
  });

  it('loses nothing when a later page fails: what was shown before it is not known yet', async () => {
    const { world, server, poll, add } = setup('newest first', { declared: 'newest-first' });
    add(35);
    server.trouble.at = 9;
    server.trouble.error = serverError();
    await poll();
    server.trouble.at = undefined;
    world.pass(600);
    await poll();

    expect(world.told()).toHaveLength(35);
  });

  it('misses no row that slips to the page before, because others were deleted meanwhile', async () => {
    for (const paging of ['offset', 'page'] as const) {
      const { world, server, add, poll } = setup('newest first', { paging });
      server.script.counts = paging === 'page';
      add(45);
      let requests = 0;
      server.script.before = () => {
        requests += 1;
        if (requests === 3) server.rows.splice(2, 4);
      };
      await poll();

      for (const { id } of server.rows) expect(world.told()).toContain(`call.completed ${id}`);
    }
  });

  it('is read on where a walk had no time left, while new calls are told at once', async () => {
    const { world, server, add, poll } = setup('newest first');
    add(400, DAY_OF_CALLS);
    // Ten pages a poll.
    server.script.before = () => world.pass(10);
    await poll(100);
    for (let again = 0; again < 8; again += 1) {
      add(1);
      const news = server.rows[0]?.id;
      await poll(100);
      expect(world.told()).toContain(`call.completed ${news}`);
    }

    expect(world.told().sort()).toEqual(server.rows.map(({ id }) => `call.completed ${id}`).sort());
    expect(world.state().list?.gap).toBeNull();
  });

  it('tells of an open call that is still listed, and never ends, that it is stale', async () => {
    const { world, poll, add } = setup('newest first');
    add(1, { status: 'open' });
    for (let hour = 0; hour < 30; hour += 1) {
      await poll();
      world.pass(3600);
    }

    expect(world.told()).toEqual(['call.stale c0']);
  });

  it('tells nothing of calls without any date that were over before the first poll', async () => {
    const { world, put, poll } = setup('newest first', { firstRun: 'baseline' });
    put({ id: 'history', createdAt: null, status: 'done' });
    await poll();
    world.pass(60);
    put({ id: 'news', createdAt: null, status: 'done' });
    await poll();

    expect(world.told()).toEqual(['call.completed news']);
  });
});

it('whatever the order, the paging and what comes and goes between pages: each call that stays is told, once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Placed>('newest first', 'oldest first', 'anywhere'),
      fc.constantFrom<Provider['list']['paging']>('offset', 'page', 'token'),
      fc.boolean(),
      fc.array(fc.record({ pass: fc.nat(1_200), calls: fc.nat(30) }), { maxLength: 12 }),
      fc.array(fc.record({ drop: fc.option(fc.nat(60)), add: fc.nat(2) }), { maxLength: 40 }),
      async (placed, paging, counts, polls, drift) => {
        const { world, server, add, poll } = setup(placed, { paging });
        server.script.counts = counts;
        server.script.before = () => {
          const next = drift.pop();
          if (next?.drop != null) server.rows.splice(next.drop, 1);
          if (next) add(next.add);
        };
        for (const { pass, calls } of polls) {
          world.pass(pass);
          add(calls, { every: 1 });
          await poll();
        }
        // The last changes have been made; two polls may be needed to prove what was seen.
        drift.length = 0;
        await poll();
        await poll();

        const told = world.told();
        expect(new Set(told).size).toBe(told.length);
        for (const { id } of server.rows) expect(told).toContain(`call.completed ${id}`);
      },
    ),
    { numRuns: 60 },
  );
});
