import type { UnknownCallTrace } from '../../records/trace.ts';
import { Empty, Facts, Name, Time } from './parts.tsx';
import { plural, spaced } from './words.ts';

/** What is known of a call that is not stored. */
export const UnknownCall = ({ trace }: { trace: UnknownCallTrace }) => {
  const { isConfigured, polling, quarantined, unattributed } = trace;
  return (
    <>
      <Empty title="No such call is kept.">
        {!isConfigured && <p>The configuration has no such connection.</p>}
        {isConfigured && !polling && <p>Its connection was never polled.</p>}
      </Empty>
      <Facts
        facts={[
          ['All is read up to', polling && <Time at={polling.watermark} />],
          ['Announced from', polling?.baselineAt && <Time at={polling.baselineAt} />],
          ['Polling fails', polling?.failure && spaced(polling.failure.reason)],
          [
            'Set aside under this id',
            quarantined.map(({ field, rule, at }) => (
              <p key={at}>
                <code>{field}</code> <Name>{rule}</Name>, <Time at={at} />
              </p>
            )),
          ],
          [
            'It may be in one of',
            unattributed > 0 && `${plural(unattributed, 'webhook')} that nobody could make out`,
          ],
        ]}
      />
    </>
  );
};
