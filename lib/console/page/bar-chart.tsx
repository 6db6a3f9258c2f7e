import type { Bar } from '../answers.ts';
import { Axes, BOTTOM, HEIGHT, LEFT, roundUp, slotOf, spanOf, WIDTH, yOf } from './axes.tsx';
import { go, hrefOf } from './router.ts';

const OUTCOMES = ['completed', 'failed', 'open'] as const;

const wordsOf = (bar: Bar): string =>
  `${spanOf(bar)}: ${bar.total} calls${bar.estimated ? ', about' : ':'} ${OUTCOMES.map((outcome) => `${bar.outcomes[outcome]} ${outcome}`).join(', ')}`;

/** The calls of one bar as a list. */
function hrefOfBar({ from, to }: Bar, query: URLSearchParams): string {
  const own = new URLSearchParams(query);
  own.delete('range');
  own.set('from', from);
  own.set('to', to);
  return hrefOf('/calls', own);
}

function Column({ bar, x, width, max }: { bar: Bar; x: number; width: number; max: number }) {
  let below = 0;
  return (
    <>
      {OUTCOMES.map((outcome) => {
        const from = below;
        below += bar.outcomes[outcome];
        const y = yOf(below, max);
        return (
          <rect
            key={outcome}
            class={outcome}
            x={x}
            y={y}
            width={width}
            height={Math.max(0, yOf(from, max) - y)}
          />
        );
      })}
    </>
  );
}

/** Calls over time, by how they ended. A bar leads to its calls. */
export function BarChart({ bars, query }: { bars: readonly Bar[]; query: URLSearchParams }) {
  const max = roundUp(Math.max(2, ...bars.map(({ total }) => total)));
  const slot = slotOf(bars.length);
  return (
    <figure>
      <ul class="legend">
        {OUTCOMES.map((outcome) => (
          <li key={outcome} class={outcome}>
            {outcome}
          </li>
        ))}
      </ul>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-label="Calls over time, by outcome">
        <Axes bars={bars} max={max} label={(value) => value.toLocaleString('en-GB')} />
        {bars.map((bar, index) => {
          const href = hrefOfBar(bar, query);
          return (
            <a
              key={bar.from}
              data-row
              href={href}
              aria-label={wordsOf(bar)}
              onClick={(event) => {
                event.preventDefault();
                go(href);
              }}
            >
              <title>{wordsOf(bar)}</title>
              <rect
                class="hit"
                x={LEFT + index * slot}
                y={0}
                width={slot}
                height={HEIGHT - BOTTOM}
              />
              <Column
                bar={bar}
                x={LEFT + index * slot + slot * 0.15}
                width={slot * 0.7}
                max={max}
              />
            </a>
          );
        })}
      </svg>
    </figure>
  );
}
