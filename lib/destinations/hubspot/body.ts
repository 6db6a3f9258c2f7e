import type { Call } from '../../calls/call.ts';
import { storyOf } from '../../crm/story.ts';

/** HubSpot refuses more than 65,536 characters in a text property. */
const MAX_BODY = 60_000;

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

const link = (name: string, address: string | undefined): string[] =>
  address === undefined ? [] : [`<p><a href="${escapeHtml(address)}">${name}</a></p>`];

/** What is to be read of a call, as HubSpot shows it: simple HTML. The recording has a property of its own. */
export function bodyOf(call: Call): string {
  const { summary, links, facts } = storyOf(call);
  const parts = [
    ...(summary === '' ? [] : [paragraph(summary)]),
    ...link('Open call', links.call),
    ...link('Transcript', links.transcript),
    ...facts.map(([label, text]) => `<p><b>${escapeHtml(label)}</b>: ${escapeHtml(text)}</p>`),
  ];
  let body = '';
  for (const part of parts) {
    if (body.length + part.length > MAX_BODY) return `${body}<p>…</p>`;
    body += part;
  }
  return body;
}
