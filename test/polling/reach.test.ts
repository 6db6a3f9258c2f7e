import { describe, expect, it } from 'vitest';
import { initialState, type PollState } from '../../lib/polling/poll-state.ts';
import { reachOf } from '../../lib/polling/reach.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { addMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { connection, NOW } from '../support/calls.ts';
import { pollWorld } from '../support/poll-world.ts';

const settings = connection();
const ago = (ms: number) => addMs(NOW, -ms).toISOString();
const POLL_MS = 30 * SECOND_MS;

/** A list of 20,000 calls a day, of which one page shows ten minutes. */
function busyState(facts: Partial<PollState> = {}): PollState {
  const begun = initialState(settings, NOW);
  return {
    ...begun,
    begun: true,
    lastChangeAt: ago(POLL_MS),
    busy: { deepAt: ago(POLL_MS), readUntil: ago(POLL_MS), pageMs: 10 * MINUTE_MS },
    pace: { ...begun.pace, calls: 20_000, days: 1 },
    ...facts,
  };
}

/** What the polls of an hour do, all of which find something, had they nothing else to remember. */
function hourOfPolls(state: PollState) {
  const polls = Array.from({ length: HOUR_MS / POLL_MS }, (_, index) =>
    addMs(NOW, index * POLL_MS),
  );
  return polls.map((now) => {
    const lastAt = addMs(now, -POLL_MS).toISOString();
    const busy = state.busy && { ...state.busy, deepAt: lastAt, readUntil: lastAt };
    const { due, window } = reachOf(hamsa, { ...state, busy, lastChangeAt: lastAt }, settings, now);
    return { due: due.length, backMs: now.getTime() - window.from.getTime() };
  });
}

describe('a walk over a busy list', () => {
  it('reaches as far back as one page does for certain', () => {
    const { deep, window } = reachOf(hamsa, busyState(), settings, NOW);

    expect(deep).toBe(false);
    expect(window).toEqual({ from: addMs(NOW, -7 * MINUTE_MS), to: NOW });
  });

  it('reaches back to the poll before at least, however long ago that was', () => {
    const readUntil = ago(12 * MINUTE_MS);
    const busy = { deepAt: readUntil, readUntil, pageMs: 10 * MINUTE_MS };

    expect(reachOf(hamsa, busyState({ busy }), settings, NOW).window.from.toISOString()).toBe(
      readUntil,
    );
  });

  it('is over the whole look-back every quarter of an hour, with every open call', () => {
    const deepAt = ago(15 * MINUTE_MS);
    const busy = { deepAt, readUntil: ago(POLL_MS), pageMs: 10 * MINUTE_MS };
    const open = [{ id: 'a', since: ago(3 * HOUR_MS) }];
    const { deep, due, window } = reachOf(hamsa, busyState({ busy, open }), settings, NOW);

    expect(deep).toBe(true);
    expect(due).toEqual(open);
    expect(window.from <= addMs(NOW, -HOUR_MS)).toBe(true);
  });

  it('reads further pages in turn, where there are open calls: the nearer ones more often', () => {
    const { pace } = busyState();
    // One in ten lasts between 9 and 17 minutes, one in a hundred up to twice as long.
    const counts = new Map([
      [4, 178],
      [8, 20],
      [9, 2],
    ]);
    const lengths = pace.lengths.map((_, index) => counts.get(index) ?? 0);
    const since = ago(40 * MINUTE_MS);
    const state = busyState({ pace: { ...pace, lengths }, open: [{ id: 'a', since }] });
    const pages = hourOfPolls(state).map(({ backMs }) => Math.ceil(backMs / (10 * MINUTE_MS)));
    const second = pages.filter((count) => count >= 2).length;
    const third = pages.filter((count) => count >= 3).length;

    expect(second).toBeLessThan(pages.length);
    expect(third).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(third);
    expect(hourOfPolls({ ...state, open: [] }).every(({ backMs }) => backMs < 10 * MINUTE_MS)).toBe(
      true,
    );
  });

  it('leaves an old call that is open for most polls, as it may have ended long since or not at all', () => {
    const dues = hourOfPolls(busyState({ open: [{ id: 'a', since: ago(HOUR_MS) }] }));
    const read = dues.filter(({ due }) => due > 0).length;

    expect(read).toBeGreaterThan(1);
    expect(read).toBeLessThan(dues.length / 4);
  });

  it('goes back to the call itself where no page reads one by its id', () => {
    const since = ago(HOUR_MS);
    const state = busyState({ open: [{ id: 'a', since }] });
    const froms = Array.from({ length: 120 }, (_, index) => {
      const now = addMs(NOW, index * POLL_MS);
      const lastAt = addMs(now, -POLL_MS).toISOString();
      const busy = { deepAt: lastAt, readUntil: lastAt, pageMs: 10 * MINUTE_MS };
      return reachOf({ ...hamsa, detail: undefined }, { ...state, busy }, settings, now);
    });

    for (const { due, window } of froms) {
      expect(window.from.toISOString() === since).toBe(due.length > 0);
    }
    expect(froms.some(({ due }) => due.length > 0)).toBe(true);
  });
});

it('open calls that a busy list shows no more are told when they end, for few requests', async () => {
  const world = pollWorld({ firstRun: 'baseline' });
  const ids = Array.from({ length: 30 }, (_, index) => `open${index}`);
  let made = 0;
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute += 1) {
      world.pass(60);
      for (let call = 0; call < 6; call += 1) {
        made += 1;
        world.server.put(`c${made}`, { status: 'NO_ANSWER' });
      }
      await world.poll();
    }
  };
  await minutes(90);
  for (const [index, id] of ids.entries()) {
    world.server.put(id, { status: 'IN_PROGRESS', createdAt: world.ago(index) });
  }
  await minutes(150);
  for (const id of ids) world.server.put(id, { status: 'FAILED' });
  world.server.asked.length = 0;
  await minutes(20);
  const asked = world.server.asked.filter(
    ({ kind, what }) => kind === 'list' || ids.includes(what),
  );

  expect(world.told()).toEqual(expect.arrayContaining(ids.map((id) => `call.failed ${id}`)));
  expect(asked.length).toBeLessThan(90);
});
