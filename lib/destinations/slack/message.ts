import type { Event } from '../../events/event.ts';
import { escapeWithin, isolate } from './text.ts';
import { type Notice, type Numbers, noticeOf } from './words.ts';

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
}
interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
}
interface LinkButton {
  readonly type: 'button';
  readonly text: PlainText;
  readonly url: string;
  readonly action_id: string;
}
export type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: Mrkdwn[] }
  | { readonly type: 'actions'; readonly elements: LinkButton[] }
  | { readonly type: 'context'; readonly elements: Mrkdwn[] };

export interface Message {
  /** Read aloud, shown in notifications, and all there is when there are no blocks. */
  readonly text: string;
  readonly blocks?: Block[];
}

/** A message that says the same with less and less around it. */
export type Ladder = readonly [full: Message, compact: Message, plain: Message];

/**
 * Slack's limits: header 150, section 3,000, field 2,000, ten fields, fifty blocks
 * (https://docs.slack.dev/reference/block-kit/blocks). The whole of a message has one as well, which
 * nobody documents: some were refused at 11,300 characters (slackapi/bolt-js#2867). The parts below
 * stay under 8,000 together, whatever the event holds, because each is cut where it is written (the
 * names of a headline in `words.ts`): nothing has to be measured afterwards.
 */
const QUOTE = 2_400;
const QUOTE_LINES = 40;
const SHORT_QUOTE = 280;

export const mrkdwn = (text: string): Mrkdwn => ({ type: 'mrkdwn', text });
export const plainText = (text: string): PlainText => ({ type: 'plain_text', text });
export const section = (text: string): Block => ({ type: 'section', text: mrkdwn(text) });

/** Quoted line by line, because Slack's quote ends with the line. */
function quoted(lines: readonly string[], max: number): string[] {
  const shown = lines.slice(0, QUOTE_LINES);
  const text = shown.join('\n') + (lines.length > shown.length ? '\n…' : '');
  if (text === '') return [];
  return [
    escapeWithin(text, max)
      .split('\n')
      .map((each) => `> ${isolate(each)}`)
      .join('\n'),
  ];
}

const factsOf = ({ fields }: Notice): string =>
  fields.map(([label, value]) => `${label}: ${value}`).join('\n');

const contextOf = ({ context }: Notice): string => context.join(' · ');

function full(notice: Notice): Message {
  const { headline, fields, quote, links } = notice;
  const blocks: Block[] = [{ type: 'header', text: plainText(headline) }];
  if (fields.length > 0) {
    const both = fields.map(([label, value]) => mrkdwn(`*${label}*\n${value}`));
    blocks.push({ type: 'section', fields: both });
  }
  blocks.push(...quoted(quote, QUOTE).map(section));
  if (links.length > 0) {
    const elements = links.map(([label, url], index) => ({
      type: 'button' as const,
      text: plainText(label),
      url,
      action_id: `open-${index}`,
    }));
    blocks.push({ type: 'actions', elements });
  }
  blocks.push({ type: 'context', elements: [mrkdwn(contextOf(notice))] });
  return { text: headline, blocks };
}

function compact(notice: Notice): Message {
  const { headline, quote } = notice;
  const body = [`*${headline}*`, factsOf(notice), ...quoted(quote, SHORT_QUOTE)];
  return {
    text: headline,
    blocks: [section(body.join('\n')), { type: 'context', elements: [mrkdwn(contextOf(notice))] }],
  };
}

function plain(notice: Notice): Message {
  const { headline, quote } = notice;
  const parts = [headline, factsOf(notice), ...quoted(quote, SHORT_QUOTE), contextOf(notice)];
  return { text: parts.join('\n') };
}

/**
 * An event as Slack messages that say the same with less and less around it. The next one is for when
 * Slack refuses the one before as too large or ill-formed: what matters most must not be lost because
 * there is too much of it.
 */
export function renderMessages(event: Event, numbers: Numbers = 'masked'): Ladder {
  const notice = noticeOf(event, numbers);
  return [full(notice), compact(notice), plain(notice)];
}
