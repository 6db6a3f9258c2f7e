import { believed, documented, type Rule } from './rule.ts';

const WEBHOOKS = 'https://samva.app/docs/integrations/webhooks';
const LIST = 'https://samva.app/docs/api-reference/voice/calls.list';
const DETAIL = 'https://samva.app/docs/api-reference/voice/calls.get';
const REST = 'https://samva.app/docs/sdks/rest-api';
const OURS = 'our strictness: nothing is written, and a client should not depend on leniency';

/** What the Samva simulator insists on, and how sure we are that Samva does too. */
export const rules: readonly Rule[] = [
  documented('The key is the header X-API-Key', LIST),
  believed('No key, another key or a key elsewhere is answered with 401', OURS),
  documented('page counts from 1 and is 1 when left out', LIST),
  documented('limit is 1 to 100 and is 20 when left out', LIST),
  believed('A limit above 100 is answered with 400, not cut', `"Range" read so: ${LIST}`),
  documented('sortBy is initiatedAt, endedAt or durationSeconds; initiatedAt when left out', LIST),
  documented('sortOrder is asc or desc; desc when left out', LIST),
  believed('filters is answered with 400, like any parameter without a known syntax', OURS),
  documented('The rows are items, the count is in pagination', LIST),
  believed(
    'totalPages is the number of pages at the limit that was asked for',
    `inferred: ${LIST}`,
  ),
  documented('One call has the same fields in the list and read by its id, a UUID', DETAIL),
  believed('Another id is answered with 400, one of no call with 404', OURS),
  believed(
    'Words of telephony, and words that say only that a call is over',
    `not written: ${LIST}`,
  ),
  believed('A call over the web has no numbers', `inferred: ${LIST}`),
  believed('endedAt, URLs and summary are null until they exist', `inferred: ${LIST}`),
  documented('Refusals have the envelope {error: {code, message, details}}', REST),
  documented('Webhooks are signed over the raw body, as sha256=<hex>', WEBHOOKS),
  believed('One about a call carries it as the list has it, in data', `not written: ${WEBHOOKS}`),
];
