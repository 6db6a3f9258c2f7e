import { stripVTControlCharacters, styleText } from 'node:util';
import cliTruncate from 'cli-truncate';
import type { Tally } from './tally.ts';
import type { Happening } from './telling.ts';

export interface ViewFrame {
  /** What the whole thing is, for somebody who has read nothing. */
  readonly title: string;
  readonly now: number;
  readonly startedAt: number;
  /** When it ends by itself, in seconds; undefined: when it is stopped. */
  readonly seconds: number | undefined;
  /** What is going on at the moment besides watching, such as draining. */
  readonly step: string | undefined;
  /** How the time of a line is written. */
  readonly timeOf: TimeOf;
  readonly columns: number;
  readonly rows: number;
}

export type TimeOf = (at: number) => string;

const SEPARATOR = ' · ';

type Style = Parameters<typeof styleText>[0];

const MARK: Readonly<Record<Happening['kind'], { word: string; style: Style }>> = {
  polled: { word: 'polled', style: 'dim' },
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

/** What there is to see, for somebody who has read nothing. */
export const WAY = 'provider’s list → one record per call → event on the bus → people and systems';

/** For somebody who compares with other logs: 14:05:09. */
export const timeOfDay: TimeOf = (at) => {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
};

const minutes = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
};

/** For somebody who watches from beginning to end: 0:07, as the head of the picture counts. */
export const timeSince =
  (startedAt: number): TimeOf =>
  (at) =>
    minutes(at - startedAt).padStart(5);

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const countOf = <T>(items: Iterable<T>, test: (item: T) => boolean): number =>
  [...items].filter(test).length;

/** So many connections have a line of their own; of more, those in trouble come first. */
const MAX_WATCHED = 4;

function watched({ connections }: Tally, now: number): string[] {
  if (connections.size === 0) return [label('Watched', 'nobody has answered yet …')];
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

function summary(tally: Tally, { now, columns }: ViewFrame): string[] {
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
    ...labelled(
      'Announced',
      types.size === 0
        ? ['nothing yet']
        : [...types].map(([type, events]) => `${events.length} ${type}`),
      columns,
    ),
    ...labelled(
      'Told',
      [
        ...(told.size === 0 ? ['nobody yet'] : []),
        ...[...told]
          .map(([destination, list]) => `${tally.reader.nameOf(destination)} ${list.length}`)
          .toSorted(),
        ...(waiting > 0 ? [paint('yellow', `${waiting} waiting for their turn`)] : []),
      ],
      columns,
    ),
  ];
}

/** Parts on one line, or on two where one has no room for all of them. */
function labelled(name: string, parts: readonly string[], columns: number): string[] {
  const fits = (count: number) => {
    const text = label(name, parts.slice(0, count).join(SEPARATOR));
    return stripVTControlCharacters(text).length < columns;
  };
  let first = parts.length;
  while (first > 1 && !fits(first)) first -= 1;
  const rest = parts.slice(first);
  return [
    label(name, parts.slice(0, first).join(SEPARATOR)),
    ...(rest.length > 0 ? [label('', rest.join(SEPARATOR))] : []),
  ];
}

const line = (time: string, what: string, call: string, text: string): string =>
  `  ${time}  ${what}  ${call}  ${text}`;

/** What the columns of the lines below are. */
export const headings = (timeOf: TimeOf): string =>
  paint('dim', line('time'.padStart(timeOf(0).length), 'what     ', 'call  ', 'in words'));

/** One thing that happened, as one line. */
export function happeningLine({ at, kind, call = '', text }: Happening, timeOf: TimeOf): string {
  const { word, style } = MARK[kind];
  return line(paint('dim', timeOf(at)), paint(style, word.padEnd(9)), call.padEnd(6), text);
}

/** The whole picture, as lines that fit: what is watched, what became of it, and what happens now. */
export function frameLines(tally: Tally, frame: ViewFrame): string[] {
  const { title, now, startedAt, seconds, step, timeOf, columns, rows } = frame;
  const passedMs = now - startedAt;
  const time =
    seconds === undefined
      ? `${minutes(passedMs)} · Ctrl-C to stop`
      : `${minutes(Math.min(passedMs, seconds * 1000))} of ${minutes(seconds * 1000)}`;
  const head = [
    `  ${paint(['bold', 'inverse'], ' callwire ')} ${paint('bold', time)} · ${title}`,
    step ? `  ${paint('yellow', step)}` : paint('dim', `  ${WAY}`),
    '',
    ...summary(tally, frame),
    '',
    headings(timeOf),
  ];
  const room = Math.max(1, rows - head.length - 1);
  const latest = tally.happenings.slice(-room).map((one) => happeningLine(one, timeOf));
  // One column is left free: terminals do not agree on how wide some emoji are.
  return [...head, ...latest].slice(0, rows - 1).map((text) => cliTruncate(text, columns - 1));
}
