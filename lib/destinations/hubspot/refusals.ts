import * as z from 'zod';
import { PermanentError, TransientError } from '../../errors.ts';
import { retryAfterMs } from '../../http.ts';
import { HOUR_MS, SECOND_MS } from '../../time.ts';

/** An answer that is no success. What its body says is used in checked words only: it may quote anything. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * How long the limit of a 429 lasts: HubSpot names the limit, and does not promise `Retry-After`.
 * The daily one ends at midnight in the account's time zone, which we do not know.
 *
 * @see https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
 */
const POLICIES: readonly (readonly [RegExp, number])[] = [
  [/"policyName"\s*:\s*"TEN_SECONDLY/, 10 * SECOND_MS],
  [/"policyName"\s*:\s*"SECONDLY/, SECOND_MS],
  [/"policyName"\s*:\s*"DAILY/, HOUR_MS],
];

/** "Locks will last for 2 seconds": https://developers.hubspot.com/docs/api-reference/error-handling */
const LOCKED_MS = 2 * SECOND_MS;

const MIGRATING = 477;

function waitMs({ status, headers, body }: Refusal): number | undefined {
  const asked = retryAfterMs(headers, new Date());
  if (asked !== undefined) return asked;
  return status === 423 ? LOCKED_MS : POLICIES.find(([policy]) => policy.test(body))?.[1];
}

const scopes = z.array(z.string().regex(/^[a-z][a-z0-9._-]{2,60}$/));
const scopesSchema = z.object({
  errors: z.array(
    z.object({
      context: z.object({
        requiredGranularScopes: scopes.optional(),
        requiredScopes: scopes.optional(),
      }),
    }),
  ),
});

function missingScopes(body: string): string {
  const { success, data } = scopesSchema.safeParse(parsed(body));
  const named = success
    ? data.errors.flatMap(
        ({ context }) => context.requiredGranularScopes ?? context.requiredScopes ?? [],
      )
    : [];
  return named.length > 0
    ? named.slice(0, 9).join(', ')
    : 'crm.objects.contacts.read and crm.objects.contacts.write';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What a refusal means.
 *
 * @param place what was asked, in our own words
 * @param sent names of the properties that were sent: the only ones of the body that may be repeated
 */
export function meaningOf(place: string, refusal: Refusal, sent: readonly string[]): Error {
  const { status, body } = refusal;
  if (status === 429 || status === 423 || status === MIGRATING) {
    const options = { reason: 'rate_limited', retryAfterMs: waitMs(refusal) };
    return new TransientError(`${place} has to wait: HubSpot answered ${status}`, options);
  }
  if (status >= 500 || status === 408 || status === 425) {
    return new TransientError(`${place} failed: HubSpot answered ${status}`, {
      reason: 'provider_error',
      retryAfterMs: retryAfterMs(refusal.headers, new Date()),
      // 503 says that the request was not handled (RFC 9110 §15.6.4); after other 5xx it may have been.
      maybeDone: status >= 500 && status !== 503,
    });
  }
  const [reason, fix] = permanent(place, status, body, sent);
  // Neither depends on the call.
  const scope = status === 401 || status === 403 ? 'destination' : 'request';
  return new PermanentError(reason, fix, { scope });
}

function permanent(
  place: string,
  status: number,
  body: string,
  sent: readonly string[],
): [reason: string, fix: string] {
  switch (status) {
    case 400: {
      const named = sent.filter(
        (name) => body.includes(`"${name}"`) || body.includes(`${name}\\"`),
      );
      const what = named.length > 0 ? `: ${named.join(', ')}` : '';
      return [
        'properties_refused',
        `${place} was refused for its properties${what}. See in HubSpot whether each exists and allows such a value.`,
      ];
    }
    case 401:
      return ['key_refused', 'Replace the token: HubSpot does not accept it.'];
    case 403:
      return [
        'missing_scopes',
        `Give the private app the scopes it lacks for this (${place}): ${missingScopes(body)}.`,
      ];
    case 404:
    case 410:
      return [
        'not_found',
        `${place} found nothing at HubSpot: check the baseUrl, and deliver again.`,
      ];
    case 409:
      return ['conflict', `${place} was refused because something like it exists: deliver again.`];
    default:
      return [
        'refused',
        `${place} was answered with ${status}, which HubSpot does not do: check the baseUrl of this destination.`,
      ];
  }
}
