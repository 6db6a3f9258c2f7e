import type { ConnectionAnswer } from '../answers.ts';
import { Badge, Empty, Facts, Name, Shown, Since, Time } from './parts.tsx';
import { hrefOf } from './router.ts';
import { useAnswer } from './use-answer.ts';
import { HEALTH, lengthOf, plural, spaced } from './words.ts';

const firstRunOf = (firstRun: NonNullable<ConnectionAnswer['settings']>['firstRun']): string =>
  typeof firstRun === 'string' ? firstRun : `since ${firstRun.since}`;

function Settings({ settings }: Pick<ConnectionAnswer, 'settings'>) {
  if (!settings) return <p class="quiet">It is not configured any more: its calls are kept.</p>;
  const { provider, key, poll, firstRun, phoneRegion, webhook, maxRequestsPerDay } = settings;
  return (
    <Facts
      facts={[
        ['Provider', provider],
        ['Key', <code key="key">{key}</code>],
        ['Polled every', `${lengthOf(poll.every)}${poll.max ? ` to ${lengthOf(poll.max)}` : ''}`],
        ['First run', firstRunOf(firstRun)],
        ['Requests a day', maxRequestsPerDay && `at most ${maxRequestsPerDay}`],
        ['Numbers of', phoneRegion],
        ['Webhook secrets', webhook && <code>{webhook.secrets.join(', ')}</code>],
      ]}
    />
  );
}

const Jobs = ({ jobs }: Pick<ConnectionAnswer, 'jobs'>) => (
  <div class="scroll">
    <table class="stacked">
      <thead>
        <tr>
          <th scope="col">Sweep</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Listed
          </th>
          <th scope="col" class="number">
            Missed by polls
          </th>
          <th scope="col" class="number">
            Last step
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map(({ kind, state, counts, savedAt, reason }) => (
          <tr key={kind}>
            <td>{kind}</td>
            <td class="side">
              {state} {reason !== null && <span class="why">{spaced(reason)}</span>}
            </td>
            <td class="number" data-name="listed">
              {counts.listed.toLocaleString('en-GB')}
            </td>
            <td class="number side" data-name="missed by polls">
              {(counts.missedFinal + counts.missedChange).toLocaleString('en-GB')}
            </td>
            <td class="number" data-name="last step">
              <Time at={savedAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** One connection in full. */
export function ConnectionView({ id, everyMs }: { id: string; everyMs: number | undefined }) {
  const asked = useAnswer('connection', hrefOf('', { id }).slice(1), everyMs);
  const { health } = asked.answer?.line ?? {};
  const isUnknown = asked.trouble?.status === 404;
  return (
    <>
      <p>
        <a data-back href="/connections">
          ← Connections
        </a>
      </p>
      <h1 class="named">
        <Name>{id}</Name>
        {health && <Badge tone={HEALTH[health].tone}>{HEALTH[health].word}</Badge>}
      </h1>
      {isUnknown ? (
        <Empty title="There is no such connection." />
      ) : (
        <Shown asked={asked}>
          {({ line, settings, polling, jobs, quarantined, unattributed }) => (
            <>
              {line.reason !== null && (
                <p class="notice">
                  {spaced(line.reason)}
                  {line.since !== null && (
                    <>
                      {' '}
                      for <Since at={line.since} />
                    </>
                  )}
                </p>
              )}
              <p class="links">
                <a data-row href={hrefOf('/calls', { connection: id })}>
                  Its calls
                </a>
                <a data-row href={hrefOf('/charts', { connection: id })}>
                  Its charts
                </a>
                {quarantined + unattributed > 0 && (
                  <a data-row href="/set-aside">
                    {plural(quarantined, 'record')} and {plural(unattributed, 'webhook')} set aside
                  </a>
                )}
              </p>
              <h2>Polling</h2>
              <Facts
                facts={[
                  ['Open calls', `${line.open.count}${line.open.more ? ' and more' : ''}`],
                  ['Last change', line.lastChangeAt && <Time at={line.lastChangeAt} />],
                  ['Announced from', polling?.baselineAt && <Time at={polling.baselineAt} />],
                  ['All is read up to', polling && <Time at={polling.watermark} />],
                  ['Waits until', polling?.backoffUntil && <Time at={polling.backoffUntil} />],
                ]}
              />
              <h2>Settings</h2>
              <Settings settings={settings} />
              {jobs.length > 0 && <h2>Sweeps and the past</h2>}
              {jobs.length > 0 && <Jobs jobs={jobs} />}
            </>
          )}
        </Shown>
      )}
    </>
  );
}
