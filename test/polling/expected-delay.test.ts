import { describe, expect, it } from 'vitest';
import { expectedWait, type Known } from '../../lib/polling/expected-delay.ts';
import { learnPace, type Pace, priorPace } from '../../lib/polling/pace.ts';
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import { NOW } from '../support/calls.ts';

const WORTH = 60;

/** Watched for long: so many calls a day, of a length that all of them have. */
function pace(perDay: number, lengthSeconds = 2): Pace {
  const lengthsMs = Array.from({ length: 190 }, () => lengthSeconds * SECOND_MS);
  const learned = learnPace(
    priorPace,
    { created: [], lengthsMs },
    { since: NOW, now: NOW, requests: 1 },
  );
  return { ...learned, calls: perDay * 1.44, days: 1.44 };
}

const wait = (facts: Partial<Known>, { at = NOW, worth = WORTH } = {}): number =>
  expectedWait(
    { pace: pace(0), lastChangeAt: NOW.toISOString(), open: [], ...facts },
    worth,
  )(at.getTime());

const openSince = (...seconds: number[]) =>
  seconds.map((age) => ({ since: addMs(NOW, -age * SECOND_MS).toISOString() }));

describe('the wait that is expected to be worth a request', () => {
  it.each([100, 1_000, 10_000])('is that of the square root for %i short calls a day', (perDay) => {
    const best = Math.sqrt((2 * WORTH * 86_400) / perDay);

    expect(wait({ pace: pace(perDay) }) / best).toBeGreaterThan(0.97);
    expect(wait({ pace: pace(perDay) }) / best).toBeLessThan(1.1);
  });

  it('is longer by about their length where calls are long: they must come and then end', () => {
    const [short, long] = [pace(10_000), pace(10_000, 180)].map((of) => wait({ pace: of }));

    expect((long ?? 0) - (short ?? 0)).toBeGreaterThan(130);
    expect((long ?? 0) - (short ?? 0)).toBeLessThan(230);
  });

  it('is short while a call is as old as calls become, and long while it is young', () => {
    const taught = { pace: pace(1, 180) };
    const at = (age: number) => wait({ ...taught, open: openSince(age) });

    expect(at(180)).toBeLessThan(at(20) / 3);
    expect(at(180)).toBeLessThan(150);
  });

  it('grows again for a call that has been open for longer than any call', () => {
    const at = (age: number) => wait({ pace: pace(1, 180), open: openSince(age) });

    expect(at(12 * 3_600)).toBeGreaterThan(2 * at(180));
    expect(at(24 * 3_600)).toBeGreaterThan(at(12 * 3_600));
  });

  it('is the shorter the more calls are open', () => {
    expect(wait({ open: openSince(90, 90, 90, 90) })).toBeLessThan(
      0.6 * wait({ open: openSince(90) }),
    );
  });

  it('grows with the silence, without anything being written', () => {
    const at = (hours: number) => wait({ pace: pace(500) }, { at: addMs(NOW, hours * HOUR_MS) });

    expect([at(1), at(24), at(72)]).toEqual([at(1), at(24), at(72)].toSorted((a, b) => a - b));
    expect(at(72)).toBeGreaterThan(2 * at(1));
  });

  it('follows the hours at which calls come', () => {
    const hours = priorPace.hours.map((_, hour) => (hour >= 9 && hour < 17 ? 40 : 0));
    const at = (hour: number) =>
      wait(
        { pace: { ...pace(500), hours } },
        { at: new Date(Date.UTC(2026, 10, 20, hour, 30)), worth: 40 },
      );

    expect(at(3)).toBeGreaterThan(2 * at(13));
  });

  it('does not jump from one hour to the next', () => {
    const hours = priorPace.hours.map((_, hour) => (hour >= 9 && hour < 17 ? 40 : 0));
    const known = { pace: { ...pace(500), hours }, lastChangeAt: NOW.toISOString(), open: [] };
    const at = expectedWait(known, WORTH);

    for (let from = NOW.getTime(); from < NOW.getTime() + DAY_MS; from += MINUTE_MS) {
      expect(Math.abs(Math.log(at(from) / at(from + MINUTE_MS)))).toBeLessThan(0.1);
    }
  });
});
