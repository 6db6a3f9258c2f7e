import type { Medians, Name } from './promises.ts';
import type { Score } from './score.ts';

const [WIDTH, HEIGHT] = [840, 480];
const PLOT = { left: 70, right: 800, top: 64, bottom: 420 } as const;

/** What the axes show: requests per final call, and seconds until its end is seen; both logarithmic. */
const REQUESTS = [0.1, 1_000] as const;
const SECONDS = [2, 1_000] as const;

/** A strategy in the picture, and where its label stands, so that none stands on another. */
interface Drawn {
  readonly name: Name;
  readonly words: string;
  readonly place: 'above' | 'below';
  readonly anchor?: 'start' | 'middle';
}

/** Not the first page alone: it costs and waits as much as reading until something is known, and loses calls. */
const DRAWN: readonly Drawn[] = [
  { name: 'fullRepoll60', words: 'everything, each minute', place: 'below' },
  { name: 'cursor24h', words: 'cursor and 24 h, each 5 minutes', place: 'above', anchor: 'start' },
  { name: 'fixed60', words: 'until known, each minute', place: 'below' },
  { name: 'cursor1h', words: 'cursor and 1 h', place: 'below', anchor: 'start' },
  { name: 'uniformSameBudget', words: 'one interval for all, our budget', place: 'above' },
  { name: 'callwire', words: 'Callwire', place: 'below' },
  { name: 'callwireWithHints', words: 'Callwire with webhooks', place: 'above' },
];

const between = (value: number, [low, high]: readonly [number, number]): number =>
  Math.log(Math.min(high, Math.max(low, value)) / low) / Math.log(high / low);

const x = (requests: number): number =>
  PLOT.left + between(requests, REQUESTS) * (PLOT.right - PLOT.left);
const y = (seconds: number): number =>
  PLOT.bottom - between(seconds, SECONDS) * (PLOT.bottom - PLOT.top);

const at = (value: number): string => value.toFixed(1);

const text = (left: number, top: number, words: string, rest = ''): string =>
  `<text x="${at(left)}" y="${at(top)}"${rest}>${words}</text>`;

const line = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  `<line class="${kind}" x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}"/>`;

function axes(): string[] {
  const requests = [0.1, 1, 10, 100, 1_000].map((value) => [
    line(x(value), PLOT.top, x(value), PLOT.bottom, 'grid'),
    text(x(value), PLOT.bottom + 20, String(value), ' text-anchor="middle"'),
  ]);
  const seconds = [3, 10, 30, 60, 300, 900].map((value) => [
    line(PLOT.left, y(value), PLOT.right, y(value), 'grid'),
    text(PLOT.left - 8, y(value) + 4, `${value} s`, ' text-anchor="end"'),
  ]);
  const middle = (PLOT.left + PLOT.right) / 2;
  return [
    ...requests.flat(),
    ...seconds.flat(),
    text(
      middle,
      PLOT.bottom + 44,
      'requests per final call, sweeps counted',
      ' text-anchor="middle"',
    ),
  ];
}

/** One strategy: half of its calls are seen by the hollow mark, 95 of 100 by the full one. */
function mark({ name, words, place, anchor = 'middle' }: Drawn, score: Score): string[] {
  const { requestsPerFinalCall, sweepRequestsPerFinalCall, delaySeconds } = score;
  const left = x(requestsPerFinalCall + sweepRequestsPerFinalCall);
  const [median, tail] = [y(delaySeconds.p50), y(delaySeconds.p95)];
  return [
    `<g class="${name.startsWith('callwire') ? 'ours' : 'other'}">`,
    line(left, median, left, tail, 'range'),
    `<circle class="median" cx="${at(left)}" cy="${at(median)}" r="4.5"/>`,
    `<circle cx="${at(left)}" cy="${at(tail)}" r="5.5"/>`,
    text(left, place === 'below' ? median + 20 : tail - 11, words, ` text-anchor="${anchor}"`),
    '</g>',
  ];
}

const STYLE = `
  svg { background: #fff; font: 12px system-ui, sans-serif; }
  text { fill: #4a5160; }
  .title { font-size: 16px; font-weight: 600; fill: #1c2230; }
  .grid { stroke: #e6e8ee; }
  .range { stroke-width: 2; }
  .other line { stroke: #9aa2b1; } .other circle { fill: #9aa2b1; stroke: #9aa2b1; }
  .ours line { stroke: #0b7a5e; } .ours circle { fill: #0b7a5e; stroke: #0b7a5e; }
  .ours text { fill: #0b7a5e; font-weight: 600; }
  circle.median { fill: #fff; stroke-width: 2; }`;

/** Requests against delay, for all strategies: down and to the left is better. */
export function drawing(median: Medians): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    '<title>What polling costs, and how late it sees the end of a call</title>',
    `<style>${STYLE}\n</style>`,
    text(
      PLOT.left,
      26,
      'What polling costs, and how late it sees the end of a call',
      ' class="title"',
    ),
    text(
      PLOT.left,
      46,
      'Half of all calls are seen by the hollow mark, 95 of 100 by the full one. Down and left is better.',
    ),
    ...axes(),
    ...DRAWN.flatMap((drawn) => mark(drawn, median.scores[drawn.name])),
    '</svg>',
  ].join('\n')}\n`;
}
