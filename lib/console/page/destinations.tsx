import type { DestinationLine } from '../answers.ts';
import { Badge, Name, Since } from './parts.tsx';
import { DELIVERY, spaced } from './words.ts';

/** Destinations, and what does not arrive there. */
export const Destinations = ({ lines }: { lines: readonly DestinationLine[] }) => (
  <ul class="cards">
    {lines.map(({ id, kind, breaker, unsettled }) => (
      <li key={id} class="card">
        <h3>
          <Name>{id}</Name> <span class="quiet">{kind}</span>
        </h3>
        {breaker ? (
          <>
            <p>
              <Badge tone="bad">{spaced(breaker.reason)}</Badge> for <Since at={breaker.since} />
            </p>
            <p class="fix">{breaker.fix ?? 'It is tried by itself until it accepts again.'}</p>
          </>
        ) : (
          <p>
            <Badge tone="good">accepts</Badge>
          </p>
        )}
        {Object.keys(unsettled).length > 0 && (
          <p class="counts">
            {Object.entries(unsettled).map(([state, count]) => (
              <Badge key={state} tone={DELIVERY[state] ?? 'quiet'}>
                {count} {state}
              </Badge>
            ))}
          </p>
        )}
      </li>
    ))}
  </ul>
);
