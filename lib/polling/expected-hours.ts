import type { ExpectedTraffic } from '../config/expect-traffic.ts';
import { DAY_MS } from '../time.ts';

type Calendar = NonNullable<ExpectedTraffic['calendar']>;

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  // Making one takes a thousand times as long as asking it.
  const known = clocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    timeZoneName: 'longOffset',
    year: 'numeric',
  });
  clocks.set(zone, made);
  return made;
}

/** By how much clocks of a zone are ahead of UTC at an instant, in milliseconds. */
function aheadMs(zone: string, at: number): number {
  const parts = clockOf(zone).formatToParts(at);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes, seconds = '0'] =
    /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? [];
  if (sign === undefined) return 0;
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}

/** The instant at which clocks of a zone show a time, given as if it were UTC. */
function instantOf(zone: string, shown: number): number {
  const near = shown - aheadMs(zone, shown);
  return shown - aheadMs(zone, near);
}

/**
 * True when more than `within` has passed, counted in expected hours only: a night, or a day on which
 * nobody works, does not make a connection silent.
 */
export function isLongerThanExpected(
  { within, calendar }: ExpectedTraffic,
  from: Date,
  to: Date,
): boolean {
  if (!calendar) return to.getTime() - from.getTime() > within;
  let counted = 0;
  for (const [begin, end] of expectedHours(calendar, from.getTime(), to.getTime())) {
    counted += Math.max(0, Math.min(end, to.getTime()) - Math.max(begin, from.getTime()));
    if (counted > within) return true;
  }
  return false;
}

/** The expected hours of each day that may be between two instants, from and to when. */
function* expectedHours(
  { days, hours, zone }: Calendar,
  from: number,
  to: number,
): Generator<[begin: number, end: number]> {
  // From the day before: its hours may reach over midnight.
  const shown = from + aheadMs(zone, from) - DAY_MS;
  for (let day = Math.floor(shown / DAY_MS) * DAY_MS; ; day += DAY_MS) {
    const begin = instantOf(zone, day + hours.from);
    if (begin >= to) return;
    if (days.includes(new Date(day).getUTCDay())) yield [begin, instantOf(zone, day + hours.to)];
  }
}
