import type { Call } from '../../lib/calls/call.ts';
import type { IncidentStanding } from '../../lib/destinations/destination.ts';
import { renderReply, renderStanding } from '../../lib/destinations/slack/incident-message.ts';
import { MOST_IN_A_MESSAGE } from '../../lib/destinations/slack/index.ts';
import { type Ladder, renderMessages } from '../../lib/destinations/slack/message.ts';
import type { Event } from '../../lib/events/event.ts';
import { callEvent, connectionEvent, deliveryEvent, failedCall } from '../delivery/events.ts';

/** A thing that callers, providers or a bad day may do to a message. */
export interface SlackCase {
  /** Of the file in `test/fixtures/slack`. */
  readonly name: string;
  /** The words and names of calls that have to be readable in every form of the messages. */
  readonly says?: readonly string[];
  /** Each message, from its full form to plain text. */
  render(): readonly Ladder[];
}

const one = (name: string, event: Event, says?: readonly string[]): SlackCase => ({
  name,
  render: () => [renderMessages(event)],
  ...(says && { says }),
});

/** Everything that a caller or an agent's author can write, at once. */
const everywhere = (text: string): Partial<Call> => ({
  ...{ summary: text, agent: { id: text, name: text }, providerStatus: text },
  ...{ attributes: { title: text, workflowStatus: text } },
});

const many = (count: number, facts: (index: number) => Partial<Call> = () => ({})): Event[] =>
  Array.from({ length: count }, (_, index) => ({
    ...failedCall({ id: `call-${index}`, ...facts(index) }),
    id: `evt-${index}`,
  }));

const standing = (count: number, over: Partial<IncidentStanding> = {}): IncidentStanding => ({
  opener: failedCall({ id: 'call-first' }),
  count,
  lastAt: '2026-11-20T10:13:00.000Z',
  ...over,
});

const chunks = (events: readonly Event[]): Event[][] =>
  Array.from({ length: Math.ceil(events.length / MOST_IN_A_MESSAGE) }, (_, index) =>
    events.slice(index * MOST_IN_A_MESSAGE, (index + 1) * MOST_IN_A_MESSAGE),
  );

const replies = (
  name: string,
  events: readonly Event[],
  over: Partial<IncidentStanding> = {},
): SlackCase => ({
  name,
  says: events.flatMap((event) => ('call' in event ? [event.call.id.slice(0, 20)] : [])),
  render: () =>
    chunks(events).map((some) => renderReply(some, standing(events.length + 1, over), 'masked')),
});

const nothing: Partial<Call> = {
  ...{ reason: null, providerStatus: null, direction: null, channel: null },
  ...{ agent: { id: null, name: null }, from: null, to: null, contactNumber: null },
  ...{ agentNumber: null, createdAt: null, startedAt: null, endedAt: null },
  ...{ durationSeconds: null, summary: null, recordingUrl: null, url: null, attributes: {} },
};

const longUrl = `https://app.example.com/calls/${'x'.repeat(2_900)}`;
const hostile = '<!channel> <@U012AB3CD> <https://evil.example|your bank> *bold* `x` & &lt;';

export const slackCases: readonly SlackCase[] = [
  one('completed', callEvent()),
  one('failed', failedCall(), ['call-1', '••• 4567']),
  {
    name: 'failed-numbers-in-full',
    says: ['+966501234567'],
    render: () => [renderMessages(failedCall(), 'full')],
  },
  one('null-everywhere', failedCall(nothing)),
  one('mentions', failedCall(everywhere('<!channel> <!here> <!everyone> @here @channel'))),
  one('mention-of-a-person', failedCall(everywhere('<@U012AB3CD> <#C024BE7LR|general>'))),
  one('subteam', failedCall(everywhere('<!subteam^SAZ94GDB8>'))),
  one('lying-link', failedCall(everywhere('<https://evil.example|your bank>'))),
  one('entities', failedCall(everywhere('Tom &amp; Jerry &lt;3 & <b>'))),
  one('ampersands-only', failedCall(everywhere('&'.repeat(5_000)))),
  one('arabic', failedCall(everywhere('محمد العتيبي طلب موعدًا آخر'))),
  one('arabic-and-latin', failedCall(everywhere('عميل VIP رقم 5 (urgent)'))),
  one('hebrew', failedCall(everywhere('שלום, אפשר תור אחר?'))),
  one('emoji', failedCall(everywhere('😀🔥'.repeat(3_000)))),
  one('emoji-families', failedCall(everywhere('👩‍👩‍👧‍👦'.repeat(3_000)))),
  one('flags', failedCall(everywhere('🇸🇦🇯🇴'.repeat(2_000)))),
  one('lone-surrogates', failedCall(everywhere('a\uD83Db\uDE00c'))),
  one('marks-upon-marks', failedCall(everywhere(`Z${'\u0301'.repeat(4_000)}`))),
  one('direction-override', failedCall(everywhere('invoice\u202Efdp.exe'))),
  one('broken-isolation', failedCall(everywhere('\u2069\u2069name\u2068'))),
  one('zero-width', failedCall(everywhere('a\u200Bb\uFEFFc\u00AD'))),
  one('invisible-only', failedCall(everywhere('\u200B\u200B\u2060\uFEFF'))),
  one('control-characters', failedCall(everywhere('bell\u0007 escape\u001b[31m nul\u0000'))),
  one('lines', failedCall(everywhere('one\u2028two\r\n\r\nthree\nfour'))),
  one('a-line-per-letter', failedCall(everywhere('x\n'.repeat(5_000)))),
  one('summary-of-40-kb', failedCall({ summary: 'The caller asked for a call. '.repeat(1_450) })),
  one('arabic-of-40-kb', failedCall({ summary: 'طلب المتصل موعدًا. '.repeat(2_200) })),
  one('huge-names', failedCall(everywhere('x'.repeat(300 * 1024)))),
  one('code-fences', failedCall(everywhere('``` `x` ```\n> quoted\n*bold* _it_ ~no~'))),
  one('prototype-keys', failedCall(everywhere('__proto__'))),
  one('long-links', failedCall({ url: longUrl, recordingUrl: longUrl, transcriptUrl: longUrl })),
  one('number-is-an-address', failedCall({ contactNumber: 'sip:jane.doe@example.com' })),
  one('connection-failing', connectionEvent()),
  one('connection-silent', connectionEvent({}, { reason: 'silent' })),
  one('connection-lagging', connectionEvent({}, { reason: 'lagging' })),
  one('drift-over', connectionEvent({ type: 'connection.recovered' }, { reason: 'drifted' })),
  one('delivery-failing', deliveryEvent()),
  replies('reply-one-call', many(1)),
  replies('reply-many-calls', many(30)),
  replies(
    'reply-hostile-names',
    many(20, (index) => ({ ...everywhere(hostile), id: `${hostile.slice(0, 9)}-${index}` })),
  ),
  replies(
    'reply-long-ids',
    many(MOST_IN_A_MESSAGE, (index) => ({ id: `${index}-${'&'.repeat(300)}` })),
  ),
  replies(
    'reply-long-links',
    many(MOST_IN_A_MESSAGE, () => ({ url: longUrl })),
  ),
  replies('reply-120-calls', many(120)),
  replies('reply-500-calls', many(500)),
  {
    name: 'reply-connection-recovered',
    render: () => [
      renderReply(
        [connectionEvent({ type: 'connection.recovered' })],
        standing(2, { opener: connectionEvent(), endedAt: '2026-11-20T10:13:00.000Z' }),
        'masked',
      ),
    ],
  },
  {
    name: 'recovery-note',
    says: ['120 calls'],
    render: () => [renderReply([], standing(120, { endedAt: '2026-11-20T10:28:00Z' }), 'masked')],
  },
  {
    name: 'standing-going-on',
    says: ['37 calls', 'call-first'],
    render: () => [renderStanding(standing(37), 'masked')],
  },
  {
    name: 'standing-over',
    says: ['120 calls', 'call-first'],
    render: () => [
      renderStanding(standing(120, { endedAt: '2026-11-20T10:28:00.000Z' }), 'masked'),
    ],
  },
  {
    name: 'standing-hostile',
    render: () => {
      const opener = failedCall({ ...everywhere(hostile), connection: hostile, reason: hostile });
      return [renderStanding(standing(9, { opener }), 'masked')];
    },
  },
];
