import { believed, documented, type Rule } from './rule.ts';

const HUBSPOT = 'https://developers.hubspot.com/docs';
const CALLS = `${HUBSPOT}/api-reference/latest/crm/activities/calls/guide`;
const PROPERTIES = `${HUBSPOT}/api-reference/crm-properties-v3/guide`;
const SEARCH = `${HUBSPOT}/api-reference/2026-03/crm/search-the-crm`;
const ASSOCIATIONS = `${HUBSPOT}/api-reference/latest/crm/associations/overview`;
const ERRORS = `${HUBSPOT}/api-reference/error-handling`;
const LIMITS = `${HUBSPOT}/developer-tooling/platform/usage-guidelines`;
const CONTACTS = `${HUBSPOT}/api/crm/contacts`;
const ISSUES = 'https://github.com';

/** What the HubSpot look-alike insists on, and how sure we are that HubSpot does too. */
export const rules: readonly Rule[] = [
  documented('A wrong token is 401, a missing scope 403', ERRORS),
  believed(
    'The 403 is MISSING_SCOPES and names them in errors[].context.requiredGranularScopes',
    `${ISSUES}/PostHog/posthog/issues/53339`,
  ),
  documented('Every field of an error body may be missing', ERRORS),
  documented('A call needs hs_timestamp: epoch ms or UTC', CALLS),
  documented('hs_call_duration is in milliseconds, hs_call_recording_url https only', CALLS),
  believed('A value that is not allowed is 400 with INVALID_… and the property', ERRORS),
  believed(
    'An unknown property is 400 with PROPERTY_DOESNT_EXIST and its name',
    'reports of users; https://github.com/Atlas-Authority/marketing-automation/issues/174 has the form',
  ),
  believed('A text holds at most 65,536 characters', `not read there: ${PROPERTIES}`),
  documented('A property needs groupName, name, label, type and fieldType', PROPERTIES),
  believed('Its group must exist, and a name that is taken is 409', 'reports of users'),
  believed('Ten properties of an object type may be unique', `not read there: ${PROPERTIES}`),
  believed(
    'batch/upsert takes up to 100 inputs with id and idProperty',
    `not read there: ${CONTACTS}`,
  ),
  believed(
    'Upsert or read by a property that is not unique or not there is 400',
    `${ISSUES}/segmentio/action-destinations/pull/3957`,
  ),
  believed('One bad input of a batch and nothing is written', 'reports of users'),
  believed('A value that another object has in a unique property is 400', 'reports of users'),
  believed('Unique values are compared without regard to case', 'the strictest plausible reading'),
  believed(
    'A contact with the e-mail of another is 409 and names the other in its message',
    `${ISSUES}/HubSpot/hubspot-api-nodejs/issues/545`,
  ),
  believed('A contact needs an e-mail, a first or a last name', `not read there: ${CONTACTS}`),
  documented('Search: 5 groups of 6 filters, one sort, 200 results a page', SEARCH),
  documented('Search finds what is new only after some moments', SEARCH),
  believed(
    'Reading by id or unique property finds it at once',
    `${ISSUES}/HubSpot/hubspot-api-php/issues/59`,
  ),
  documented(
    'hs_searchable_calculated_* hold area code and local number without country code',
    SEARCH,
  ),
  believed(
    'IN asks for one of several values, of texts in lower case',
    `not read there: ${SEARCH}`,
  ),
  believed('EQ and IN compare phone and mobilephone as they were typed', 'reports of users'),
  believed('IN takes up to 100 values', 'our own strictness'),
  believed('A call outcome is the GUID of one that the account has', `not read there: ${CALLS}`),
  believed(
    'Read with associations=contacts, a call that has any answers them',
    'the public client',
  ),
  documented('The default association of a call with a contact is type 194', ASSOCIATIONS),
  believed('Associating twice changes nothing', ASSOCIATIONS),
  documented('Search is limited to five a second and account', SEARCH),
  documented('A private app of the smallest plan has 100 requests in ten seconds', LIMITS),
  documented('Too many: 429 with errorType RATE_LIMIT and policyName', LIMITS),
  believed('Without Retry-After, and the limit is a bucket', `its form is not written: ${LIMITS}`),
  documented('A locked object is 423 for two seconds', ERRORS),
];
