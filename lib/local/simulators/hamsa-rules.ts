import { believed, documented, type Rule } from './rule.ts';

const WEBHOOKS = 'https://docs.tryhamsa.com/overview/features/webhooks';
const LIST = 'https://docs.tryhamsa.com/api-reference/endpoint/list-minimal-calls';
const DETAIL = 'https://docs.tryhamsa.com/api-reference/endpoint/get-conversation';
const SAMPLE = 'seen only in the sample answer of';
const OURS = 'our strictness: nothing is written, and a client should not depend on leniency';

/** What the Hamsa simulator insists on, and how sure we are that Hamsa does too. */
export const rules: readonly Rule[] = [
  documented('The key follows the word Token in the Authorization header', LIST),
  believed('Another word, no word or another key is answered with 401', OURS),
  documented('status is one of seven words, repeated for several values', LIST),
  believed('An unknown status, also a comma list, is answered with 400', OURS),
  documented(
    'startTime and endTime are inclusive bounds on createdAt, UTC epoch milliseconds',
    LIST,
  ),
  documented('endTime must not be before startTime', LIST),
  believed('A positive time so small that it must be in seconds is answered with 400', OURS),
  documented('page counts from 1 and is 1 when left out', LIST),
  documented('perPage is 1 to 200 and is 100 when left out', LIST),
  believed('perPage above 200 is cut to 200, not refused', `"Hard-capped at 200" read so: ${LIST}`),
  documented('voiceAgentId is a UUID', LIST),
  believed('A parameter that the page does not list, or a single one given twice, is 400', OURS),
  believed('total counts all calls, filtered those that match', `${SAMPLE} ${LIST}`),
  believed('The order of the list is unknown: newest, oldest or shuffled', `not written: ${LIST}`),
  believed('channelType is "Telephone" in the list', `${SAMPLE} ${LIST}`),
  believed('channelType is "TELEPHONE" in the detail', `${SAMPLE} ${DETAIL}`),
  believed(
    'duration and callDuration are seconds, null until the end',
    `inferred: ${SAMPLE} ${LIST}`,
  ),
  believed('title and mediaUrl are null, callAnalysis {} until they exist', `inferred: ${DETAIL}`),
  documented('The path of a detail says conversation, and its id is a UUID', DETAIL),
  believed('Another id is answered with 400, one of no call with 404', OURS),
  believed('Refusals have the envelope {success: false, message}', `inferred: ${LIST}`),
  documented('Webhooks are not signed: a header carries the secret that was entered', WEBHOOKS),
  documented('There is call.started and call.ended, and none for a call that failed', WEBHOOKS),
  believed('callId is the id of the list', `not written: ${WEBHOOKS}`),
];
