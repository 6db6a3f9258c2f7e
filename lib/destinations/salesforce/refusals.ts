import * as z from 'zod';
import { PermanentError, TransientError } from '../../errors.ts';
import { retryAfterMs } from '../../http.ts';
import { MINUTE_MS, SECOND_MS } from '../../time.ts';

/** An answer that is no success. What its body says is used in checked words only: it may quote anything. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The access token is not, or no longer, one. Logging in anew may help, once. */
export class SessionEndedError extends PermanentError {
  constructor() {
    super(
      'key_refused',
      'Salesforce lets Callwire log in, and then refuses it: give the user it runs as the permission "API Enabled".',
      { scope: 'destination' },
    );
  }
}

/** A duplicate rule of the org refused a new record. */
export class DuplicatesError extends PermanentError {
  /** Ids of the records that it takes for the same. */
  readonly existing: readonly string[];

  constructor(place: string, existing: readonly string[]) {
    super(
      'duplicates_detected',
      `${place} was refused by a duplicate rule: see in Salesforce which records it takes for the same, then deliver again.`,
    );
    this.existing = existing;
  }
}

/** https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes.html */
const errorsSchema = z.array(
  z.object({
    errorCode: z.string().regex(/^[A-Z][A-Z_]{2,60}$/),
    message: z.string().default(''),
    fields: z.array(z.string()).nullish(),
    duplicateResult: z.unknown().optional(),
  }),
);
type ApiError = z.infer<typeof errorsSchema>[number];

/** Other writes hold the row, or the row of its account. https://github.com/jsforce/jsforce/issues/1018 */
const LOCKED_MS = 5 * SECOND_MS;

/** The limit is of the last 24 hours: every hour gives back what was used a day before. */
const USED_UP_MS = 15 * MINUTE_MS;

/** They pass by themselves, and nothing was written. */
const PASSING: ReadonlySet<string> = new Set([
  'DUPLICATE_VALUE',
  'QUERY_TIMEOUT',
  'SERVER_UNAVAILABLE',
]);

const MISSING_FIELD: ReadonlySet<string> = new Set([
  'INVALID_FIELD',
  'INVALID_FIELD_FOR_INSERT_UPDATE',
]);

/** Somebody who was found is there no more, was merged, or is out of reach. */
const MISSING_RECORD: ReadonlySet<string> = new Set([
  'ENTITY_IS_DELETED',
  'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
  'INVALID_CROSS_REFERENCE_KEY',
  'MALFORMED_ID',
]);

function errorsIn(body: string): readonly ApiError[] {
  try {
    return errorsSchema.parse(JSON.parse(body));
  } catch {
    return [];
  }
}

/**
 * What a refusal means.
 *
 * @param place what was asked, in our own words
 * @param sent names of the fields in it: the only ones of the body that may be repeated
 */
export function meaningOf(place: string, refusal: Refusal, sent: readonly string[]): Error {
  const { status, headers, body } = refusal;
  const errors = errorsIn(body);
  const has = (codes: ReadonlySet<string>) => errors.some(({ errorCode }) => codes.has(errorCode));
  const is = (code: string) => errors.some(({ errorCode }) => errorCode === code);
  const asked = retryAfterMs(headers, new Date());

  if (status === 429 || is('REQUEST_LIMIT_EXCEEDED')) {
    const isDaily = errors.some(({ message }) => message.includes('TotalRequests'));
    const waitMs = asked ?? (isDaily ? USED_UP_MS : undefined);
    const message = `${place} has to wait: the org has no requests left`;
    return new TransientError(message, { reason: 'rate_limited', retryAfterMs: waitMs });
  }
  if (is('UNABLE_TO_LOCK_ROW')) {
    const options = { reason: 'row_locked', retryAfterMs: asked ?? LOCKED_MS };
    return new TransientError(`${place} met a lock`, options);
  }
  if (status >= 500 || status === 408 || status === 425 || has(PASSING)) {
    return new TransientError(`${place} failed: Salesforce answered ${status}`, {
      reason: 'provider_error',
      retryAfterMs: asked,
      // 503 says that the request was not handled (RFC 9110 §15.6.4); after other 5xx it may have been.
      maybeDone: status >= 500 && status !== 503,
    });
  }
  if (status === 401) return new SessionEndedError();
  if (is('DUPLICATES_DETECTED')) return new DuplicatesError(place, matchesIn(errors));

  const named = sent.filter((name) =>
    errors.some(
      ({ message, fields }) =>
        fields?.includes(name) || new RegExp(`(?<!\\w)${name}(?!\\w)`).test(message),
    ),
  );
  const what = named.length > 0 ? named.join(', ') : 'one of its fields';
  if (has(MISSING_FIELD) || (status === 404 && named.length > 0)) {
    const fix = `${place} was refused because Salesforce lacks ${what}, or hides it from the user that Callwire runs as: create it as the README says, and give that user the right to read and edit it.`;
    return new PermanentError('field_missing', fix, { scope: 'destination' });
  }
  if (has(MISSING_RECORD)) {
    const fix = `${place} names a record that is not there (${what}): correct the ids in the settings of this destination.`;
    return new PermanentError('record_missing', fix);
  }
  const [reason, fix] = permanent(place, status, what);
  const scope = reason === 'missing_permissions' ? 'destination' : 'request';
  return new PermanentError(reason, fix, { scope });
}

function permanent(place: string, status: number, what: string): [reason: string, fix: string] {
  switch (status) {
    case 300:
      return [
        'field_not_unique',
        `${place} found several records with one id: make the field for it unique in Salesforce, and delete the copies.`,
      ];
    case 400:
      return [
        'fields_refused',
        `${place} was refused for ${what}: see in Salesforce which values, rules and required fields it has there.`,
      ];
    case 403:
      return [
        'missing_permissions',
        `Give the user that Callwire runs as what it lacks for this (${place}): API Enabled, Edit Tasks, and to read contacts and leads.`,
      ];
    case 404:
    case 410:
      return [
        'not_found',
        `${place} found nothing at Salesforce: check the url of this destination.`,
      ];
    default:
      return [
        'refused',
        `${place} was answered with ${status}, which Salesforce does not do: check the url of this destination.`,
      ];
  }
}

const matchesSchema = z.object({
  matchResults: z.array(
    z.object({
      matchRecords: z.array(
        z.object({ record: z.object({ Id: z.string().regex(/^\w{15,18}$/) }) }),
      ),
    }),
  ),
});

function matchesIn(errors: readonly ApiError[]): readonly string[] {
  return errors.flatMap(({ duplicateResult }) => {
    const { success, data } = matchesSchema.safeParse(duplicateResult);
    return success
      ? data.matchResults.flatMap(({ matchRecords }) => matchRecords.map(({ record }) => record.Id))
      : [];
  });
}

/** The words of the token endpoint that name one mistake. https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm */
const LOGIN_FIXES: Readonly<Record<string, string>> = {
  invalid_client_id: 'the clientId is not known there',
  invalid_client: 'the clientSecret is not that of the clientId',
  invalid_grant: 'the user is not allowed this app, or the key is not that of its certificate',
  invalid_app_access: 'the user is not allowed this app',
  inactive_user: 'the user that Callwire runs as is not active',
  inactive_org: 'the org is not active',
  unsupported_grant_type: 'the app does not allow this flow',
};

const loginErrorSchema = z.object({ error: z.string() });

/** What a refused login means. Nothing was done by it, whatever it was answered with. */
export function loginMeaningOf({ status, headers, body }: Refusal): Error {
  const asked = retryAfterMs(headers, new Date());
  if (status === 429) {
    const options = { reason: 'rate_limited', retryAfterMs: asked };
    return new TransientError('Logging in to Salesforce has to wait', options);
  }
  if (status >= 500 || status === 408 || status === 425) {
    const options = { reason: 'provider_error', retryAfterMs: asked };
    return new TransientError(`Logging in to Salesforce failed: it answered ${status}`, options);
  }
  let error: string | undefined;
  try {
    error = loginErrorSchema.parse(JSON.parse(body)).error;
  } catch {
    error = undefined;
  }
  const why = LOGIN_FIXES[error ?? ''] ?? `it answered ${status}`;
  return new PermanentError(
    'key_refused',
    `Salesforce does not let Callwire log in (${why}): check the external client app, its policies, and the url of this destination.`,
    { scope: 'destination' },
  );
}
