import { believed, documented, type Rule } from './rule.ts';

const LIST = 'https://docs.vozagent.ai/developers/api/calls/list';
const DETAIL = 'https://docs.vozagent.ai/developers/api/calls/get';
const CREATE = 'https://docs.vozagent.ai/developers/api/calls/create';
const INTRODUCTION = 'https://docs.vozagent.ai/developers/api';
const SAMPLE = 'seen only in the sample answer of';
const OURS = 'our strictness: nothing is written, and a client should not depend on leniency';

/** What the VozAgent simulator insists on, and how sure we are that VozAgent does too. */
export const rules: readonly Rule[] = [
  documented('The key follows the word Bearer in the Authorization header', INTRODUCTION),
  believed('Another word, no word or another key is answered with 401', OURS),
  documented('limit is 0 to 100 and is 50 when left out; offset moves on', LIST),
  believed('A limit above 100 is answered with 400, not cut', `"Range: 0-100" read so: ${LIST}`),
  documented('status filters by completed, in-progress or failed', LIST),
  documented('queued is a status too', CREATE),
  believed('Another status, or a parameter that nobody uses, is answered with 400', OURS),
  documented('The list is an array of call records', LIST),
  believed('The order is unknown: oldest first, newest first or shuffled', `${SAMPLE} ${LIST}`),
  believed('A call record may lack call_intent', `${SAMPLE} ${LIST}`),
  documented('Read by its id, a call has numbers, transcript, summary, recording, cost', DETAIL),
  believed('They are null until they exist', `"if available": ${DETAIL}`),
  believed('An id of no call is answered with 404', OURS),
  documented('Refusals have the body {error: {code, message, details}}', INTRODUCTION),
];
