import type { Call } from '../../calls/call.ts';

/** HubSpot refuses more than 65,536 characters in a text property. */
const MAX_BODY = 60_000;
const MAX_VALUE = 1_000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Untrusted text as HTML that shows it and does nothing else. */
export const escapeHtml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/(?!\n)\p{Cc}/gu, ' ')
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

const paragraph = (text: string): string => `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`;

/** `leadQualification` as `Lead qualification`. */
function label(name: string): string {
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

function link(name: string, address: string | null): string[] {
  if (address === null || !URL.canParse(address)) return [];
  const url = new URL(address);
  const isPlain = url.username === '' && url.password === '';
  if (!isPlain || (url.protocol !== 'https:' && url.protocol !== 'http:')) return [];
  return [`<p><a href="${escapeHtml(url.href)}">${name}</a></p>`];
}

/** What is to be read of a call, as HubSpot shows it: simple HTML. The title is the record's own. */
export function bodyOf({ summary, reason, attributes, url, transcriptUrl }: Call): string {
  const facts: [string, unknown][] = [['reason', reason?.replaceAll(/[._]/g, ' ')]];
  facts.push(...Object.entries(attributes).filter(([name]) => name !== 'title'));
  const parts = [
    ...(summary?.trim() ? [paragraph(summary.trim())] : []),
    ...link('Open call', url),
    ...link('Transcript', transcriptUrl),
    ...facts.flatMap(([name, value]) => {
      const text = textOf(value ?? null);
      return text === '' ? [] : [`<p><b>${escapeHtml(label(name))}</b>: ${escapeHtml(text)}</p>`];
    }),
  ];
  let body = '';
  for (const part of parts) {
    if (body.length + part.length > MAX_BODY) return `${body}<p>…</p>`;
    body += part;
  }
  return body;
}
