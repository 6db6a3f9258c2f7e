import type { Call } from '../calls/call.ts';

const MAX_TITLE = 200;
const MAX_VALUE = 1_000;

/** What a call is called in a list: its own title, else direction and agent. */
export function titleOf({ attributes, direction, agent }: Call): string {
  const own = typeof attributes.title === 'string' ? attributes.title : '';
  const kind =
    direction === null ? 'Call' : `${direction === 'inbound' ? 'Inbound' : 'Outbound'} call`;
  const title = own.trim() || (agent.name === null ? kind : `${kind} with ${agent.name}`);
  return [...title.replace(/\p{Cc}+/gu, ' ')].slice(0, MAX_TITLE).join('');
}

/** What is to be read of a call, in the order it is read in. None of it is escaped, and callers said some of it. */
export interface Story {
  /** Empty: nobody summed it up. */
  readonly summary: string;
  /** Absolute http and https addresses; undefined: there is none that is safe to show. */
  readonly links: Readonly<Record<'call' | 'recording' | 'transcript', string | undefined>>;
  /** `['Lead qualification', 'hot']`; values are cut at 1,000 characters, visibly. */
  readonly facts: readonly (readonly [label: string, text: string])[];
}

/** `leadQualification` as `Lead qualification`. */
function labelOf(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[._]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function textOf(value: unknown): string {
  if (value === null || value === '') return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}

function safeLink(address: string | null): string | undefined {
  if (address === null || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isPlain = url.username === '' && url.password === '';
  return isPlain && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined;
}

/** The title is the record's own, and not told again. */
export function storyOf(call: Call): Story {
  const facts = [
    ['reason', call.reason?.replaceAll(/[._]/g, ' ')] as const,
    ...Object.entries(call.attributes).filter(([name]) => name !== 'title'),
  ];
  return {
    summary: call.summary?.trim() ?? '',
    links: {
      call: safeLink(call.url),
      recording: safeLink(call.recordingUrl),
      transcript: safeLink(call.transcriptUrl),
    },
    facts: facts.flatMap(([name, value]): [string, string][] => {
      const text = textOf(value ?? null);
      return text === '' ? [] : [[labelOf(name), text]];
    }),
  };
}
