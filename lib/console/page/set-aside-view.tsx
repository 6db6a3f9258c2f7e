import { useState } from 'preact/hooks';
import type { SetAsideAnswer } from '../answers.ts';
import { Empty, Name, Shown, Time } from './parts.tsx';
import { RawRecord } from './raw-record.tsx';
import { useAnswer } from './use-answer.ts';
import { plural } from './words.ts';

function Quarantined({ record }: { record: SetAsideAnswer['quarantined'][number] }) {
  const { connection, id, field, rule, at } = record;
  const [isOpen, setOpen] = useState(false);
  return (
    <li class="card">
      <h3>
        <Name>{`${connection}/${id}`}</Name>{' '}
        <span class="quiet">
          <Time at={at} />
        </span>
      </h3>
      <p>
        {field !== '' && <code>{field}</code>} <Name>{rule}</Name>
      </p>
      <button type="button" data-row aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Hide the record' : 'Show the record'}
      </button>
      {isOpen && <RawRecord question="quarantined" connection={connection} id={id} />}
    </li>
  );
}

/** Records and webhooks that nobody could make out. */
export function SetAsideView() {
  const asked = useAnswer('set-aside');
  return (
    <>
      <h1>Set aside</h1>
      <p class="quiet">
        Records that no description of their provider fits, and webhooks that nobody could make out.
        The rest of their page, and all else, went on.
      </p>
      <Shown asked={asked}>
        {({ quarantined, unattributed, total }) => (
          <>
            {total === 0 && <Empty title="Nothing was set aside." />}
            {quarantined.length > 0 && <h2>Records</h2>}
            <ul class="cards one">
              {quarantined.map((record) => (
                <Quarantined key={`${record.connection}/${record.id}`} record={record} />
              ))}
            </ul>
            {unattributed.length > 0 && <h2>Webhooks</h2>}
            <ul class="cards one">
              {unattributed.map(({ connection, id, rule, at }) => (
                <li class="card" key={`${connection}/${id}`}>
                  <h3>
                    <Name>{connection}</Name>{' '}
                    <span class="quiet">
                      <Time at={at} />
                    </span>
                  </h3>
                  <p>{rule}</p>
                </li>
              ))}
            </ul>
            {quarantined.length + unattributed.length < total && (
              <p class="quiet">The newest of {plural(total, 'record')}.</p>
            )}
          </>
        )}
      </Shown>
    </>
  );
}
