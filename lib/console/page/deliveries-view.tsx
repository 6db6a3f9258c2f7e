import type { DeliveryLine } from '../answers.ts';
import { Destinations } from './destinations.tsx';
import { Badge, Empty, Name, Shown, Since, Time } from './parts.tsx';
import { callHref } from './router.ts';
import { useAnswer } from './use-answer.ts';
import { DELIVERY, plural, spaced } from './words.ts';

/** What a delivery is about: of calls, a link. */
function Subject({ subject, type }: Pick<DeliveryLine, 'subject' | 'type'>) {
  const mark = subject.indexOf('#');
  const [connection, id] = [subject.slice(0, mark), subject.slice(mark + 1)];
  return type.startsWith('call.') ? (
    <a data-row class="whole" href={callHref(connection, id)}>
      <Name>{`${connection}/${id}`}</Name>
    </a>
  ) : (
    <Name>{id}</Name>
  );
}

const Row = ({ row }: { row: DeliveryLine }) => (
  <tr>
    <td class="broad">
      <Subject subject={row.subject} type={row.type} />
      <div class="quiet">{row.type}</div>
    </td>
    <td class="broad" data-name="to">
      <Name>{row.destination}</Name>
      {row.fallback !== null && <div class="quiet">told instead: {row.fallback}</div>}
    </td>
    <td class="broad">
      <Badge tone={DELIVERY[row.state] ?? 'quiet'}>{row.state}</Badge>
      {row.reason !== null && <span class="why">{spaced(row.reason)}</span>}
    </td>
    <td class="number" data-name="attempts">
      {row.attempts}
    </td>
    <td class="number side" data-name="asked for">
      <Time at={row.createdAt} />
    </td>
    {row.dueAt === null ? (
      <td class="number none">–</td>
    ) : (
      <td class="number" data-name="next">
        <Time at={row.dueAt} />
      </td>
    )}
  </tr>
);

const Rows = ({ rows }: { rows: readonly DeliveryLine[] }) => (
  <div class="scroll">
    <table class="stacked">
      <thead>
        <tr>
          <th scope="col">About</th>
          <th scope="col">Destination</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Attempts
          </th>
          <th scope="col" class="number">
            Asked for
          </th>
          <th scope="col" class="number">
            Next
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={`${row.subject} ${row.eventId} ${row.destination}`} row={row} />
        ))}
      </tbody>
    </table>
  </div>
);

/** Deliveries that have not arrived, why, and what to do. */
export function DeliveriesView({ everyMs }: { everyMs: number | undefined }) {
  const asked = useAnswer('deliveries', '', everyMs);
  return (
    <>
      <h1>Deliveries</h1>
      <Shown asked={asked}>
        {({ attention, destinations, rows, total }) => (
          <>
            {attention.map(({ destination, state, reason, fix, count, since, ...entry }) => (
              <section class="notice" key={`${destination} ${state} ${reason} ${fix}`}>
                <h2>
                  <Name>{destination}</Name>: {count} {state}
                </h2>
                <p>
                  <Badge tone="bad">{spaced(reason)}</Badge> for <Since at={since} />
                  {entry.resumesByItself && ', sent by itself once it accepts again'}
                </p>
                <p class="fix">{fix}</p>
              </section>
            ))}
            {destinations.length > 0 && <h2>Destinations</h2>}
            <Destinations lines={destinations} />
            <h2>Not delivered yet</h2>
            {rows.length === 0 ? (
              <Empty title="Everything has arrived.">
                <p>What was delivered, with its receipts, is told with its call.</p>
              </Empty>
            ) : (
              <Rows rows={rows} />
            )}
            {rows.length < total && (
              <p class="quiet">
                The newest {rows.length} of {plural(total, 'delivery', 'deliveries')}.
              </p>
            )}
          </>
        )}
      </Shown>
    </>
  );
}
