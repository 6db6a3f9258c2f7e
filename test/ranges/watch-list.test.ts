import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../../lib/http.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { solum } from '../../lib/providers/solum/index.ts';
import { dueWatches } from '../../lib/ranges/due-sweeps.ts';
import { pollWatchList } from '../../lib/ranges/poll-watch-list.ts';
import { addMs, DAY_MS } from '../../lib/time.ts';
import { connection, NOW } from '../support/calls.ts';
import { rangeWorld } from '../support/range-world.ts';
import { rateLimited } from '../support/scripted-hamsa.ts';

const DAY = 86_400;
const WATCH = { connection: 'clinic', kind: 'watch', list: 'follow-up' } as const;

/** Solum's list with its two filters. */
function setup() {
  const rows: { id: string; status: string; started_at: string; ended_at?: string }[] = [];
  const asked: URL[] = [];
  const trouble: { error: Error | undefined } = { error: undefined };
  const http =
    (now: () => Date): HttpClient =>
    async ({ url }) => {
      asked.push(url);
      if (trouble.error) throw trouble.error;
      const [from, to, status] = ['started_gte', 'started_lte', 'status'].map((name) =>
        url.searchParams.get(name),
      );
      const data = rows.filter(
        (row) =>
          (!from || row.started_at >= from) &&
          (!to || row.started_at <= to) &&
          (!status || row.status === status),
      );
      const body = { data, pagination: { has_more: false, total: data.length } };
      return { body: structuredClone(body), requestedAt: now(), receivedAt: now() };
    };
  const world = rangeWorld({ provider: 'solum' }, { http });
  const put = (id: string, status: string) => {
    const at = rows.findIndex((row) => row.id === id);
    const { started_at } = rows[at] ?? { started_at: world.ago(0) };
    const row = { id, status, started_at, ended_at: started_at };
    if (at < 0) rows.push(row);
    else rows[at] = row;
    world.pass(1);
  };
  return { world, put, asked, trouble, watch: () => pollWatchList(WATCH, world.deps) };
}

/** A call that was told weeks ago. */
async function withOldCall() {
  const all = setup();
  all.put('a', 'pending');
  all.world.enqueue({ connection: 'clinic', kind: 'daily', job: '2026-11-20', step: 0 });
  await all.world.work();
  all.world.pass(20 * DAY);
  return all;
}

describe('a watch list', () => {
  it('tells of a call that people came back to weeks after its end, each time', async () => {
    const { world, put, watch } = await withOldCall();
    put('a', 'follow_up_needed');
    await watch();
    await watch();
    put('a', 'done');
    // It left the watch list; a sweep sees what became of it.
    world.enqueue({ connection: 'clinic', kind: 'weekly', job: '2026-12-10', step: 0 });
    await world.work();
    put('a', 'follow_up_needed');
    await watch();

    const updated = Array.from({ length: 3 }, () => 'call.updated a');
    expect(world.told()).toEqual(['call.completed a', ...updated]);
    expect(world.announced().at(-1)).toMatchObject({
      changes: ['attributes.workflowStatus'],
      call: { attributes: { workflowStatus: 'follow_up_needed' } },
    });
  });

  it('costs one request and no write while there is nothing new on it', async () => {
    const { world, asked, watch } = await withOldCall();
    const before = { calls: world.calls.count.writes, states: world.states.count.saves };
    asked.length = 0;
    await watch();

    expect(asked.map(({ search }) => search)).toEqual([
      '?page=1&limit=100&status=follow_up_needed',
    ]);
    expect({ calls: world.calls.count.writes, states: world.states.count.saves }).toEqual(before);
  });

  it('waits as everybody does when the provider limits, and says so to hot polling', async () => {
    const { world, asked, trouble, watch } = await withOldCall();
    trouble.error = rateLimited(600_000);
    await watch();
    trouble.error = undefined;
    asked.length = 0;
    await watch();
    expect(asked).toEqual([]);

    world.pass(600);
    await watch();
    expect(asked).toHaveLength(1);
  });

  it('is read every quarter of an hour, or as seldom as a tenth of a budget allows', () => {
    const inADay = (written = {}, provider = solum) =>
      Array.from({ length: 1_440 }, (_, minute) => {
        const from = addMs(NOW, minute * 60_000);
        return dueWatches(connection(written), provider, from, addMs(from, 60_000));
      }).flat();

    expect(inADay()).toHaveLength(96);
    expect(inADay()[0]?.message).toEqual(WATCH);
    expect(inADay({ maxRequestsPerDay: 100 })).toHaveLength(10);
    expect(inADay({}, hamsa)).toEqual([]);
    expect(dueWatches(connection(), solum, NOW, addMs(NOW, DAY_MS))).toHaveLength(1);
  });
});
