import { useState } from 'preact/hooks';
import type { ConnectionLine, Overview } from '../answers.ts';
import { Destinations } from './destinations.tsx';
import { Badge, Empty, Name, Shown, Since, Time } from './parts.tsx';
import { useAnswer } from './use-answer.ts';
import { HEALTH, plural, spaced } from './words.ts';

/** More than these are shown on request: a table of a thousand rows is slow to paint, and nobody reads it. */
const AT_FIRST = 100;

const Row = ({ line }: { line: ConnectionLine }) => {
  const { id, provider, health, reason, since, lastChangeAt, open } = line;
  const { word, tone } = HEALTH[health];
  return (
    <tr>
      <td>
        <a data-row href={`/connections/${encodeURIComponent(id)}`} class="whole">
          <Name>{id}</Name>
        </a>
      </td>
      <td class="quiet side">{provider ?? '–'}</td>
      <td class="broad">
        <Badge tone={tone}>{word}</Badge>
        {reason !== null && <span class="why">{spaced(reason)}</span>}
        {since !== null && (
          <span class="quiet">
            {' '}
            for <Since at={since} />
          </span>
        )}
      </td>
      {open.count === 0 ? (
        <td class="number none">–</td>
      ) : (
        <td class="number" data-name="open calls">
          {`${open.count}${open.more ? '+' : ''}`}
        </td>
      )}
      {lastChangeAt === null ? (
        <td class="number none">–</td>
      ) : (
        <td class="number" data-name="last change">
          <Time at={lastChangeAt} />
        </td>
      )}
    </tr>
  );
};

function Connections({ lines }: { lines: readonly ConnectionLine[] }) {
  const [sought, setSought] = useState('');
  const [isWhole, setWhole] = useState(false);
  const found = lines.filter(({ id, provider, health }) =>
    `${id} ${provider} ${HEALTH[health].word}`.includes(sought.toLowerCase()),
  );
  const shown = isWhole ? found : found.slice(0, AT_FIRST);
  return (
    <>
      <search>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label class="field">
            <span>Connection</span>
            <input
              data-find
              type="search"
              placeholder="name, provider or health"
              value={sought}
              onInput={({ currentTarget }) => setSought(currentTarget.value)}
            />
          </label>
        </form>
      </search>
      <div class="scroll">
        <table class="stacked">
          <thead>
            <tr>
              <th scope="col">Connection</th>
              <th scope="col">Provider</th>
              <th scope="col">Health</th>
              <th scope="col" class="number">
                Open calls
              </th>
              <th scope="col" class="number">
                Last change
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <Row key={line.id} line={line} />
            ))}
          </tbody>
        </table>
      </div>
      {found.length === 0 && <Empty title={`No connection is like “${sought}”.`} />}
      {shown.length < found.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {found.length}
        </button>
      )}
    </>
  );
}

const Silences = ({ silences }: Pick<Overview, 'silences'>) => (
  <ul class="cards">
    {silences.map(({ id, to, author, comment, until }) => (
      <li key={id} class="card">
        <h3>
          <Name>{comment}</Name>
        </h3>
        <p>
          Not told: {to.join(', ')}. Until <Time at={until} />, says <Name>{author}</Name>.
        </p>
      </li>
    ))}
  </ul>
);

/** How everything does. */
export function ConnectionsView({ everyMs }: { everyMs: number | undefined }) {
  const asked = useAnswer('overview', '', everyMs);
  return (
    <>
      <h1>Connections</h1>
      <Shown asked={asked}>
        {({ connections, destinations, silences, attention }) => (
          <>
            {attention > 0 && (
              <p class="notice">
                Standing still: {plural(attention, 'delivery', 'deliveries')}.{' '}
                <a href="/deliveries">What to do</a>
              </p>
            )}
            {connections.length === 0 ? (
              <Empty title="There are no connections yet.">
                <p>
                  Write one into <code>callwire.yaml</code>, and start <code>callwire run</code>.
                </p>
              </Empty>
            ) : (
              <Connections lines={connections} />
            )}
            {destinations.length > 0 && <h2>Destinations</h2>}
            <Destinations lines={destinations} />
            {silences.length > 0 && <h2>Silenced</h2>}
            <Silences silences={silences} />
          </>
        )}
      </Shown>
    </>
  );
}
