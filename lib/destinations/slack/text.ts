const ELLIPSIS = '…';

/** Invisible characters that change how the text around them is read; joiners stay, emoji and Persian need them. */
const DECEPTIVE =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu;
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** No text that is shown is longer; what is beyond it is not worth reading through. */
const READ_AT_MOST = 20_000;

const readable = (text: string): string =>
  text.slice(0, READ_AT_MOST).toWellFormed().replace(DECEPTIVE, '');

/** Untrusted text as one line; undefined when nothing of it can be seen. */
export function line(text: string | null | undefined): string | undefined {
  const clean = readable(text ?? '')
    .replace(CONTROL, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return VISIBLE.test(clean) ? clean : undefined;
}

/** Untrusted text as lines that are not empty. */
export const lines = (text: string | null | undefined): string[] =>
  readable(text ?? '')
    .split(/[\r\n\u2028\u2029]+/u)
    .flatMap((each) => line(each) ?? []);

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * What begins or ends bold, italic, struck or fixed-width text, but for between two letters. Slack has no escape
 * for these; a space of no width on both sides keeps them from either, which is practice, not documented.
 */
const MARKS = new Set(['*', '_', '~', '`']);
const WORD_BEFORE = /[\p{L}\p{N}]$/u;
const WORD_AFTER = /^[\p{L}\p{N}]/u;
const NO_WIDTH = '\u200B';

const ofSlack = (text: string): string => text.replace(/[&<>]/g, (char) => ENTITIES[char] ?? char);

/**
 * Text that Slack shows as it is, parsing neither a mention nor a link nor formatting out of it, in at most
 * `max` characters. Cut between what a reader sees as characters, never inside an entity.
 *
 * @param tame false: marks stay as they are, so that the text can be copied
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function escapeWithin(text: string, max: number, { tame = true } = {}): string {
  let shown = '';
  let fitting = '';
  for (const { segment, index } of graphemes.segment(text.slice(0, max + 1))) {
    const isInWord = WORD_BEFORE.test(shown) && WORD_AFTER.test(text.slice(index + 1, index + 3));
    const isMark = tame && MARKS.has(segment) && !isInWord;
    const escaped = isMark ? `${NO_WIDTH}${segment}${NO_WIDTH}` : ofSlack(segment);
    if (shown.length + escaped.length > max) return fitting.trimEnd() + ELLIPSIS;
    shown += escaped;
    if (shown.length < max) fitting = shown;
  }
  return shown;
}

/**
 * Keeps a right-to-left name from reordering the words around it (Unicode's FSI and PDI, UAX #9).
 * `text` must already be escaped and cut: the closing mark may not be lost.
 */
export const isolate = (text: string): string =>
  RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;

/** Untrusted text as part of a line of ours; undefined when nothing of it can be seen. */
export function quoteWithin(text: string | null | undefined, max: number): string | undefined {
  const clean = line(text);
  return clean === undefined ? undefined : isolate(escapeWithin(clean, max - 2));
}

/** An id as part of a line of ours: whoever copies it has to have it as it is. */
export function idWithin(id: string | null | undefined, max: number): string | undefined {
  const clean = line(id);
  return clean === undefined ? undefined : isolate(escapeWithin(clean, max - 2, { tame: false }));
}

// https://docs.slack.dev/reference/block-kit/block-elements/button-element
const MAX_URL = 3_000;

/** An address that may be linked: http(s), percent-encoded, nothing in it that could end the link. */
export function linkTarget(address: string | null): string | undefined {
  if (address === null || address.length > MAX_URL || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  const encoded = url.href.replace(/[|<>]/g, (char) => encodeURIComponent(char));
  return encoded.length > MAX_URL ? undefined : encoded;
}
