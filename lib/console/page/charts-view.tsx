import type { ChartsAnswer } from '../answers.ts';
import { BarChart } from './bar-chart.tsx';
import { ConnectionChoice, RangeChoice, useFilter } from './filters.tsx';
import { LineChart } from './line-chart.tsx';
import { Empty, Shown, Time } from './parts.tsx';
import { hrefOf } from './router.ts';
import { useAnswer } from './use-answer.ts';
import { plural, spaced } from './words.ts';

function Reasons({ charts, query }: { charts: ChartsAnswer; query: URLSearchParams }) {
  const most = charts.reasons[0]?.count ?? 0;
  if (most === 0) return <Empty title="No call has failed." />;
  return (
    <>
      <ul class="reasons">
        {charts.reasons.map(({ reason, count }) => {
          const filtered = new URLSearchParams(query);
          filtered.set('reason', reason);
          return (
            <li key={reason}>
              <a data-row href={hrefOf('/calls', filtered)}>
                {spaced(reason)}
              </a>
              <meter min={0} max={most} value={count} aria-label={`${spaced(reason)}: ${count}`} />
              <span class="number">{count.toLocaleString('en-GB')}</span>
            </li>
          );
        })}
      </ul>
      {charts.reasonsBackTo !== null && (
        <p class="quiet">
          Of the newest {charts.limits.failures} failures, back to{' '}
          <Time at={charts.reasonsBackTo} />.
        </p>
      )}
    </>
  );
}

function Charts({ charts, query }: { charts: ChartsAnswer; query: URLSearchParams }) {
  const total = charts.bars.reduce((sum, bar) => sum + bar.total, 0);
  if (total === 0) return <Empty title="No calls in this time." />;
  return (
    <div class="charts">
      <section class="chart" aria-labelledby="volume">
        <h2 id="volume">Calls: {total.toLocaleString('en-GB')}</h2>
        <BarChart bars={charts.bars} query={query} />
        {charts.bars.some(({ estimated }) => estimated) && (
          <p class="quiet">
            How many there are is counted; how they ended is estimated from the newest{' '}
            {charts.limits.perBar} of each bar with more.
          </p>
        )}
      </section>
      <section class="chart" aria-labelledby="fresh">
        <h2 id="fresh">From the end of a call until it was recorded</h2>
        <LineChart bars={charts.bars} />
        <p class="quiet">
          Of {plural(charts.limits.perBar, 'call')} of each time at most; without what was over
          before its connection was first polled.
        </p>
      </section>
      <section class="chart" aria-labelledby="reasons">
        <h2 id="reasons">Why calls failed</h2>
        <Reasons charts={charts} query={query} />
      </section>
    </div>
  );
}

/** Volume, failures and freshness over time. */
export function ChartsView({
  query,
  connections,
}: {
  query: URLSearchParams;
  connections: readonly string[];
}) {
  const change = useFilter('/charts', query);
  const asked = useAnswer('charts', hrefOf('', query).slice(1));
  return (
    <>
      <h1>Charts</h1>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <ConnectionChoice query={query} connections={connections} onChange={change} />
        <RangeChoice query={query} onChange={change} />
      </form>
      <Shown asked={asked}>{(charts) => <Charts charts={charts} query={query} />}</Shown>
    </>
  );
}
