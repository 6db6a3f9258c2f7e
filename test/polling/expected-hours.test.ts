import { describe, expect, it } from 'vitest';
import { expectTrafficSchema } from '../../lib/config/expect-traffic.ts';
import { isLongerThanExpected } from '../../lib/polling/expected-hours.ts';

const isLong = (written: unknown, from: string, to: string): boolean =>
  isLongerThanExpected(expectTrafficSchema.parse(written), new Date(from), new Date(to));

describe('how long no call came', () => {
  it('is counted by the clock where nothing else is said', () => {
    expect(isLong('4h', '2026-11-20T12:00:00Z', '2026-11-20T16:00:00Z')).toBe(false);
    expect(isLong('4h', '2026-11-20T12:00:00Z', '2026-11-20T16:00:01Z')).toBe(true);
  });

  it.each([
    // Sunday morning in Riyadh, after a weekend of Friday and Saturday: 16:30 to 17:00, then from 09:00.
    ['2026-11-19T13:30:00Z', '2026-11-22T07:29:59Z', false],
    ['2026-11-19T13:30:00Z', '2026-11-22T07:30:01Z', true],
    // All on one day.
    ['2026-11-22T06:00:00Z', '2026-11-22T08:00:01Z', true],
    ['2026-11-22T06:00:00Z', '2026-11-22T07:59:59Z', false],
    // Two nights.
    ['2026-11-22T14:00:00Z', '2026-11-23T06:00:00Z', false],
  ])('from %s to %s is counted in working hours', (from, to, expected) => {
    const days = ['sun', 'mon', 'tue', 'wed', 'thu'];
    const written = { within: '2h', days, hours: '09:00-17:00', zone: 'Asia/Riyadh' };

    expect(isLong(written, from, to)).toBe(expected);
  });

  it.each([
    ['2026-11-21T02:00:00Z', '2026-11-21T04:00:00Z', true],
    // The night of Friday ends on Saturday, and Saturday has none.
    ['2026-11-21T06:00:00Z', '2026-11-27T20:00:00Z', false],
    ['2026-11-21T06:00:00Z', '2026-11-27T21:01:00Z', true],
  ])(
    'from %s to %s is counted over midnight, as hours of the day on which they begin',
    (from, to, expected) => {
      const written = { within: '1h', days: ['fri'], hours: '20:00-05:00', zone: 'UTC' };

      expect(isLong(written, from, to)).toBe(expected);
    },
  );

  it.each([
    // Clocks go back at 01:00 UTC: the day has 25 hours, and work begins at 09:00 as ever.
    ['2026-10-24T22:00:00Z', '2026-10-25T09:59:00Z', false],
    ['2026-10-24T22:00:00Z', '2026-10-25T10:01:00Z', true],
    // They go forward.
    ['2026-03-28T23:00:00Z', '2026-03-29T08:59:00Z', false],
    ['2026-03-28T23:00:00Z', '2026-03-29T09:01:00Z', true],
  ])('from %s to %s follows the clocks of its zone over summer time', (from, to, expected) => {
    // In Lisbon 09:00 is 08:00 UTC in summer and 09:00 UTC in winter.
    const written = {
      within: '1h',
      hours: '09:00-18:00',
      zone: from.startsWith('2026-03') ? 'Europe/London' : 'Europe/Lisbon',
    };

    expect(isLong(written, from, to)).toBe(expected);
  });

  it('is long at once after years, however few hours are expected', () => {
    const written = { within: '30d', days: ['mon'], hours: '09:00-09:01', zone: 'Asia/Kathmandu' };

    expect(isLong(written, '2020-01-01T00:00:00Z', '2026-11-20T00:00:00Z')).toBe(false);
  });
});

describe('expected traffic', () => {
  it.each([
    [{ within: '2h', hours: '9-17', zone: 'UTC' }, 'is not a time of day from and to'],
    [{ within: '2h', hours: '09:00-24:30', zone: 'UTC' }, 'is not a time of day from and to'],
    [{ within: '2h', hours: '09:00-09:00', zone: 'UTC' }, 'is not a time of day from and to'],
    [{ within: '2h', hours: '09:00-17:00' }, 'has no time zone'],
    [{ within: '2h', days: ['mon'] }, 'has no time zone'],
    [{ within: '2h', zone: 'Riyadh' }, 'is not a time zone'],
    [{ within: '2h', days: ['monday'], zone: 'UTC' }, 'Invalid option'],
    ['often', 'is not a duration'],
    ['90d', 'is out of range'],
  ])('written as %j is refused in words', (written, words) => {
    expect(JSON.stringify(expectTrafficSchema.safeParse(written).error?.issues)).toContain(words);
  });
});
