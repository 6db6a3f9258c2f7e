import type { ConnectionLine } from '../answers.ts';

/** How a thing looks, beside its word: nobody has to tell colours apart. */
export type Tone = 'good' | 'bad' | 'doubt' | 'busy' | 'quiet';

export const HEALTH: Readonly<Record<ConnectionLine['health'], { word: string; tone: Tone }>> = {
  well: { word: 'well', tone: 'good' },
  unwell: { word: 'trouble', tone: 'doubt' },
  failing: { word: 'failing', tone: 'bad' },
  waiting: { word: 'asked to wait', tone: 'doubt' },
  'never-polled': { word: 'not polled yet', tone: 'quiet' },
  removed: { word: 'not configured', tone: 'quiet' },
};

export const OUTCOME: Readonly<Record<string, Tone>> = {
  completed: 'good',
  failed: 'bad',
  open: 'busy',
};

export const DELIVERY: Readonly<Record<string, Tone>> = {
  delivered: 'good',
  sending: 'busy',
  waiting: 'busy',
  skipped: 'quiet',
  silenced: 'quiet',
  parked: 'bad',
  failed: 'bad',
  uncertain: 'doubt',
  absent: 'bad',
};

/** `no_answer` as people read it. */
export const spaced = (word: string): string => word.replaceAll(/[_.]/g, ' ');

export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? noun : many}`;

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** In its two largest units: `3 h 20 min`. */
export function lengthOf(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const first = UNITS.findIndex(([, size]) => ms >= size);
  let rest = ms;
  return UNITS.slice(first, first + 2)
    .flatMap(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count === 0 ? [] : `${count} ${unit}`;
    })
    .join(' ');
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

export const fullTime = (instant: string): string => FULL.format(new Date(instant));

/** In the time of whoever looks; the day only where it is another one. */
export function shortTime(instant: string): string {
  const date = new Date(instant);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? CLOCK.format(date) : `${DAY.format(date)} ${CLOCK.format(date)}`;
}
