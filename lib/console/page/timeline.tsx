import type { CallTrace, Missing } from '../../records/trace.ts';
import type { TracedEvent } from '../../records/trace-events.ts';
import type { TraceStep } from '../../records/trace-steps.ts';
import { Badge, Time } from './parts.tsx';
import { TracedDeliveries } from './traced-deliveries.tsx';
import { lengthOf, spaced } from './words.ts';

const VIA = {
  poll: 'by a poll',
  hint: 'by a poll that a webhook asked for',
  sweep: 'by a sweep or backfill',
  webhook: 'by a webhook',
};

const SILENT = {
  late: 'Silent: it was first seen too long after its end.',
  'before-baseline': 'Silent: it was over before its connection was first polled.',
  backfill: 'Silent: a backfill stored it without announcing it.',
  forgotten: 'Only its identity is left, so that it is not brought back.',
} as const;

const AT_PROVIDER = {
  created: 'Created at the provider',
  started: 'Started',
  answered: 'Answered',
  ended: 'Ended',
} as const;

function titleOf(step: TraceStep): string {
  switch (step.what) {
    case 'seen':
      return step.via === null ? 'First seen' : `First seen ${VIA[step.via]}`;
    case 'final':
      return `Recorded as over, seen ${VIA[step.via]}`;
    case 'changed':
      return `Changed: revision ${step.revision}`;
    case 'stale':
      return 'Open for too long';
    case 'forgotten':
      return 'Forgotten: what was known of it was erased';
    case 'created':
    case 'started':
    case 'answered':
    case 'ended':
      return AT_PROVIDER[step.what];
  }
}

function noteOf(step: TraceStep): string | null {
  if (step.what === 'final' && step.lateMs !== null) {
    return `${lengthOf(Math.max(0, step.lateMs))} after its end`;
  }
  if (step.what === 'changed' && step.changes) return step.changes.map(spaced).join(', ');
  return null;
}

const isOurs = ({ what }: TraceStep): boolean =>
  ['seen', 'final', 'changed', 'stale', 'forgotten'].includes(what);

const Step = ({ step }: { step: TraceStep }) => {
  const note = noteOf(step);
  return (
    <li class={isOurs(step) ? 'hop ours' : 'hop'}>
      <span class="when">{step.at === null ? 'when is not kept' : <Time at={step.at} />}</span>
      <div>
        <p>{titleOf(step)}</p>
        {note !== null && <p class="quiet">{note}</p>}
      </div>
    </li>
  );
};

const Told = ({ event }: { event: TracedEvent }) => (
  <li class="hop told">
    <span class="when">{event.recordedAt === null ? '' : <Time at={event.recordedAt} />}</span>
    <div>
      <p>
        Announced: <strong>{event.type}</strong>
        {event.corrects !== null && ', which corrects an earlier one'}
      </p>
      <p class="quiet">
        event <code>{event.id}</code>
      </p>
      <TracedDeliveries event={event} />
    </div>
  </li>
);

function lack(missing: Missing): string {
  switch (missing.what) {
    case 'call':
      return 'Nothing is kept of it.';
    case 'end':
      return 'Nobody has seen its end yet.';
    case 'telling':
      return 'It was announced, and nobody was told.';
    case 'receipt':
      return `No receipt from ${missing.destination}${missing.reason === null ? '' : `: ${spaced(missing.reason)}`}.`;
  }
}

/** All hops of a call in order, from its provider to whom it was told; what is missing is one of them. */
export const Timeline = ({ trace }: { trace: CallTrace }) => (
  <ol class="timeline">
    {trace.steps.map((step, index) => (
      <Step key={index} step={step} />
    ))}
    {trace.silentBecause !== null && (
      <li class="hop">
        <span class="when" />
        <p>{SILENT[trace.silentBecause]}</p>
      </li>
    )}
    {trace.events.map((event) => (
      <Told key={event.id} event={event} />
    ))}
    {trace.missing.map((missing) => (
      <li key={JSON.stringify(missing)} class="hop missing">
        <span class="when">
          {'since' in missing && missing.since !== null && <Time at={missing.since} />}
        </span>
        <p>
          <Badge tone="bad">missing</Badge> {lack(missing)}
        </p>
      </li>
    ))}
    {trace.missing.length === 0 && (
      <li class="hop whole-life">
        <span class="when" />
        <p>
          <Badge tone="good">complete</Badge> Nothing is missing.
        </p>
      </li>
    )}
  </ol>
);
