import type { Bar } from '../answers.ts';

/** All charts are drawn in these units, and scaled to their place. */
export const WIDTH = 560;
export const HEIGHT = 210;
export const LEFT = 56;
export const BOTTOM = 24;
export const TOP = 8;

/** A round number that is no smaller: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((times) => times * power).find((round) => round >= value) ?? value;
}

export const yOf = (value: number, max: number): number =>
  HEIGHT - BOTTOM - (value / max) * (HEIGHT - BOTTOM - TOP);

export const slotOf = (count: number): number => (WIDTH - LEFT) / Math.max(1, count);

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const BOTH = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

const HOUR_MS = 3_600_000;

/** When a bar begins, as short as its length allows. */
function tick({ from, to }: Bar): string {
  const isLong = Date.parse(to) - Date.parse(from) > HOUR_MS * 2;
  return (isLong ? DAY : CLOCK).format(new Date(from));
}

export const spanOf = ({ from, to }: Bar): string =>
  `${BOTH.format(new Date(from))} to ${BOTH.format(new Date(to))}`;

/** Lines for values, and times below. */
export function Axes({
  bars,
  max,
  label,
}: {
  bars: readonly Bar[];
  max: number;
  label: (value: number) => string;
}) {
  const slot = slotOf(bars.length);
  const every = Math.ceil(bars.length / 6);
  return (
    <g class="axes">
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line x1={LEFT} x2={WIDTH} y1={yOf(share * max, max)} y2={yOf(share * max, max)} />
          <text x={LEFT - 8} y={yOf(share * max, max) + 4} text-anchor="end">
            {label(share * max)}
          </text>
        </g>
      ))}
      {bars.map((bar, index) =>
        index % every === 0 ? (
          <text
            key={bar.from}
            x={LEFT + index * slot + slot / 2}
            y={HEIGHT - 6}
            text-anchor="middle"
          >
            {tick(bar)}
          </text>
        ) : null,
      )}
    </g>
  );
}
