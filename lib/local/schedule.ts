/**
 * When EventBridge Scheduler would run a schedule next.
 * Rules: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const UNIT_MS = new Map([
  ['minute', MINUTE_MS],
  ['hour', 60 * MINUTE_MS],
  ['day', DAY_MS],
]);
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const LAST_YEAR = 2199;

/** A wall clock's reading, written as the UTC instant that reads the same. */
type WallClock = number;

interface Field {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** Names for the values from `min` on. */
  readonly names?: readonly string[];
}

interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly isDay: (day: Date) => boolean;
}

/**
 * The first run after an instant, or undefined when there is none left. A `rate` counts from
 * `after`, so pass the previous run (or the moment the schedule was created).
 *
 * @param expression `rate(5 minutes)`, `at(2030-01-31T08:00:00)` or `cron(0 8 ? * MON-FRI *)`;
 *   of cron's wildcards `W` and `#` are not supported and throw
 * @param timezone an IANA name, in which `at` and `cron` are read
 */
export function nextRun(expression: string, after: Date, timezone = 'UTC'): Date | undefined {
  const [, kind = '', content = ''] = /^(rate|at|cron)\(([^()]+)\)$/.exec(expression.trim()) ?? [];
  switch (kind) {
    case 'rate':
      return new Date(after.getTime() + parseRate(content));
    case 'at': {
      const run = instantOf(parseAt(content), timezone);
      return run !== undefined && run > after.getTime() ? new Date(run) : undefined;
    }
    case 'cron':
      return nextCronRun(parseCron(content), after.getTime(), timezone);
    default:
      throw new Error(`Not a rate(), at() or cron() expression: ${expression}`);
  }
}

function parseRate(content: string): number {
  const [, value, unit = ''] = /^([1-9]\d*) +(minute|hour|day)s?$/.exec(content.trim()) ?? [];
  const unitMs = UNIT_MS.get(unit);
  if (unitMs === undefined) {
    throw new Error(`Not a rate in whole minutes, hours or days: rate(${content})`);
  }
  return Number(value) * unitMs;
}

function parseAt(content: string): WallClock {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(content)
    ? Date.parse(`${content}Z`)
    : Number.NaN;
  if (Number.isNaN(wall)) throw new Error(`Not a time like 2030-01-31T08:00:00: at(${content})`);
  return wall;
}

function parseCron(content: string): Cron {
  const fields = content.trim().toUpperCase().split(/\s+/);
  const [minute = '', hour = '', dayOfMonth = '', month = '', weekday = '', year = ''] = fields;
  if (fields.length !== 6) throw new Error(`cron(${content}) must have six fields`);
  if ((dayOfMonth === '?') === (weekday === '?')) {
    throw new Error(`cron(${content}) must have ? in one of day-of-month and day-of-week`);
  }
  const months = parseField(month, { label: 'month', min: 1, max: 12, names: MONTHS });
  const years = parseField(year, { label: 'year', min: 1970, max: LAST_YEAR });
  const isRightDay = weekday === '?' ? parseDayOfMonth(dayOfMonth) : parseWeekday(weekday);

  return {
    minutes: parseField(minute, { label: 'minute', min: 0, max: 59 }),
    hours: parseField(hour, { label: 'hour', min: 0, max: 23 }),
    isDay: (day) =>
      months.includes(day.getUTCMonth() + 1) &&
      years.includes(day.getUTCFullYear()) &&
      isRightDay(day),
  };
}

function parseDayOfMonth(text: string): (day: Date) => boolean {
  if (text === 'L') return (day) => day.getUTCDate() === daysInMonth(day);
  const days = parseField(text, { label: 'day-of-month', min: 1, max: 31 });
  return (day) => days.includes(day.getUTCDate());
}

/** 1 is Sunday. `L` alone is Saturday, the week's last day; `6L` is the month's last Friday. */
function parseWeekday(text: string): (day: Date) => boolean {
  const field = { label: 'day-of-week', min: 1, max: 7, names: WEEKDAYS };
  const isLastOfMonth = text.length > 1 && text.endsWith('L');
  const weekdays = text === 'L' ? [7] : parseField(isLastOfMonth ? text.slice(0, -1) : text, field);

  return (day) =>
    weekdays.includes(day.getUTCDay() + 1) &&
    (!isLastOfMonth || day.getUTCDate() > daysInMonth(day) - 7);
}

function daysInMonth(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The values of one field in ascending order. */
function parseField(text: string, field: Field): number[] {
  const values = new Set(text.split(',').flatMap((part) => parsePart(part, field)));
  return [...values].sort((a, b) => a - b);
}

function parsePart(part: string, field: Field): number[] {
  const [range = '', step, ...rest] = part.split('/');
  const [from = '', to, ...more] = range.split('-');
  const first = range === '*' ? field.min : parseValue(from, field);
  const isOpenEnded = range === '*' || (to === undefined && step !== undefined);
  const last = isOpenEnded ? field.max : parseValue(to ?? from, field);
  const increment = step === undefined ? 1 : Number(step);
  const isSane = rest.length === 0 && more.length === 0 && first <= last;
  if (!isSane || !Number.isInteger(increment) || increment < 1) {
    throw new Error(`Cannot read ${part} as ${field.label}`);
  }

  return Array.from(
    { length: Math.floor((last - first) / increment) + 1 },
    (_, index) => first + index * increment,
  );
}

function parseValue(text: string, field: Field): number {
  if (/W$|#/.test(text)) throw new Error(`W and # are not supported: ${text} as ${field.label}`);
  const named = field.names?.indexOf(text) ?? -1;
  const value = named >= 0 ? named + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= field.min && value <= field.max)) {
    throw new Error(`Cannot read ${text} as ${field.label}`);
  }
  return value;
}

function nextCronRun(cron: Cron, after: number, timezone: string): Date | undefined {
  const wallAfter = wallClockAt(after, timezone);
  const end = Date.UTC(LAST_YEAR + 1, 0, 1);
  for (let day = wallAfter - (wallAfter % DAY_MS); day < end; day += DAY_MS) {
    if (!cron.isDay(new Date(day))) continue;
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const wall = day + (hour * 60 + minute) * MINUTE_MS;
        // Spares the conversion, which is slow.
        if (wall <= wallAfter) continue;
        const run = instantOf(wall, timezone);
        // In the repeated hour of autumn the first reading counts, and may be over already.
        if (run !== undefined && run > after) return new Date(run);
      }
    }
  }
  return undefined;
}

/**
 * The first instant at which the wall clock shows a reading. In spring there may be none: Scheduler
 * then skips the run; in autumn there may be two: it runs at the first only.
 */
function instantOf(wall: WallClock, timezone: string): number | undefined {
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((near) => wallClockAt(near, timezone) - near);
  return offsets
    .map((offset) => wall - offset)
    .sort((a, b) => a - b)
    .find((instant) => wallClockAt(instant, timezone) === wall);
}

function wallClockAt(instant: number, timezone: string): WallClock {
  if (timezone === 'UTC') return instant;
  const parts = formatterFor(timezone).formatToParts(instant);
  const part = (type: string) => Number(parts.find((found) => found.type === type)?.value);
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wall + (instant % 1000);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs a thousand times what using it does. */
function formatterFor(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, made);
  return made;
}
