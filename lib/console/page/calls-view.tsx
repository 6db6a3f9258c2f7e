import { useEffect, useState } from 'preact/hooks';
import type { CallLine, CallsPage } from '../answers.ts';
import { ask, Refused } from './ask.ts';
import { CallsTable } from './calls-table.tsx';
import { Choice, ConnectionChoice, RangeChoice, TextField, useFilter } from './filters.tsx';
import { Empty, Shown, Time } from './parts.tsx';
import { hrefOf } from './router.ts';
import { useAnswer } from './use-answer.ts';
import { plural } from './words.ts';

const OUTCOMES = [
  ['', 'all'],
  ['open', 'open'],
  ['completed', 'completed'],
  ['failed', 'failed'],
] as const;

interface Further {
  readonly calls: readonly CallLine[];
  readonly last: CallsPage;
}

function NoCalls({ query, looked }: { query: URLSearchParams; looked: number }) {
  const longer = new URLSearchParams(query);
  longer.set('range', '30d');
  longer.delete('from');
  longer.delete('to');
  return (
    <Empty title="No calls here.">
      <p>{looked > 0 ? `None of ${plural(looked, 'call')} is like that.` : 'There were none.'}</p>
      {query.get('range') !== '30d' && (
        <p>
          <a data-row href={hrefOf('/calls', longer)}>
            Look at the last 30 days
          </a>
        </p>
      )}
    </Empty>
  );
}

/** The list of calls, page by page. */
function List({
  first,
  query,
  asked,
  onFurther,
}: {
  first: CallsPage;
  query: URLSearchParams;
  asked: string;
  onFurther: (isFurther: boolean) => void;
}) {
  const [further, setFurther] = useState<Further>();
  const [trouble, setTrouble] = useState('');
  // What was read further back joined the page before: after another one calls would be missing between.
  useEffect(() => {
    setFurther(undefined);
    onFurther(false);
  }, [first, onFurther]);
  const { next, lookedBackTo } = further?.last ?? first;
  const calls = [...first.calls, ...(further?.calls ?? [])];
  const more = async () => {
    try {
      const page = await ask('calls', `${asked}&${new URLSearchParams({ after: next ?? '' })}`);
      setFurther({ calls: [...(further?.calls ?? []), ...page.calls], last: page });
      onFurther(true);
      setTrouble('');
    } catch (error) {
      setTrouble(error instanceof Refused ? error.message : String(error));
    }
  };
  return (
    <>
      {calls.length === 0 && next === null ? (
        <NoCalls query={query} looked={first.looked} />
      ) : (
        <CallsTable calls={calls} />
      )}
      {trouble !== '' && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      {next !== null && (
        <p class="more">
          {lookedBackTo !== null && (
            <span class="quiet">
              Looked back to <Time at={lookedBackTo} />.{' '}
            </span>
          )}
          <button type="button" data-row onClick={() => void more()}>
            {lookedBackTo === null ? 'Older calls' : 'Look further back'}
          </button>
        </p>
      )}
    </>
  );
}

/** Calls, by filters that are in the address. */
export function CallsView({
  query,
  connections,
  everyMs,
}: {
  query: URLSearchParams;
  connections: readonly string[];
  everyMs: number | undefined;
}) {
  const [isRevealed, setRevealed] = useState(false);
  const [isFurther, setFurther] = useState(false);
  const change = useFilter('/calls', query);
  const filters = hrefOf('', query).slice(1);
  const question = isRevealed ? `${filters}&numbers=full` : filters;
  const asked = useAnswer('calls', question, isFurther ? undefined : everyMs);
  const text = (name: string): string => query.get(name) ?? '';
  return (
    <>
      <h1>Calls</h1>
      <search>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <TextField
            isFirst
            name="number"
            label="Number"
            placeholder="+966501234567"
            value={text('number')}
            onChange={change}
          />
          <ConnectionChoice query={query} connections={connections} onChange={change} />
          <Choice
            name="outcome"
            label="Outcome"
            value={text('outcome')}
            options={OUTCOMES}
            onChange={change}
          />
          <TextField
            name="reason"
            label="Reason"
            placeholder="no_answer"
            value={text('reason')}
            onChange={change}
          />
          <RangeChoice query={query} onChange={change} />
          <label class="check">
            <input
              type="checkbox"
              checked={isRevealed}
              onChange={({ currentTarget }) => setRevealed(currentTarget.checked)}
            />
            Show numbers
          </label>
        </form>
      </search>
      <Shown asked={asked}>
        {(first) => <List first={first} query={query} asked={question} onFurther={setFurther} />}
      </Shown>
    </>
  );
}
