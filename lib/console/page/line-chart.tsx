import type { Bar } from '../answers.ts';
import { Axes, HEIGHT, LEFT, slotOf, spanOf, WIDTH, yOf } from './axes.tsx';
import { lengthOf } from './words.ts';

const SHARES = ['p50', 'p90'] as const;
type Share = (typeof SHARES)[number];

/** Lengths of time, in seconds, of which the half is round as well: an axis ends at one. */
const ROUND_SECONDS = [1, 2, 4, 10, 20, 60, 120, 240, 600, 1_200, 3_600, 7_200, 14_400, 43_200];
const DAY_MS = 86_400_000;

const roundUp = (ms: number): number =>
  ROUND_SECONDS.map((each) => each * 1_000).find((each) => each >= ms) ??
  Math.ceil(ms / DAY_MS) * DAY_MS;

/** How long it takes until the end of a call is known, over time. Where nothing is known the line is broken. */
export function LineChart({ bars }: { bars: readonly Bar[] }) {
  const known = bars.flatMap(({ freshMs }) => freshMs ?? []);
  if (known.length === 0) return <p class="quiet">Nothing is known of that yet.</p>;
  const max = roundUp(Math.max(...known.map(({ p90 }) => p90)));
  const slot = slotOf(bars.length);
  const xOf = (index: number): number => LEFT + (index + 0.5) * slot;
  const pathOf = (share: Share): string => {
    let isDown = false;
    return bars
      .map(({ freshMs }, index) => {
        const step = freshMs
          ? `${isDown ? 'L' : 'M'}${xOf(index)} ${yOf(freshMs[share], max)}`
          : '';
        isDown = freshMs !== null;
        return step;
      })
      .join('');
  };
  return (
    <figure>
      <ul class="legend">
        <li class="p50">half of them within</li>
        <li class="p90">nine of ten within</li>
      </ul>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Half of the calls within ${lengthOf(Math.max(...known.map(({ p50 }) => p50)))}, nine of ten within ${lengthOf(Math.max(...known.map(({ p90 }) => p90)))}, at the slowest time`}
      >
        <Axes bars={bars} max={max} label={(value) => (value === 0 ? '0' : lengthOf(value))} />
        {SHARES.map((share) => (
          <g key={share} class={share}>
            <path d={pathOf(share)} />
            {bars.map((bar, index) =>
              bar.freshMs ? (
                <circle key={bar.from} cx={xOf(index)} cy={yOf(bar.freshMs[share], max)} r={3}>
                  <title>
                    {spanOf(bar)}: {share} {lengthOf(bar.freshMs[share])}
                  </title>
                </circle>
              ) : null,
            )}
          </g>
        ))}
      </svg>
    </figure>
  );
}
