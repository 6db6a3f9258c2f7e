import type { CallLine } from '../answers.ts';
import { Badge, Name, Time } from './parts.tsx';
import { callHref } from './router.ts';
import { lengthOf, OUTCOME, spaced } from './words.ts';

const ARROWS = { inbound: '↙', outbound: '↗' } as const;

const Row = ({ call }: { call: CallLine }) => (
  <tr>
    <td>
      <a data-row class="whole" href={callHref(call.connection, call.id)}>
        <Time at={call.at} />
      </a>
    </td>
    <td class="side">
      <Badge tone={OUTCOME[call.outcome] ?? 'quiet'}>{spaced(call.status)}</Badge>
      {call.reason !== null && call.reason !== call.status && (
        <span class="why">{spaced(call.reason)}</span>
      )}
      {call.stale && <span class="why">open for too long</span>}
      {call.silent && (
        <span class="quiet" title="Nothing was announced of it.">
          {' '}
          silent
        </span>
      )}
    </td>
    <td class="wide">{call.agent === null ? '–' : <Name>{call.agent}</Name>}</td>
    <td class="digits side">
      {call.direction !== null && (
        <span role="img" aria-label={call.direction} title={call.direction}>
          {ARROWS[call.direction]}{' '}
        </span>
      )}
      <bdi>{call.number ?? '–'}</bdi>
    </td>
    <td>
      <Name>{call.connection}</Name>
    </td>
    {call.durationSeconds === null ? (
      <td class="number none">–</td>
    ) : (
      <td class="number side">{lengthOf(call.durationSeconds * 1_000)}</td>
    )}
  </tr>
);

export const CallsTable = ({ calls }: { calls: readonly CallLine[] }) => (
  <div class="scroll">
    <table class="stacked">
      <thead>
        <tr>
          <th scope="col">Begun</th>
          <th scope="col">Outcome</th>
          <th scope="col">Agent</th>
          <th scope="col">Number</th>
          <th scope="col">Connection</th>
          <th scope="col" class="number">
            Length
          </th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <Row key={`${call.connection}/${call.id}`} call={call} />
        ))}
      </tbody>
    </table>
  </div>
);
