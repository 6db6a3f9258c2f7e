import { believed, documented, type Rule } from './rule.ts';

const DEVELOPER = 'https://developer.salesforce.com/docs/platform';
const HELP = 'https://help.salesforce.com/s/articleView';
const ERRORS = `${DEVELOPER}/api-rest/guide/errorcodes.html`;
const UPSERT = `${DEVELOPER}/api-rest/guide/dome-upsert.html`;
const TASK = `${DEVELOPER}/object-reference/references/standard-objects/object-task.html`;
const LIMITS = `${DEVELOPER}/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html`;
const DUPLICATES = `${DEVELOPER}/api/guide/sforce-api-objects-duplicateresult.html`;
const CONNECT =
  'https://developer.salesforce.com/docs/atlas.en-us.262.0.chatterapi.meta/chatterapi/quickstart_connecting.htm';
const JWT = `${HELP}?id=xcloud.remoteaccess_oauth_jwt_flow.htm`;
const FIELDS =
  'https://developer.salesforce.com/docs/atlas.en-us.196.0.sfFieldRef.meta/sfFieldRef/salesforce_field_reference_Task.htm';
const REPORTS = 'reports of users';

/** What the Salesforce look-alike insists on, and how sure we are that Salesforce does too. Read in November 2026. */
export const rules: readonly Rule[] = [
  documented('client_credentials: a form with client_id and client_secret', CONNECT),
  documented('jwt-bearer: RS256 with iss, sub, aud and exp, for a user who is approved', JWT),
  believed(
    'aud is login.salesforce.com, test.salesforce.com or the org itself',
    `not read there: ${JWT}`,
  ),
  believed('An assertion holds for five minutes at most', REPORTS),
  believed('A refused login is 400 with error and error_description', REPORTS),
  documented('An error is a list of objects with message, errorCode and fields', ERRORS),
  documented('An access token that is over is 401', ERRORS),
  believed('Its errorCode is INVALID_SESSION_ID', REPORTS),
  documented('Out of requests: 403 with REQUEST_LIMIT_EXCEEDED', ERRORS),
  documented('The limit is of the last 24 hours, for the whole org', LIMITS),
  believed('There is no Retry-After', `none is written: ${LIMITS}`),
  documented('PATCH by external id creates (201) or changes; several matches are 300', UPSERT),
  believed('A change is answered with 200 and the id (since version 46)', REPORTS),
  documented('The body may hold neither Id nor the external id field', UPSERT),
  believed(
    'A task can have an external id field, which activities share',
    'to be verified in a sandbox',
  ),
  believed('External ids are compared without regard to case', 'the strictest plausible reading'),
  believed('An external id field that is not there or hidden is 404 with its name', REPORTS),
  believed('An unknown field is 400 INVALID_FIELD with its name', REPORTS),
  documented('Description holds 32,000 characters, Subject and CallDisposition 255', FIELDS),
  believed('A longer text is 400 STRING_TOO_LONG with its field, and nothing is written', REPORTS),
  documented('CallDurationInSeconds is an integer', TASK),
  believed('A number in quotes is 400 JSON_PARSER_ERROR', REPORTS),
  believed('TaskSubtype cannot be changed', `not read there: ${TASK}`),
  believed('Status is one of the org’s own words', REPORTS),
  believed('WhoId and OwnerId must exist, else 400 INVALID_CROSS_REFERENCE_KEY', REPORTS),
  believed('A task of a lead has no WhatId', REPORTS),
  believed('UNABLE_TO_LOCK_ROW is 400', 'https://github.com/jsforce/jsforce/issues/1018'),
  documented('A duplicate rule names the records in duplicateResult.matchResults', DUPLICATES),
  believed(
    'DUPLICATES_DETECTED is 400, of contacts and leads only',
    'https://github.com/omniphx/forrest/issues/176',
  ),
  believed(
    'A query finds at once what was written; texts are compared whole, in any case',
    REPORTS,
  ),
  believed('A lead needs LastName and Company', REPORTS),
];
