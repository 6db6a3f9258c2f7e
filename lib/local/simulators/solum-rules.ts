import { believed, documented, type Rule } from './rule.ts';

const LIST = 'https://docs.getsolum.com/api-reference/calls/list-calls';
const INTRODUCTION = 'https://docs.getsolum.com/api-reference/introduction';
const OURS = 'our strictness: nothing is written, and a client should not depend on leniency';

/** What the Solum Health simulator insists on, and how sure we are that Solum does too. */
export const rules: readonly Rule[] = [
  documented('The key is the header X-API-Key', LIST),
  believed('No key, another key or a Bearer token is answered with 401', OURS),
  documented('page counts from 1 and is 1 when left out', LIST),
  documented('limit is 1 to 100 and is 50 when left out', LIST),
  believed('A limit above 100 is answered with 400, not cut', `"Required range" read so: ${LIST}`),
  believed('skip is answered with 400', `only the introduction has it: ${INTRODUCTION}`),
  documented('status is one of pending, done, follow_up_needed', LIST),
  documented('started_gte and started_lte are ISO date-times', LIST),
  believed('They are inclusive bounds on started_at', `by their names: ${LIST}`),
  believed('A time without a zone, or in epoch numbers, is answered with 400', OURS),
  believed('Filters that no client of ours uses are answered with 400', OURS),
  documented('has_more says whether there are items beyond the page, total counts all', LIST),
  believed('The order of the list is unknown: newest, oldest or shuffled', `not written: ${LIST}`),
  believed('started_at is set from the start; ended_at, summary are null until then', OURS),
  believed('status becomes done or follow_up_needed after the end', `its meaning: ${LIST}`),
  documented('A deleted call is in no list', INTRODUCTION),
  believed('There is no reading of one call', `no page: ${INTRODUCTION}`),
  documented('Refusals have the body {detail: {type, code, message, param}}', INTRODUCTION),
];
