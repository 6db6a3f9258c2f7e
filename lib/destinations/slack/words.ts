import type { Call } from '../../calls/call.ts';
import { maskNumber } from '../../calls/mask-number.ts';
import type { CallEvent, ConnectionEvent, DeliveryEvent, Event } from '../../events/event.ts';
import { SECOND_MS } from '../../time.ts';
import type { SlackSettings } from './index.ts';
import { idWithin, lines, linkTarget, quoteWithin } from './text.ts';

/** How much of a caller's number is shown. */
export type Numbers = SlackSettings['numbers'];

/** What a message says, in whatever shape. Everything in it is escaped and within Slack's limits. */
export interface Notice {
  readonly headline: string;
  readonly fields: readonly (readonly [label: string, value: string])[];
  /** Lines to quote, as they came: the shape decides how many of them there is room for. */
  readonly quote: readonly string[];
  readonly links: readonly (readonly [label: string, url: string])[];
  /** Where it comes from: for who wants to look it up. */
  readonly context: readonly string[];
}

/** Two of them and our own words fit into a header's 150 characters. */
export const NAME = 48;
export const ID = 120;
export const UNNAMED = 'without a name';
const VALUE = 300;

/** Reasons that their own words, without dots and underscores, would not explain. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['canceled', 'canceled before it was answered'],
  ['key_malformed', 'its key cannot be sent'],
  ['key_missing', 'its key is not there'],
  ['key_refused', 'key refused'],
  ['key_unreadable', 'its key cannot be read'],
  ['lagging', 'it does not keep up'],
  ['not_found', 'no call list at its address'],
  ['provider.error', 'an error at the provider'],
  ['provider_error', 'the provider answers with errors'],
  ['rate_limited', 'too many requests'],
  ['receipts_missing', 'it was not told of some calls'],
  ['refused', 'the provider refuses our requests'],
  ['shape_changed', 'answers we do not understand'],
  ['silent', 'no new call for longer than expected'],
  ['terminated', 'terminated'],
  ['too_slow', 'its list takes too long to read'],
  ['unreachable', 'no answer from its servers'],
]);

/** What a person on call can do. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['canary_missing', 'Other calls may not be announced either: see the alarms of Callwire.'],
  ['key_malformed', 'Write the key of this connection anew: something in it belongs to no key.'],
  ['key_missing', 'Create the secret that the key of this connection refers to.'],
  ['key_refused', 'Replace the key of this connection; nothing is polled until then.'],
  [
    'key_unreadable',
    'See whether the secret of this connection is what its key refers to, and may be read.',
  ],
  [
    'lagging',
    'See whether the provider is slow, or whether more calls come than can be read; nothing is lost, but told late.',
  ],
  ['not_found', 'Check the baseUrl of this connection, and whether its key is for this account.'],
  [
    'provider_error',
    'Nothing to do unless it lasts: calls are caught up once the provider works again.',
  ],
  ['rate_limited', 'Poll less often, or ask the provider for a higher limit.'],
  ['receipts_missing', 'Nothing to do unless it lasts: these calls are being announced again.'],
  ['refused', 'See in the log what the provider says, and whether its account is in order.'],
  ['shape_changed', "The provider's API may have changed: see the quarantined records."],
  [
    'silent',
    'See whether calls reach the agent at all: its phone number, its provider, its campaign. If it is quiet on purpose, change expectTraffic.',
  ],
  ['too_slow', 'Poll less often, or ask the provider why its list is slow.'],
  ['unreachable', 'See whether the provider is down; calls are caught up afterwards.'],
]);

export const say = (reason: string | null): string | undefined =>
  reason === null
    ? undefined
    : (REASONS.get(reason) ?? quoteWithin(reason.replaceAll(/[._]/g, ' '), NAME));

export const because = (reason: string | null): string => {
  const words = say(reason);
  return words === undefined ? '' : `: ${words}`;
};

/** `35 s`, `2 min 5 s`, `1 h 3 min`. */
export function humanDuration(ms: number): string {
  const seconds = Math.round(ms / SECOND_MS);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    `${big} ${bigUnit}${small === 0 ? '' : ` ${small} ${smallUnit}`}`;
  if (minutes < 60) return two(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return two(hours, 'h', minutes % 60, 'min');
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** In each reader's own time zone: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export const when = (instant: string): string => {
  const utc = `${instant.slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(Date.parse(instant) / 1000)}^{date_short_pretty} {time}|${utc}>`;
};

/** Unless the destination says otherwise: enough to recognise a caller, too little to call one. */
export function numberOf(call: Call, numbers: Numbers): string | undefined {
  const number = contactOf(call);
  if (number === null) return undefined;
  if (numbers === 'full') return quoteWithin(number, NAME);
  const masked = maskNumber(number);
  return masked === number ? quoteWithin(number, NAME) : masked;
}

const contactOf = ({ contactNumber, direction, from, to }: Call): string | null =>
  contactNumber ?? (direction === 'inbound' ? from : direction === 'outbound' ? to : null);

const textOf = (value: unknown, inWords = (word: string): string => word): string | undefined =>
  typeof value === 'string' ? quoteWithin(inWords(value), VALUE) : undefined;

const spaced = (word: string): string => word.replaceAll('_', ' ');

export const present = <T>(pairs: readonly (readonly [string, T | undefined])[]): [string, T][] =>
  pairs.flatMap(([label, value]) => (value === undefined ? [] : [[label, value]]));

export const joined = (...parts: (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join(' - ');

const COMPLETED: Partial<Record<Call['status'], string>> = {
  transferred: '✅ Call transferred',
  unknown: '✅ Call ended',
};

const CHANGES: ReadonlyMap<string, string> = new Map([
  ['attributes', 'details'],
  ['durationSeconds', 'duration'],
  ['recordingUrl', 'recording'],
  ['transcriptUrl', 'transcript'],
]);

function callHeadline({ type, call, corrects, changes, recordedAt }: CallEvent): string {
  const agent = quoteWithin(call.agent.name, NAME);
  const duration =
    call.durationSeconds === null ? undefined : humanDuration(call.durationSeconds * SECOND_MS);
  const again = corrects === null ? '' : ' (corrected)';
  switch (type) {
    case 'call.completed':
      return joined((COMPLETED[call.status] ?? '✅ Call completed') + again, duration, agent);
    case 'call.failed':
      return joined(`❌ Call failed${again}${because(call.reason)}`, agent);
    case 'call.updated': {
      const names = changes.map((name) => CHANGES.get(name) ?? name).join(', ');
      const what = quoteWithin(names, NAME);
      return joined(`✏️ Call updated${what === undefined ? '' : `: ${what}`}`, agent);
    }
    case 'call.stale': {
      const since = call.startedAt ?? call.createdAt;
      const age = since === null ? Number.NaN : Date.parse(recordedAt) - Date.parse(since);
      return joined(`⏳ Call still open${age > 0 ? ` after ${humanDuration(age)}` : ''}`, agent);
    }
  }
}

/** When a call ended, as far as that is known. */
export const timeOf = ({ call, occurredAt }: CallEvent): string =>
  call.endedAt ?? call.startedAt ?? call.createdAt ?? occurredAt;

function callNotice(event: CallEvent, numbers: Numbers): Notice {
  const { call } = event;
  const reason = call.outcome === 'failed' ? say(call.reason) : undefined;
  return {
    headline: callHeadline(event),
    fields: present([
      ['Agent', quoteWithin(call.agent.name ?? call.agent.id, VALUE)],
      [call.direction === 'outbound' ? 'Called' : 'Caller', numberOf(call, numbers)],
      [
        'Duration',
        call.durationSeconds === null ? undefined : humanDuration(call.durationSeconds * SECOND_MS),
      ],
      ['When', when(timeOf(event))],
      ['Reason', reason],
      ['Title', textOf(call.attributes.title)],
      ['Workflow', textOf(call.attributes.workflowStatus, spaced)],
    ]),
    quote: lines(call.summary),
    links: present([
      ['Open call', linkTarget(call.url)],
      ['Recording', linkTarget(call.recordingUrl)],
      ['Transcript', linkTarget(call.transcriptUrl)],
    ]),
    context: origin(event, call.connection, call.provider, `call ${call.id}`),
  };
}

const since = (event: Event, instant: string): string =>
  humanDuration(Math.max(0, Date.parse(event.recordedAt) - Date.parse(instant)));

/** How the end of trouble is told, where it is not that the connection works again. */
const ENDS: ReadonlyMap<string, string> = new Map([
  ['drifted', 'can be read whole again'],
  ['lagging', 'keeps up again'],
  ['silent', 'has calls again'],
]);

const driftAdvice = (isWord: boolean): string =>
  isWord
    ? 'Say what it means in the statusOverrides of this connection; until then it is no outcome.'
    : 'The record is quarantined and all others go on: compare it with what the provider documents.';

function connectionNotice(event: ConnectionEvent): Notice {
  const { id, provider, reason, field, rule, since: began } = event.connection;
  const name = quoteWithin(id, NAME) ?? UNNAMED;
  const vendor = quoteWithin(provider, NAME) ?? UNNAMED;
  const isWord = rule?.startsWith('unknown word') ?? false;
  const headline = {
    'connection.failing': `🔌 Connection ${name} is failing${because(reason)}`,
    'connection.recovered': `🟢 Connection ${name} ${ENDS.get(reason) ?? 'works again'}`,
    'provider.drifted': `🧩 ${vendor} sent ${isWord ? 'a word we have never met' : 'a record we cannot read'}`,
  }[event.type];
  const isFailing = event.type === 'connection.failing';
  const isDrift = event.type === 'provider.drifted';
  return {
    headline,
    fields: present([
      ['What to do', isDrift ? driftAdvice(isWord) : isFailing ? ADVICE.get(reason) : undefined],
      ['Field', quoteWithin(field, VALUE)],
      ['Found', quoteWithin(rule, VALUE)],
      [
        isFailing || isDrift ? 'Since' : 'It lasted',
        isFailing || isDrift ? when(began) : since(event, began),
      ],
    ]),
    quote: [],
    links: [],
    context: origin(event, id, provider),
  };
}

function headlineOf(name: string, reason: string, isFailing: boolean): string {
  if (reason === 'receipts_missing') {
    return isFailing
      ? `📭 Destination ${name} was not told of some calls`
      : `📬 Destination ${name} has been told of all calls`;
  }
  if (reason === 'canary_missing') {
    return isFailing ? '📭 Our own test calls do not arrive' : '📬 Our own test calls arrive again';
  }
  return isFailing
    ? `📭 Destination ${name} cannot be reached${because(reason)}`
    : `📬 Destination ${name} can be reached again`;
}

function deliveryNotice(event: DeliveryEvent): Notice {
  const { destination, reason, since: began } = event.delivery;
  const name = quoteWithin(destination, NAME) ?? UNNAMED;
  const isFailing = event.type === 'delivery.failing';
  return {
    headline: headlineOf(name, reason, isFailing),
    fields: isFailing
      ? present([
          ['What to do', ADVICE.get(reason)],
          ['Since', when(began)],
        ])
      : [['It lasted', since(event, began)]],
    quote: [],
    links: [],
    context: origin(event, destination),
  };
}

export const origin = ({ id, replay }: Event, ...parts: string[]): string[] =>
  [...parts, `event ${id}`, ...(replay ? ['replay'] : [])].flatMap(
    (part) => idWithin(part, ID) ?? [],
  );

/** What there is to say of an event to a person on call. */
export function noticeOf(event: Event, numbers: Numbers): Notice {
  if ('call' in event) return callNotice(event, numbers);
  if ('connection' in event) return connectionNotice(event);
  return deliveryNotice(event);
}
