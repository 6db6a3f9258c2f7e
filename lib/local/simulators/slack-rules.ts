import { believed, documented, type Rule } from './rule.ts';

const SLACK = 'https://docs.slack.dev';
const POST = `${SLACK}/reference/methods/chat.postMessage`;
const UPDATE = `${SLACK}/reference/methods/chat.update`;
const HISTORY = `${SLACK}/reference/methods/conversations.history`;
const LIST = `${SLACK}/reference/methods/conversations.list`;
const WEB_API = `${SLACK}/apis/web-api`;
const REPLIES = `${SLACK}/reference/methods/conversations.replies`;
const WEBHOOKS = `${SLACK}/messaging/sending-messages-using-incoming-webhooks`;
const WEBHOOK_ERRORS =
  'https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks';
const LIMITS = `${SLACK}/apis/web-api/rate-limits`;
const METADATA_TYPE = `${SLACK}/tools/node-slack-sdk/reference/web-api/interfaces/MessageMetadata`;
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
  documented('chat.update changes a message that exists: else message_not_found', UPDATE),
  documented('In an archived channel nothing is edited: is_inactive', UPDATE),
  documented('After the edit window of the workspace: edit_window_closed', UPDATE),
  documented('chat.update refuses text above 4,000 characters: msg_too_long', UPDATE),
  documented('Metadata that an update leaves out stays', UPDATE),
  believed('Blocks that an update leaves out stay', `an earlier text of ${UPDATE}`),
  documented('A reply names its first message by thread_ts, not another reply', POST),
  believed('A thread_ts that no message has is thread_not_found', 'our strictness'),
  believed('That of a reply is cannot_reply_to_message', `${POST} advises against it`),
  documented('A reply is in the thread; reply_broadcast shows it to the channel too', POST),
  documented('conversations.replies needs channel and ts: else thread_not_found', REPLIES),
  believed('It gives the first message, then the replies, oldest first', `sample in ${REPLIES}`),
  believed(
    'A bot with channels:history may read threads in channels',
    `users report so; ${REPLIES} says that it takes a user token`,
  ),
  documented('A webhook takes JSON and answers ok; else invalid_payload (400)', WEBHOOK_ERRORS),
  documented('Its channel archived: channel_is_archived (410)', WEBHOOK_ERRORS),
  documented('Its channel gone: channel_not_found (404)', WEBHOOK_ERRORS),
  documented('Posting is restricted: action_prohibited (403)', WEBHOOK_ERRORS),
  documented('A webhook that was removed: no_service', WEBHOOKS),
  believed('no_service comes with 404, no_text and invalid_blocks with 400', 'reports of users'),
  documented('Webhooks: one message a second, then 429 with Retry-After', LIMITS),
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
  documented('A payload has texts, numbers, booleans, objects and lists of those', METADATA_TYPE),
  believed('Another value is invalid_metadata_schema', METADATA_TYPE),
  documented('Metadata can be too large: metadata_too_large', POST),
  believed('It is from 8,000 characters on', 'not written'),
  documented('One message a second and channel, short bursts allowed', LIMITS),
  believed('A burst is 4 messages', `its size is not written: ${LIMITS}`),
  documented('conversations.list: 20 a minute (tier 2)', LIST),
  documented('chat.update, conversations.history and .replies: 50 a minute (tier 3)', LIMITS),
  documented('Too many: HTTP 429 with Retry-After in seconds', LIMITS),
  believed('Until then every request of that method and channel is 429', LIMITS),
  documented('ts is unique in its channel', `${SLACK}/messaging/retrieving-messages`),
  documented('&amp; &lt; &gt; are shown as & < >; <!here>, <@U…> and such notify', FORMAT),
  believed('plain_text shows the same three, and never notifies', FORMAT),
  documented('With blocks, text is only the notification', POST),
];
