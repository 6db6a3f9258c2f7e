import { describe, expect, it } from 'vitest';
import type { Call } from '../../lib/calls/call.ts';
import { type Message, renderMessages } from '../../lib/destinations/slack/message.ts';
import { humanDuration } from '../../lib/destinations/slack/words.ts';
import type { Event } from '../../lib/events/event.ts';
import { callEvent, connectionEvent, deliveryEvent, failedCall } from '../delivery/events.ts';

/** Every text of a message, as it would be sent. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    ['type', 'action_id', 'url'].includes(name) ? [] : textsOf(inner),
  );
}

const wordsOf = (event: Event, step = 0) => textsOf(renderMessages(event)[step]).join('\n');
const headlineOf = (event: Event) => renderMessages(event)[0].text;

/** Slack's limits, each from its own page under https://docs.slack.dev/reference/block-kit. */
function overLimits({ text, blocks = [] }: Message): string[] {
  const over: string[] = [];
  const check = (what: string, length: number, max: number) => {
    if (length === 0 || length > max) over.push(`${what}: ${length}`);
  };
  check('text', text.length, 4_000);
  if (blocks.length > 50) over.push('blocks');
  for (const block of blocks) {
    if (block.type === 'header') check('header', block.text.text.length, 150);
    if (block.type === 'section' && 'text' in block) check('text', block.text.text.length, 3_000);
    if (block.type === 'section' && 'fields' in block) {
      check('fields', block.fields.length, 10);
      for (const field of block.fields) check('field', field.text.length, 2_000);
    }
    if (block.type === 'actions') {
      check('elements', block.elements.length, 25);
      for (const { text, url } of block.elements) {
        check('button', text.text.length, 75);
        check('url', url.length, 3_000);
      }
    }
    if (block.type === 'context') {
      check('elements', block.elements.length, 10);
      for (const element of block.elements) check('context', element.text.length, 3_000);
    }
  }
  // slackapi/bolt-js#2867: 9,597 was accepted, 11,341 was not.
  const total = textsOf(blocks).join('').length + text.length;
  if (total > 9_500) over.push(`total: ${total}`);
  return over;
}

/** A destination that is unwell without having refused anything. */
const unwell = (reason: string) =>
  deliveryEvent({ delivery: { destination: 'ops', reason, since: '2026-11-20T09:00:00.000Z' } });

describe('the headline', () => {
  it.each<[Event, string]>([
    [callEvent(), '✅ Call completed - 35 s - Support Agent'],
    [
      callEvent({}, { status: 'transferred', durationSeconds: 125 }),
      '✅ Call transferred - 2 min 5 s - Support Agent',
    ],
    [callEvent({ corrects: 'evt-0' }), '✅ Call completed (corrected) - 35 s - Support Agent'],
    [callEvent({}, { agent: { id: null, name: null } }), '✅ Call completed - 35 s'],
    [failedCall(), '❌ Call failed: no answer - Support Agent'],
    [
      failedCall({ reason: 'provider.error' }),
      '❌ Call failed: an error at the provider - Support Agent',
    ],
    [failedCall({ reason: 'line.cut_off' }), '❌ Call failed: line cut off - Support Agent'],
    [failedCall({ reason: null }), '❌ Call failed - Support Agent'],
    [
      callEvent({ type: 'call.updated', changes: ['summary', 'recordingUrl'] }),
      '✏️ Call updated: summary, recording - Support Agent',
    ],
    [
      callEvent({ type: 'call.stale' }, { startedAt: '2026-11-19T09:00:00.000Z' }),
      '⏳ Call still open after 25 h - Support Agent',
    ],
    [
      callEvent({ type: 'call.stale' }, { startedAt: null, createdAt: null }),
      '⏳ Call still open - Support Agent',
    ],
    [connectionEvent(), '🔌 Connection clinic-riyadh is failing: key refused'],
    [connectionEvent({ type: 'connection.recovered' }), '🟢 Connection clinic-riyadh works again'],
    [
      connectionEvent({ type: 'provider.drifted' }, { rule: 'unknown word "PAUSED"' }),
      '🧩 hamsa sent a word we have never met',
    ],
    [
      connectionEvent({ type: 'provider.drifted' }, { rule: 'expected string' }),
      '🧩 hamsa sent a record we cannot read',
    ],
    [deliveryEvent(), '📭 Destination ops cannot be reached: channel not found'],
    [unwell('receipts_missing'), '📭 Destination ops was not told of some calls'],
    [unwell('canary_missing'), '📭 Our own test calls do not arrive'],
    [deliveryEvent({ type: 'delivery.recovered' }), '📬 Destination ops can be reached again'],
  ])('%# says %s', (event, headline) => {
    expect(headlineOf(event)).toBe(headline);
  });
});

describe('a message about a call', () => {
  it('tells a person on call what happened, to whom, and where to look', () => {
    const [full] = renderMessages(failedCall());

    expect(full.blocks?.map(({ type }) => type)).toEqual([
      'header',
      'section',
      'section',
      'actions',
      'context',
    ]);
    const words = wordsOf(failedCall());
    expect(words).toContain('*Agent*\nSupport Agent');
    expect(words).toContain('*Caller*\n••• 4567');
    expect(words).toContain('*Reason*\nno answer');
    expect(words).toContain('*Title*\nAppointment');
    expect(words).toContain('> The caller asked for a later appointment.');
    expect(words).toContain('clinic-riyadh · hamsa · call call-1 · event evt-1');
    const buttons = full.blocks?.flatMap((block) =>
      block.type === 'actions' ? block.elements.map(({ text, url }) => [text.text, url]) : [],
    );
    expect(buttons).toEqual([
      ['Open call', 'https://app.example.com/calls/call-1'],
      ['Recording', 'https://media.example.com/r/1.mp3'],
    ]);
  });

  it("gives times in each reader's own time zone", () => {
    expect(wordsOf(callEvent())).toContain(
      '<!date^1795168725^{date_short_pretty} {time}|2026-11-20 09:58 UTC>',
    );
  });

  it('says the same with less and less around it', () => {
    const steps = renderMessages(failedCall());

    for (const step of steps) {
      const words = textsOf(step).join('\n');
      expect(words).toContain('❌ Call failed: no answer - Support Agent');
      expect(words).toContain('••• 4567');
      expect(words).toContain('event evt-1');
    }
    expect(steps[1].blocks).toHaveLength(2);
    expect(steps[2].blocks).toBeUndefined();
  });

  it.each([
    ['+966501234567', '••• 4567'],
    ['anonymous', 'anonymous'],
    ['sip:jane.doe@example.com', 'hidden'],
    ['1234', 'hidden'],
  ])('shows %s as %s', (number, shown) => {
    const words = wordsOf(callEvent({}, { contactNumber: number }));

    expect(words).toContain(`*Caller*\n${shown}`);
    if (number !== shown) expect(words).not.toContain(number);
  });

  it.each<[Partial<Call>, string]>([
    [{ direction: 'inbound', contactNumber: null }, '*Caller*\n••• 4567'],
    [{ direction: 'outbound', contactNumber: null }, '*Called*\n••• 3333'],
  ])("finds the person's number where only the direction is known", (facts, shown) => {
    expect(wordsOf(callEvent({}, facts))).toContain(shown);
  });

  it('names no number where nothing says whose it is', () => {
    expect(wordsOf(callEvent({}, { direction: null, contactNumber: null }))).not.toContain('•••');
  });

  it('marks a replay', () => {
    expect(wordsOf(callEvent({ replay: true }))).toContain('event evt-1 · replay');
  });
});

describe('other messages', () => {
  it('say what to do about a connection', () => {
    expect(wordsOf(connectionEvent())).toContain('Replace the key of this connection');
  });

  it('say what drifted', () => {
    const drift = { reason: 'drifted', field: 'status', rule: 'unknown word "PAUSED"' };
    const words = wordsOf(connectionEvent({ type: 'provider.drifted' }, drift));

    expect(words).toContain('*Field*\nstatus');
    expect(words).toContain('*Found*\nunknown word "PAUSED"');
    expect(words).toContain('statusOverrides');
  });

  it('say how long it lasted', () => {
    expect(wordsOf(connectionEvent({ type: 'connection.recovered' }))).toContain(
      '*It lasted*\n1 h 3 min',
    );
    expect(wordsOf(deliveryEvent({ type: 'delivery.recovered' }))).toContain('*It lasted*\n1 h');
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [3_780_000, '1 h 3 min'],
    [50 * 3_600_000, '2 d 2 h'],
  ])('of %d ms is %s', (ms, words) => {
    expect(humanDuration(ms)).toBe(words);
  });
});

const HUGE = 300 * 1024;
const family = '👩‍👩‍👧‍👦';

/** What a caller, an agent's author or a broken provider may put into any text. */
const nasty: readonly (readonly [name: string, text: string])[] = [
  ['a mention of everybody', '<!channel> <!here> <!everyone>'],
  ['a mention of a person', '<@U012AB3CD> <#C024BE7LR|general>'],
  ['a subteam', '<!subteam^SAZ94GDB8>'],
  ['a link that lies', '<https://evil.example|your bank>'],
  ['a half-open bracket', 'a < b > c <'],
  ['an entity', 'Tom &amp; Jerry &lt;3'],
  ['ampersands only', '&'.repeat(5_000)],
  ['angle brackets only', '<'.repeat(5_000)],
  ['Arabic', 'محمد العتيبي'],
  ['Arabic and Latin', 'عميل VIP رقم 5'],
  ['Hebrew', 'שלום עולם'],
  ['emoji', '😀🔥'.repeat(3_000)],
  ['emoji families', family.repeat(3_000)],
  ['flags', '🇸🇦🇯🇴'.repeat(2_000)],
  ['a lone surrogate', 'a\uD83Db\uDE00c'],
  ['marks upon marks', `Z${'\u0301'.repeat(4_000)}`],
  ['a direction override', 'invoice\u202Efdp.exe'],
  ['marks that end an isolation', '\u2069\u2069name\u2068'],
  ['zero-width characters', 'a\u200Bb\uFEFFc\u00AD'],
  ['zero-width characters only', '\u200B\u200B\u2060\uFEFF'],
  ['a newline in a name', 'Support\nAgent\r\n\r\nx'],
  ['line separators', 'one\u2028two\u2029three'],
  ['control characters', 'bell\u0007 escape\u001b[31m nul\u0000'],
  ['newlines only', '\n'.repeat(5_000)],
  ['a line per letter', 'x\n'.repeat(5_000)],
  ['nothing', ''],
  ['spaces', '   '],
  ['a summary of 40 KB', 'The caller asked for an appointment. '.repeat(1_100)],
  ['300 KB without a space', 'x'.repeat(HUGE)],
  ['300 KB of Arabic', 'مرحبا '.repeat(HUGE / 6)],
  ['code fences', '``` `x` ```'],
  ['formatting', '*urgent* _now_ ~gone~ (*b*) a_b_c'],
  ['a prototype key', '__proto__'],
  ['another prototype key', 'constructor'],
];

const FORBIDDEN = /<(?!!date\^\d+\^)/;
const BROKEN_ENTITY = /&(?!(amp|lt|gt);)/;

describe.each(nasty)('%s', (_name, text) => {
  const events: Event[] = [
    failedCall({
      ...{ connection: text, provider: text, id: text, reason: text, summary: text },
      ...{ contactNumber: text, agent: { id: text, name: text }, url: text, recordingUrl: text },
      attributes: { title: text, workflowStatus: text },
    }),
    callEvent({ id: text, type: 'call.updated', changes: [text, text] }, { summary: text }),
    callEvent({ type: 'call.stale' }, { agent: { id: text, name: null } }),
    connectionEvent({}, { id: text, provider: text, reason: text, field: text, rule: text }),
    connectionEvent(
      { type: 'provider.drifted' },
      { id: text, provider: text, reason: text, field: text, rule: text },
    ),
    deliveryEvent({
      delivery: { destination: text, reason: text, since: failedCall().occurredAt },
    }),
  ];

  it('stays within every limit of Slack, whatever field it is in', () => {
    for (const event of events) {
      for (const step of renderMessages(event)) expect(overLimits(step)).toEqual([]);
    }
  });

  it('is shown, not obeyed', () => {
    for (const event of events) {
      for (const step of renderMessages(event)) {
        for (const shown of textsOf(step)) {
          expect(shown).not.toMatch(FORBIDDEN);
          expect(shown).not.toMatch(BROKEN_ENTITY);
          expect(shown).not.toMatch(/[\u202A-\u202E\uFEFF\u2028\u2029]|(?!\n)\p{Cc}/u);
          expect(shown).not.toMatch(/(?<![*_~`])\u200B(?![*_~`])/u);
          expect(shown.isWellFormed()).toBe(true);
          expect(shown.split('\u2068')).toHaveLength(shown.split('\u2069').length);
          expect(shown).not.toMatch(/undefined|null|NaN|\[object/);
        }
      }
    }
  });
});

describe('text that is too long', () => {
  it('is cut with an ellipsis between what a reader sees as characters', () => {
    const words = headlineOf(failedCall({ agent: { id: null, name: family.repeat(50) } }));

    expect(words).toMatch(new RegExp(`- (${family})+…$`, 'u'));
  });

  it('is not cut when it just fits', () => {
    const name = 'x'.repeat(46);

    expect(headlineOf(failedCall({ agent: { id: null, name } }))).toContain(name);
    expect(headlineOf(failedCall({ agent: { id: null, name: `${name}y` } }))).toMatch(/x…$/);
  });

  it('quotes a summary line by line and says that there is more', () => {
    const summary = Array.from({ length: 60 }, (_, index) => `line ${index}`).join('\n');
    const words = wordsOf(callEvent({}, { summary }));

    expect(words).toContain('> line 0\n> line 1\n');
    expect(words).toMatch(/> line 39\n> …$/m);
  });
});

describe('formatting in a text of others', () => {
  const shown = (name: string) => headlineOf(failedCall({ agent: { id: null, name } }));
  const NO_WIDTH = '\u200B';

  it.each(['*', '_', '~', '`'])('by %s neither begins nor ends', (mark) => {
    const name = `${mark}urgent${mark} (${mark}now${mark}) Sale${mark} x`;
    const words = shown(name);

    expect(words).toContain(name.replaceAll(mark, `${NO_WIDTH}${mark}${NO_WIDTH}`));
  });

  it('is not looked for within a word', () => {
    expect(shown('call_id_x 2*3*4')).toContain('call_id_x 2*3*4');
  });

  it('is left in ids, which are there to be copied', () => {
    const event = callEvent({ id: '_Nq-_8' }, { id: 'conv__x', connection: 'a-_b' });
    const sent = JSON.stringify(renderMessages(event));

    for (const id of ['_Nq-_8', 'conv__x', 'a-_b']) expect(sent).toContain(id);
  });
});

describe('a right-to-left name', () => {
  it('is kept from reordering the words around it', () => {
    const event = failedCall({ agent: { id: null, name: 'محمد' } });

    expect(headlineOf(event)).toBe('❌ Call failed: no answer - \u2068محمد\u2069');
  });
});

describe('a link', () => {
  it.each([
    ['javascript:alert(1)'],
    ['data:text/html,x'],
    ['file:///etc/passwd'],
    ['https://user:secret@example.com/'],
    ['not a link'],
    [''],
    [`https://example.com/${'x'.repeat(3_000)}`],
    [`https://example.com/${'ع'.repeat(1_000)}`],
  ])('is left out: %.40s', (url) => {
    const [full] = renderMessages(callEvent({}, { url, recordingUrl: url, transcriptUrl: url }));

    expect(full.blocks?.some(({ type }) => type === 'actions')).toBe(false);
  });

  it('is percent-encoded, never entity-encoded', () => {
    const url = 'https://example.com/a b/<x>|y?q=1&r="2"';
    const words = JSON.stringify(renderMessages(callEvent({}, { url }))[0].blocks);

    expect(words).toContain('https://example.com/a%20b/%3Cx%3E%7Cy?q=1&r=%222%22');
  });
});
