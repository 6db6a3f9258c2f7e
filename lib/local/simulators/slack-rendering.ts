import { isObject } from './json.ts';

// https://docs.slack.dev/messaging/formatting-message-text: what stands between < and > is special,
// and the three entities are the only ones.
const SPECIAL = /<([^<>]+)>/g;
const NOTIFYING = /^(!(channel|here|everyone|group|subteam\^)|@[UW][A-Z0-9]+)/;
// With parse=full or link_names Slack also looks for names without brackets.
const BARE_NOTIFYING = /(?<![\w@])@(channel|here|everyone)\b/g;

/** What a person sees of a message, and whom it notifies. */
export interface Rendering {
  /** Lines of plain text, entities decoded; emphasis marks such as `*` are left as they are. */
  readonly seen: string;
  /** The tokens that notify someone, e.g. `<!channel>`. */
  readonly mentions: readonly string[];
}

/** Renders blocks when there are any, else the text: beside blocks, the text is only the notification. */
export function render(
  text: string,
  blocks: readonly unknown[],
  { linksNames }: { linksNames: boolean },
): Rendering {
  const parts = blocks.flatMap(textsOf);
  const seen = parts.length > 0 ? parts : [{ text, isPlain: false }];
  // Whether a mention in the notification text notifies is not written: a false alarm is safer.
  const marked = [text, ...parts.filter(({ isPlain }) => !isPlain).map((part) => part.text)];
  return {
    seen: seen
      .map((part) => (part.isPlain ? decode(part.text) : renderMarked(part.text)))
      .join('\n'),
    mentions: [...new Set(marked.flatMap((part) => findMentions(part, linksNames)))],
  };
}

interface TextPart {
  readonly text: string;
  readonly isPlain: boolean;
}

/** The texts of a block in the order of its members, which is the order of reading. */
function textsOf(value: unknown): TextPart[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (!isObject(value)) return [];
  const { text, type } = value;
  if (typeof text === 'string')
    return [{ text, isPlain: type === 'plain_text' || type === 'text' }];
  if (type === 'image' && typeof value.alt_text === 'string') {
    return [{ text: value.alt_text, isPlain: true }];
  }
  return Object.values(value).flatMap(textsOf);
}

function renderMarked(text: string): string {
  return decode(
    text.replace(SPECIAL, (_whole, inside: string) => {
      const bar = inside.indexOf('|');
      if (bar >= 0)
        return inside.startsWith('#') ? `#${inside.slice(bar + 1)}` : inside.slice(bar + 1);
      return inside.startsWith('!') ? `@${inside.slice(1)}` : inside;
    }),
  );
}

function findMentions(text: string, linksNames: boolean): string[] {
  const tokens = [...text.matchAll(SPECIAL)].filter(([, inside = '']) => NOTIFYING.test(inside));
  const bare = linksNames ? [...text.matchAll(BARE_NOTIFYING)] : [];
  return [...tokens, ...bare].map(([whole]) => whole);
}

function decode(text: string): string {
  // The ampersand last: "&amp;lt;" is what someone wrote as "&lt;".
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
