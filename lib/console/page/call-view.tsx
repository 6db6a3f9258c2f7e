import { useState } from 'preact/hooks';
import type { CallAnswer } from '../answers.ts';
import { Badge, Facts, Name, Shown, Time } from './parts.tsx';
import { RawRecord } from './raw-record.tsx';
import { hrefOf } from './router.ts';
import { Timeline } from './timeline.tsx';
import { UnknownCall } from './unknown-call.tsx';
import { useAnswer } from './use-answer.ts';
import { lengthOf, OUTCOME, plural, spaced } from './words.ts';

type Known = NonNullable<CallAnswer['call']>;

/** An address that a provider gave is a link only if it leads to a page. */
const Link = ({ to }: { to: string }) =>
  /^https?:\/\//i.test(to) ? (
    <a href={to} target="_blank" rel="noreferrer noopener">
      open
    </a>
  ) : (
    <Name>{to}</Name>
  );

const linkTo = (to: string | null) => (to === null ? null : <Link to={to} />);
const name = (text: string | null) => (text === null ? null : <Name>{text}</Name>);

const CallFacts = ({ call }: { call: Known }) => (
  <Facts
    facts={[
      ['Agent', name(call.agent.name ?? call.agent.id)],
      ['From', call.from && <bdi class="digits">{call.from}</bdi>],
      ['To', call.to && <bdi class="digits">{call.to}</bdi>],
      ['Direction', call.direction],
      ['Channel', call.channel],
      ['Length', call.durationSeconds === null ? null : lengthOf(call.durationSeconds * 1_000)],
      ['Provider’s word', call.providerStatus && <code>{call.providerStatus}</code>],
      ['Contact', name(call.contactId)],
      ['Recording', linkTo(call.recordingUrl)],
      ['Transcript', linkTo(call.transcriptUrl)],
      ['At the provider', linkTo(call.url)],
    ]}
  />
);

const textOf = (value: Known['attributes'][string]): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const Attributes = ({ attributes }: Pick<Known, 'attributes'>) => (
  <>
    <h2>What only this provider says</h2>
    <Facts
      facts={Object.entries(attributes).map(([key, value]) => [
        key,
        value === null ? null : <Name>{textOf(value)}</Name>,
      ])}
    />
  </>
);

const PATHS = {
  poll: 'a poll',
  hint: 'a poll that a webhook asked for',
  webhook: 'a webhook',
  sweep: 'a sweep or backfill',
};

const Kept = ({ stored }: { stored: NonNullable<CallAnswer['stored']> }) => (
  <Facts
    facts={[
      ['Revision', stored.revision],
      ['Written', plural(stored.version, 'time')],
      ['Last recorded', <Time key="recorded" at={stored.recordedAt} />],
      ['End first seen by', stored.revision > 0 && PATHS[stored.via]],
      ['Kept from others', stored.withheld.join(', ')],
    ]}
  />
);

function Whole({ connection, id, answer }: { connection: string; id: string; answer: CallAnswer }) {
  const { call, stored, trace } = answer;
  const [isRawOpen, setRawOpen] = useState(false);
  if (!call || !stored || !trace.known) {
    return trace.known ? null : <UnknownCall trace={trace} />;
  }
  return (
    <div class="two">
      <section aria-labelledby="life">
        <h2 id="life">Its life</h2>
        <Timeline trace={trace} />
      </section>
      <section aria-labelledby="facts">
        <h2 id="facts">The call</h2>
        {call.summary !== null && (
          <p class="summary" dir="auto">
            {call.summary}
          </p>
        )}
        <CallFacts call={call} />
        {Object.keys(call.attributes).length > 0 && <Attributes attributes={call.attributes} />}
        <h2>What is kept</h2>
        <Kept stored={stored} />
        <button
          type="button"
          data-row
          aria-expanded={isRawOpen}
          onClick={() => setRawOpen(!isRawOpen)}
        >
          {isRawOpen ? 'Hide what the provider sent' : 'Show what the provider sent'}
        </button>
        {isRawOpen && <RawRecord question="raw" connection={connection} id={id} />}
      </section>
    </div>
  );
}

/** One call: its life, what is known of it, and who was told. */
export function CallView({
  connection,
  id,
  everyMs,
}: {
  connection: string;
  id: string;
  everyMs: number | undefined;
}) {
  const [isRevealed, setRevealed] = useState(false);
  const query = hrefOf('', { connection, id, numbers: isRevealed ? 'full' : '' }).slice(1);
  const asked = useAnswer('call', query, everyMs);
  const call = asked.answer?.call;
  return (
    <>
      <p>
        <a data-back href="/calls">
          ← Calls
        </a>
      </p>
      <h1 class="named">
        <Name>{`${connection}/${id}`}</Name>
        {call && <Badge tone={OUTCOME[call.outcome] ?? 'quiet'}>{spaced(call.status)}</Badge>}
        {call && call.reason !== null && <span class="why">{spaced(call.reason)}</span>}
      </h1>
      <label class="check">
        <input
          type="checkbox"
          checked={isRevealed}
          onChange={({ currentTarget }) => setRevealed(currentTarget.checked)}
        />
        Show numbers
      </label>
      <Shown asked={asked}>
        {(answer) => <Whole connection={connection} id={id} answer={answer} />}
      </Shown>
    </>
  );
}
