import { describe, expect, it } from 'vitest';
import { nextRun } from '../../lib/local/schedule.ts';

/** Rules and examples: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
describe('nextRun', () => {
  it.each<[expression: string, after: string, next: string | undefined]>([
    ['rate(1 minute)', '2026-03-01T10:00:30Z', '2026-03-01T10:01:30Z'],
    ['rate(5 minutes)', '2026-03-01T10:00:00Z', '2026-03-01T10:05:00Z'],
    ['rate(2 hours)', '2026-03-01T23:00:00Z', '2026-03-02T01:00:00Z'],
    ['rate(7 days)', '2026-03-01T10:00:00Z', '2026-03-08T10:00:00Z'],

    ['at(2026-11-20T13:00:00)', '2026-11-20T12:59:59Z', '2026-11-20T13:00:00Z'],
    ['at(2026-11-20T13:00:00)', '2026-11-20T13:00:00Z', undefined],

    ['cron(* * * * ? *)', '2026-03-01T10:00:00Z', '2026-03-01T10:01:00Z'],
    ['cron(* * * * ? *)', '2026-03-01T10:00:59.999Z', '2026-03-01T10:01:00Z'],
    ['cron(0 10 * * ? *)', '2026-03-01T09:59:00Z', '2026-03-01T10:00:00Z'],
    ['cron(0 10 * * ? *)', '2026-03-01T10:00:00Z', '2026-03-02T10:00:00Z'],
    ['cron(0/15 * * * ? *)', '2026-03-01T10:46:00Z', '2026-03-01T11:00:00Z'],
    ['cron(*/20 8-17 ? * MON-FRI *)', '2026-03-06T17:40:00Z', '2026-03-09T08:00:00Z'],
    ['cron(5/20 9 * * ? *)', '2026-03-01T09:05:00Z', '2026-03-01T09:25:00Z'],
    ['cron(0 18 ? * mon,wed *)', '2026-03-02T18:00:00Z', '2026-03-04T18:00:00Z'],
    ['cron(0 9 ? * 1 *)', '2026-03-02T00:00:00Z', '2026-03-08T09:00:00Z'],
    ['cron(0 8 1 * ? *)', '2026-03-01T08:00:00Z', '2026-04-01T08:00:00Z'],
    ['cron(0 0 31 * ? *)', '2026-04-01T00:00:00Z', '2026-05-31T00:00:00Z'],
    ['cron(0 0 29 2 ? *)', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['cron(0 0 1 JAN-MAR/2 ? *)', '2026-01-15T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['cron(0 0 L * ? *)', '2028-02-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['cron(15 10 ? * 6L 2026-2027)', '2026-03-01T00:00:00Z', '2026-03-27T10:15:00Z'],
    ['cron(0 0 ? * L *)', '2026-03-01T00:00:00Z', '2026-03-07T00:00:00Z'],
    ['cron(0 0 1 1 ? 2025)', '2026-03-01T00:00:00Z', undefined],
  ])('%s after %s is %s', (expression, after, next) => {
    expect(nextRun(expression, new Date(after))).toEqual(next && new Date(next));
  });

  it.each<[expression: string, timezone: string, after: string, next: string]>([
    ['cron(30 9 * * ? *)', 'Asia/Riyadh', '2026-03-01T06:29:00Z', '2026-03-01T06:30:00Z'],
    ['cron(0 1 1 * ? *)', 'Asia/Riyadh', '2026-03-31T21:00:00Z', '2026-03-31T22:00:00Z'],
    ['at(2026-07-01T08:00:00)', 'Europe/Berlin', '2026-01-01T00:00:00Z', '2026-07-01T06:00:00Z'],
    ['cron(0 12 * * ? *)', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T10:00:00Z'],
    ['rate(1 day)', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z'],
  ])('%s in %s after %s is %s', (expression, timezone, after, next) => {
    expect(nextRun(expression, new Date(after), timezone)).toEqual(new Date(next));
  });

  it('skips a run at a time that spring leaves out', () => {
    // Berlin's clocks go from 02:00 to 03:00 on 29 March 2026.
    const next = nextRun('cron(30 2 * * ? *)', new Date('2026-03-28T12:00:00Z'), 'Europe/Berlin');

    expect(next).toEqual(new Date('2026-03-30T00:30:00Z'));
  });

  it('runs once at a time that autumn repeats', () => {
    // Berlin's clocks go from 03:00 back to 02:00 on 25 October 2026.
    const first = new Date('2026-10-25T00:30:00Z');

    expect(
      nextRun('cron(30 2 * * ? *)', new Date('2026-10-24T12:00:00Z'), 'Europe/Berlin'),
    ).toEqual(first);
    expect(nextRun('cron(30 2 * * ? *)', first, 'Europe/Berlin')).toEqual(
      new Date('2026-10-26T01:30:00Z'),
    );
  });

  it.each([
    ['rate(0 minutes)', /Not a rate/],
    ['rate(5 seconds)', /Not a rate/],
    ['rate(1.5 hours)', /Not a rate/],
    ['every(5 minutes)', /Not a rate\(\), at\(\) or cron\(\)/],
    ['at(tomorrow)', /Not a time like/],
    ['at(2026-02-31T25:00:00)', /Not a time like/],
    ['cron(0 10 * * *)', /six fields/],
    ['cron(0 10 * * * *)', /\? in one of/],
    ['cron(0 10 ? * ? *)', /\? in one of/],
    ['cron(60 10 * * ? *)', /Cannot read 60 as minute/],
    ['cron(0 20-8 * * ? *)', /Cannot read 20-8 as hour/],
    ['cron(0/0 8 * * ? *)', /Cannot read 0\/0 as minute/],
    ['cron(0 10 ? * MOON *)', /Cannot read MOON as day-of-week/],
    ['cron(0 10 15W * ? *)', /W and # are not supported/],
    ['cron(0 10 ? * 3#2 *)', /W and # are not supported/],
  ])('refuses %s', (expression, message) => {
    expect(() => nextRun(expression, new Date(0))).toThrow(message);
  });
});
