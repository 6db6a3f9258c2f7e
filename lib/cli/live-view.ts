import { styleText } from 'node:util';
import cliTruncate from 'cli-truncate';
import type { Happening, Tally } from './tally.ts';

export interface ViewFrame {
  /** What the whole thing is, for somebody who has read nothing. */
  readonly title: string;
  readonly now: number;
  readonly startedAt: number;
  /** When it ends by itself, in seconds; undefined: when it is stopped. */
  readonly seconds: number | undefined;
  /** What is going on at the moment besides watching, such as draining. */
  readonly step: string | undefined;
  readonly columns: number;
  readonly rows: number;
}

type Style = Parameters<typeof styleText>[0];

const MARK: Readonly<Record<Happening['kind'], { word: string; style: Style }>> = {
  seen: { word: 'seen', style: 'cyan' },
  changed: { word: 'changed', style: 'blue' },
  announced: { word: 'announced', style: 'magenta' },
  told: { word: 'told', style: 'green' },
  waiting: { word: 'waiting', style: 'yellow' },
  trouble: { word: 'trouble', style: 'red' },
};

const paint = (style: Style, text: string): string =>
  styleText(style, text, { validateStream: false });

const two = (value: number): string => String(value).padStart(2, '0');

const clock = (at: number): string => {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
};

const minutes = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
};

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const countOf = <T>(items: Iterable<T>, test: (item: T) => boolean): number =>
  [...items].filter(test).length;

/** So many connections have a line of their own; of more, those in trouble come first. */
const MAX_WATCHED = 4;

function watched({ connections }: Tally, now: number): string[] {
  if (connections.size === 0) return [label('Watched', 'asking for the first time …')];
  const ordered = [...connections].sort(
    ([, a], [, b]) => Number(Boolean(b.trouble)) - Number(Boolean(a.trouble)),
  );
  const lines = ordered
    .slice(0, MAX_WATCHED)
    .map(([id, { provider, polls, lastPollAt, trouble }]) => {
      const who = provider === undefined ? id : `${id} (${provider})`;
      const health = trouble ? paint('red', trouble.replaceAll('_', ' ')) : 'all well';
      const seconds = ((now - lastPollAt) / 1000).toFixed(0);
      return `${who}: ${health} · ${plural(polls, 'poll')}, last ${seconds} s ago`;
    });
  const rest = ordered.slice(MAX_WATCHED);
  const ill = countOf(rest, ([, { trouble }]) => Boolean(trouble));
  if (rest.length > 0) {
    lines.push(
      `and ${rest.length} more, ${ill === 0 ? 'all well' : paint('red', `${ill} in trouble`)}`,
    );
  }
  return lines.map((line, index) => label(index === 0 ? 'Watched' : '', line));
}

const label = (name: string, text: string): string => `  ${paint('bold', name.padEnd(10))} ${text}`;

function summary(tally: Tally, now: number): string[] {
  const calls = [...tally.calls.values()];
  const count = (outcome: string) =>
    countOf(calls, ({ call, silent }) => call.outcome === outcome && !silent);
  const silent = countOf(calls, (stored) => stored.silent);
  const types = Map.groupBy(tally.events, ({ type }) => type);
  const told = Map.groupBy(
    [...tally.deliveries.values()].filter(({ state }) => state === 'delivered'),
    ({ destination }) => destination,
  );
  const waiting = countOf(tally.deliveries.values(), ({ state }) => state === 'waiting');
  return [
    ...watched(tally, now),
    label(
      'Calls',
      `${count('open')} going on · ${count('completed')} completed · ${count('failed')} failed` +
        (silent > 0 ? paint('dim', ` · ${silent} earlier, not announced`) : ''),
    ),
    label(
      'Announced',
      [...types].map(([type, events]) => `${events.length} ${type}`).join(' · ') || 'nothing yet',
    ),
    label(
      'Told',
      ([...told].map(([destination, list]) => `${destination} ${list.length}`).join(' · ') ||
        'nobody yet') +
        (waiting > 0 ? paint('yellow', ` · ${waiting} waiting for their turn`) : ''),
    ),
  ];
}

/** One thing that happened, as one line. */
export function happeningLine({ at, kind, text }: Happening): string {
  const { word, style } = MARK[kind];
  return `  ${paint('dim', clock(at))}  ${paint(style, word.padEnd(9))}  ${text}`;
}

/** The whole picture, as lines that fit: what is watched, what became of it, and what happens now. */
export function frameLines(tally: Tally, frame: ViewFrame): string[] {
  const { title, now, startedAt, seconds, step, columns, rows } = frame;
  const passedMs = now - startedAt;
  const time =
    seconds === undefined
      ? `${minutes(passedMs)} · Ctrl-C to stop`
      : `${minutes(Math.min(passedMs, seconds * 1000))} of ${minutes(seconds * 1000)}`;
  const head = [
    `  ${paint(['bold', 'inverse'], ' callwire ')} ${paint('bold', time)} · ${title}`,
    step
      ? `  ${paint('yellow', step)}`
      : paint(
          'dim',
          '  provider’s list → one record per call → event on the bus → people and systems',
        ),
    '',
    ...summary(tally, now),
    '',
  ];
  const room = Math.max(3, rows - head.length - 1);
  const lines = [...head, ...tally.happenings.slice(-room).map(happeningLine)];
  // One column is left free: terminals do not agree on how wide some emoji are.
  return lines.map((line) => cliTruncate(line, columns - 1));
}
