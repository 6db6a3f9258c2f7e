import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learnPace, type Pace, paceSchema, priorPace } from '../../lib/polling/pace.ts';
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { NOW } from '../support/calls.ts';
import { pollWorld } from '../support/poll-world.ts';

const KNOWN: Pace = { ...priorPace, days: 1e-6 };

/** Calls that come one after another for so many days, learned at each so-manyth of them. */
function taught({ gapMs, days, batch }: { gapMs: number; days: number; batch: number }): Pace {
  let pace = KNOWN;
  let since = NOW;
  let created: number[] = [];
  for (let at = NOW.getTime(); at < NOW.getTime() + days * DAY_MS; at += gapMs) {
    created.push(at);
    if (created.length < batch) continue;
    const now = new Date(at);
    pace = learnPace(pace, { created, lengthsMs: [] }, { since, now, requests: 1 });
    since = now;
    created = [];
  }
  return pace;
}

const perDay = ({ calls, days }: Pace): number => calls / days;

describe('a pace', () => {
  it('learns how many calls come in a day', () => {
    expect(perDay(taught({ gapMs: 10 * MINUTE_MS, days: 4, batch: 1 }))).toBeCloseTo(144, 0);
  });

  it('learns the same from seldom polls that show many calls as from many that show one', () => {
    const often = perDay(taught({ gapMs: MINUTE_MS, days: 4, batch: 1 }));
    const seldom = perDay(taught({ gapMs: MINUTE_MS, days: 4, batch: 60 }));

    expect(seldom / often).toBeGreaterThan(0.95);
    expect(seldom / often).toBeLessThan(1.05);
  });

  it('learns no rate from the history that the first poll reads, but lengths and hours', () => {
    const history = Array.from({ length: 500 }, (_, index) => NOW.getTime() - index * HOUR_MS * 2);
    const pace = learnPace(
      priorPace,
      { created: history, lengthsMs: history.map(() => 100 * SECOND_MS) },
      { since: NOW, now: NOW, requests: 6 },
    );

    expect(pace.calls).toBe(0);
    expect(pace.lengths[5]).toBeGreaterThan(90);
    expect(pace.hours.reduce((sum, count) => sum + count)).toBe(500);
    expect(pace.requests).toBe(1);
  });

  it('lets the hours of last week weigh half', () => {
    const hours = priorPace.hours.map((_, hour) => (hour === 9 ? 40 : 1));
    const since = NOW;
    const pace = learnPace(
      { ...KNOWN, hours },
      { created: [], lengthsMs: [] },
      { since, now: addMs(since, 7 * DAY_MS), requests: 1 },
    );

    expect(pace.hours).toEqual(priorPace.hours.map((_, hour) => (hour === 9 ? 20 : 0)));
  });

  it('takes a poll that had to catch up for an exception', () => {
    const learned = { created: [], lengthsMs: [] };
    const when = { since: NOW, now: NOW };
    const dear = learnPace(KNOWN, learned, { ...when, requests: 40 });

    expect(dear.requests).toBeLessThan(2.2);
    expect(learnPace(KNOWN, learned, { ...when, requests: 0 }).requests).toBe(1);
  });

  it('stays small, whatever it learns', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10 * DAY_MS }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 200 }),
        (ages, requests) => {
          let pace = KNOWN;
          for (let day = 0; day < 20; day += 1) {
            const since = addMs(NOW, day * DAY_MS);
            const now = addMs(since, DAY_MS);
            const created = ages.map((age) => now.getTime() - age);
            pace = learnPace(pace, { created, lengthsMs: ages }, { since, now, requests });
          }

          expect(paceSchema.parse(JSON.parse(JSON.stringify(pace)))).toEqual(pace);
          expect(JSON.stringify(pace).length).toBeLessThanOrEqual(250);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a poll', () => {
  it('teaches when calls come and how long they last; an empty one teaches nothing', async () => {
    const world = pollWorld();
    await world.poll();
    world.pass(60);
    world.server.put('a', { status: 'COMPLETED' });
    await world.poll();
    const { pace, lastChangeAt } = world.state();
    world.pass(60);
    await world.poll();

    expect(pace.days).toBeGreaterThan(0);
    expect(pace.hours[NOW.getUTCHours()]).toBe(1);
    expect(world.state()).toMatchObject({ pace, lastChangeAt });
  });
});
