import type { TracedDelivery, TracedEvent } from '../../records/trace-events.ts';
import { Badge, Name, Time } from './parts.tsx';
import { DELIVERY, lengthOf, plural, spaced } from './words.ts';

const RECEIPT = 'receipt ';

const Receipt = ({ receipt }: { receipt: Readonly<Record<string, string>> }) => (
  <p class="quiet">
    {RECEIPT}
    {Object.entries(receipt).map(([key, value]) => (
      <span key={key}>
        {key} <code>{value}</code>{' '}
      </span>
    ))}
  </p>
);

function Told({ delivery }: { delivery: TracedDelivery }) {
  const { destination, kind, state, because, silence, kept } = delivery;
  return (
    <li>
      <p>
        <Badge tone={DELIVERY[state] ?? 'quiet'}>
          {state === 'absent' ? 'never asked' : state}
        </Badge>{' '}
        <Name>{destination}</Name>{' '}
        <span class="quiet">
          {kind ?? 'not configured any more'}
          {because === 'fallback' && ', told instead of another'}
        </span>
        {kept?.lastReason !== undefined && state !== 'delivered' && (
          <span class="why">{spaced(kept.lastReason)}</span>
        )}
        {kept?.deliveredAt !== undefined && (
          <span class="at">
            <Time at={kept.deliveredAt} />
          </span>
        )}
      </p>
      {kept?.fix !== undefined && <p class="fix">{kept.fix}</p>}
      {silence !== null && (
        <p class="quiet">
          silenced by <Name>{silence.author}</Name>: <Name>{silence.comment}</Name>
        </p>
      )}
      {kept?.receipt !== undefined && <Receipt receipt={kept.receipt} />}
      {kept && (kept.attempts > 1 || kept.heldMs > 0) && (
        <p class="quiet">
          {plural(kept.attempts, 'attempt')}
          {kept.heldMs > 0 && `, held for ${lengthOf(kept.heldMs)}`}
        </p>
      )}
      {kept?.log !== undefined && kept.log.length > 0 && (
        <details>
          <summary data-row>{plural(kept.log.length, 'attempt')} that did not deliver</summary>
          <ul class="attempts">
            {kept.log.map(({ at, reason }) => (
              <li key={at}>
                <Time at={at} /> {spaced(reason)}
              </li>
            ))}
          </ul>
        </details>
      )}
      {kept?.dueAt !== undefined && state === 'waiting' && (
        <p class="quiet">
          next attempt at <Time at={kept.dueAt} />
        </p>
      )}
      {kept?.fallback !== undefined && (
        <p class="quiet">
          told instead: {kept.fallback.destination} {kept.fallback.problem}
        </p>
      )}
    </li>
  );
}

/** Who was told of an event, and what became of it. */
export function TracedDeliveries({ event }: { event: TracedEvent }) {
  const { deliveries, routes } = event;
  // What a route before it ended is matched on paper only.
  const took = routes?.filter(({ matched, endedBy }) => matched && endedBy === undefined) ?? [];
  const names = took.map(({ route }) => route).join(', ');
  if (deliveries.length === 0) {
    return (
      <p class="quiet">
        {names === '' ? 'No route leads anywhere for it.' : `Routed by ${names}.`}
      </p>
    );
  }
  return (
    <ul class="deliveries">
      {names !== '' && <li class="quiet">routed by {names}</li>}
      {deliveries.map((delivery) => (
        <Told key={delivery.destination} delivery={delivery} />
      ))}
    </ul>
  );
}
