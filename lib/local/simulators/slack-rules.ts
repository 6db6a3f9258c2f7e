import { believed, documented, type Rule } from './rule.ts';

const SLACK = 'https://docs.slack.dev';
const POST = `${SLACK}/reference/methods/chat.postMessage`;
const UPDATE = `${SLACK}/reference/methods/chat.update`;
const HISTORY = `${SLACK}/reference/methods/conversations.history`;
const LIST = `${SLACK}/reference/methods/conversations.list`;
const WEB_API = `${SLACK}/apis/web-api`;
const LIMITS = `${SLACK}/apis/web-api/rate-limits`;
const BLOCKS = `${SLACK}/reference/block-kit/blocks`;
const FORMAT = `${SLACK}/messaging/formatting-message-text`;

/** What the Slack look-alike insists on, and how sure we are that Slack does too. */
export const rules: readonly Rule[] = [
  documented(
    'Arguments come as a form or as JSON; a JSON request has its token in the header',
    WEB_API,
  ),
  documented('No token is not_authed, a wrong one invalid_auth', POST),
  documented('Refusals are HTTP 200 with ok: false and error', WEB_API),
  documented('A channel is posted to by id or name; an unknown one is channel_not_found', POST),
  believed('A name works with and without #', `reports of users; ${POST} shows both`),
  believed('chat.update and conversations.history take the id only', `${UPDATE}, ${HISTORY}`),
  documented('An archived channel is is_archived, one without the bot not_in_channel', POST),
  documented('Neither text nor blocks nor attachments is no_text', POST),
  documented('Text above 40,000 characters is cut', POST),
  believed('Lengths are counted in UTF-16 units', 'not written; the strictest plausible reading'),
  documented('At most 50 blocks, ids of at most 255 characters that occur once', BLOCKS),
  documented(
    'Section: text to 3,000 characters, or 1 to 10 fields to 2,000',
    `${BLOCKS}/section-block`,
  ),
  documented('Header: plain_text to 150 characters', `${BLOCKS}/header-block`),
  documented('Context: 1 to 10 images or texts', `${BLOCKS}/context-block`),
  documented('Actions: 1 to 25 elements', `${BLOCKS}/actions-block`),
  documented('Image: image_url to 3,000 and alt_text to 2,000 characters', `${BLOCKS}/image-block`),
  documented('Markdown: 12,000 characters in all such blocks', `${BLOCKS}/markdown-block`),
  documented(
    'Button: text to 75, url to 3,000, value to 2,000 characters',
    `${SLACK}/reference/block-kit/block-elements/button-element`,
  ),
  believed('Another type of block or element is invalid_blocks', 'reports of users'),
  believed(
    'Above about 13,200 characters of text in blocks: msg_blocks_too_long',
    'https://github.com/slackapi/bolt-js/issues/2509 (issue 2867 saw 11,341 refused)',
  ),
  documented('conversations.list shows public channels unless types asks for others', LIST),
  documented('Its limit is a whole number, 100 if not given; another is invalid_limit', LIST),
  believed('A limit of 1,000 is accepted', `${LIST} says under 1000, its earlier text up to 1000`),
  documented('A page may be shorter than its limit before the end is reached', LIST),
  believed('Archived channels are left out of a page after it was cut', 'reports of users'),
  believed('A private channel is listed for its members only', LIST),
  documented('Public channels need channels:read and channels:history', `${LIST}, ${HISTORY}`),
  documented('Private channels need groups:read and groups:history', `${LIST}, ${HISTORY}`),
  documented('Without a scope: missing_scope', LIST),
  believed(
    'missing_scope names what is needed and what is provided',
    `https://github.com/DataDog/slapr/pull/47; ${SLACK}/tools/node-slack-sdk has the two members`,
  ),
  documented(
    'metadata has an event_type and an object event_payload',
    `${SLACK}/messaging/message-metadata`,
  ),
  documented('One message a second and channel, short bursts allowed', LIMITS),
  believed('A burst is 4 messages', `its size is not written: ${LIMITS}`),
  documented('conversations.list: 20 a minute (tier 2)', LIST),
  documented('chat.update and conversations.history: 50 a minute (tier 3)', LIMITS),
  documented('Too many: HTTP 429 with Retry-After in seconds', LIMITS),
  believed('Until then every request of that method and channel is 429', LIMITS),
  documented('ts is unique in its channel', `${SLACK}/messaging/retrieving-messages`),
  documented('&amp; &lt; &gt; are shown as & < >; <!here>, <@U…> and such notify', FORMAT),
  believed('plain_text shows the same three, and never notifies', FORMAT),
  documented('With blocks, text is only the notification', POST),
];
