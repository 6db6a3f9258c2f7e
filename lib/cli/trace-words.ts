import type { DeliveryState } from '../delivery/delivery.ts';
import type {
  CallTrace,
  Missing,
  SilentBecause,
  Trace,
  UnknownCallTrace,
} from '../records/trace.ts';
import type { TracedDelivery, TracedEvent } from '../records/trace-events.ts';
import type { TraceStep } from '../records/trace-steps.ts';
import { inWords as lengthInWords } from './backfill-report.ts';
import { explanationLines } from './route-words.ts';
import { asOneLine, inWords } from './telling.ts';

/** As wide as an instant, so that what happened at an unknown time stands in line. */
const UNKNOWN_TIME = 'at a time not kept     '.padEnd(24);

const SEEN_BY = {
  poll: 'by a poll that was due',
  hint: 'by a poll that a webhook asked for',
  webhook: 'by the webhook itself',
  sweep: 'by a sweep or backfill',
} as const;

const SILENT: Readonly<Record<SilentBecause, string>> = {
  late: 'it was no news any more when it was first seen',
  'before-baseline': 'it was over before its connection was first polled',
  backfill: 'a backfill that was to announce nothing has stored it',
  forgotten: 'only its identity is left, so that it is not brought back',
};

const STATES: Readonly<Record<TracedDelivery['state'], string>> = {
  sending: 'is being sent',
  waiting: 'waits',
  delivered: 'delivered',
  skipped: 'left out, since it would alert people again',
  parked: 'parked',
  failed: 'given up',
  uncertain: 'may have arrived',
  absent: 'not told',
  silenced: 'silenced',
} satisfies Record<DeliveryState | 'absent' | 'silenced', string>;

function stepInWords(step: TraceStep, provider: string): string {
  switch (step.what) {
    case 'created':
    case 'started':
    case 'answered':
    case 'ended':
      return `${step.what} at ${provider}`;
    case 'seen':
      return step.via === null ? 'first seen, still open' : `first seen ${SEEN_BY[step.via]}`;
    case 'final': {
      const late =
        step.lateMs === null ? '' : `, ${lengthInWords(Math.max(0, step.lateMs))} after its end`;
      return `its end recorded, seen ${SEEN_BY[step.via]}${late}`;
    }
    case 'changed': {
      const { revision, changes } = step;
      const what = changes ? `: ${changes.map((name) => asOneLine(name)).join(', ')}` : '';
      return `changed, revision ${revision}${what}`;
    }
    case 'stale':
      return 'open for longer than maxCallAge';
    case 'forgotten':
      return 'forgotten: what was known of it was erased';
  }
}

const stepLine = (step: TraceStep, provider: string): string =>
  `  ${step.at ?? UNKNOWN_TIME}  ${stepInWords(step, provider)}`;

const pairs = (receipt: Readonly<Record<string, string>>): string =>
  Object.entries(receipt)
    .map(([name, value]) => `${name} ${asOneLine(value)}`)
    .join(', ');

/** What is kept of a delivery, in parts of a sentence. */
function keptInWords({ kept, because, silence }: TracedDelivery): string[] {
  const ifAny = (value: string | number | undefined, words: (value: string) => string) =>
    value === undefined || value === 0 ? [] : [words(String(value))];
  return [
    ...(silence
      ? [`by ${asOneLine(silence.author)} (${silence.id}): ${asOneLine(silence.comment)}`]
      : []),
    ...(because === 'fallback' ? ['in the place of another'] : []),
    ...(because === 'other' ? ['no route of today leads it there'] : []),
    ...ifAny(kept?.deliveredAt, (at) => `at ${at}`),
    ...ifAny(kept?.attempts, (count) => `${count} ${count === '1' ? 'attempt' : 'attempts'}`),
    ...(kept?.receipt ? [pairs(kept.receipt)] : []),
    ...(kept?.receipt ? [] : ifAny(kept?.lastReason, inWords)),
    ...(kept?.receipt ? [] : ifAny(kept?.dueAt, (at) => `next at ${at}`)),
    ...(kept?.parkedBy ? ['until its destination accepts anything again'] : []),
  ];
}

function deliveryLines(delivery: TracedDelivery): string[] {
  const { destination, kind, state, kept } = delivery;
  const details = keptInWords(delivery);
  const rest = details.length > 0 ? `: ${details.join('; ')}` : '';
  const { fallback } = kept ?? {};
  return [
    `    ${destination} (${kind ?? 'not configured any more'}): ${STATES[state]}${rest}`,
    ...(kept?.log ?? []).map(({ at, reason }) => `      ${at}  failed: ${inWords(reason)}`),
    ...(kept?.fix === undefined ? [] : [`      ${asOneLine(kept.fix)}`]),
    ...(fallback
      ? [
          `      ${fallback.destination} was to be told instead${fallback.problem ? `: ${fallback.problem}` : ''}`,
        ]
      : []),
  ];
}

function eventLines({ id, type, revision, recordedAt, routes, corrects, deliveries }: TracedEvent) {
  const which = revision === null ? '' : `, revision ${revision}`;
  return [
    `  ${recordedAt ?? UNKNOWN_TIME}  announced ${type}${which}: ${id}${corrects ? `, which corrects ${corrects}` : ''}`,
    ...(routes
      ? explanationLines({ routes, destinations: [] }).map((line) => `    route ${line}`)
      : ['    what it said is not kept, so no route can be tried on it']),
    ...(deliveries.length === 0
      ? ['    nobody was to be told']
      : deliveries.flatMap(deliveryLines)),
  ];
}

const since = (at: string | null): string => (at === null ? '' : ` since ${at}`);

/** Something that is missing, in a sentence. */
export function missingLine(missing: Missing): string {
  switch (missing.what) {
    case 'call':
      return 'No such call is stored.';
    case 'end':
      return `Not final yet${since(missing.since)}.`;
    case 'telling':
      return `Announced, and nobody was told${since(missing.since)}: ${missing.event}. callwire republish announces it again.`;
    case 'receipt': {
      const why = missing.reason === null ? '' : ` (${inWords(missing.reason)})`;
      return `Receipt missing for ${missing.destination}${since(missing.since)}${why}: ${missing.event}.`;
    }
  }
}

function callLines(trace: CallTrace): string[] {
  const { connection, id, provider, outcome, reason, providerStatus, revision, versions } = trace;
  const why = reason ? ` (${inWords(reason)})` : '';
  const name = `${connection}/${asOneLine(id)}`;
  return [
    trace.silentBecause === 'forgotten'
      ? `${name}: forgotten`
      : `${name}: ${outcome}${why}; ${provider} says ${asOneLine(providerStatus ?? 'nothing')}; revision ${revision}, written ${versions === 1 ? 'once' : `${versions} times`}`,
    '',
    ...trace.steps.map((step) => stepLine(step, provider)),
    ...(trace.silentBecause
      ? [`  Nothing is announced of it, ever: ${SILENT[trace.silentBecause]}.`]
      : []),
    ...trace.events.flatMap(eventLines),
  ];
}

function unknownLines({ connection, id, ...trace }: UnknownCallTrace): string[] {
  const { polling, isConfigured, quarantined, unattributed } = trace;
  const baseline = polling?.baselineAt;
  return [
    `${connection}/${asOneLine(id)}: unknown`,
    '',
    ...(isConfigured ? [] : [`  No connection ${connection} is configured.`]),
    ...(polling
      ? [
          baseline
            ? `  ${connection} is polled since ${baseline}: calls that were over before then are kept as far as they were listed, and never announced.`
            : `  ${connection} is polled, and all of its past is announced.`,
          `  All calls that were created before ${polling.watermark} have been listed; the last change was at ${polling.lastChangeAt}.`,
          ...(polling.failure
            ? [
                `  It cannot be polled since ${polling.failure.since}: ${inWords(polling.failure.reason)}.`,
              ]
            : []),
        ]
      : [`  ${connection} was never polled.`]),
    ...quarantined.map(
      ({ at, field, rule }) =>
        `  A record of this id was set aside at ${at}: ${asOneLine(field)} ${asOneLine(rule)}.`,
    ),
    ...(unattributed > 0
      ? [
          `  ${unattributed} webhooks of ${connection} could not be made out: it may be in one of them.`,
        ]
      : []),
  ];
}

/** For who waits for a call, or for its end. */
function nextPollLines({ connection, nextPollAt, missing }: Trace): string[] {
  const isAwaited = missing.some(({ what }) => what === 'call' || what === 'end');
  return isAwaited && nextPollAt !== null
    ? [
        `${connection} is asked again at ${nextPollAt}; callwire sweep --connection ${connection} asks at once.`,
      ]
    : [];
}

/** A trace for people. */
export const traceLines = (trace: Trace): string[] => [
  ...(trace.known ? callLines(trace) : unknownLines(trace)),
  '',
  ...(trace.missing.length === 0 ? ['Nothing is missing.'] : trace.missing.map(missingLine)),
  ...nextPollLines(trace),
];
