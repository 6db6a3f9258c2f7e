import { createSign } from 'node:crypto';
import { OAuth2 } from 'jsforce/lib/oauth2.js';
import * as z from 'zod';
import { PermanentError, TransientError } from '../../errors.ts';
import { stableId } from '../../hash.ts';
import { MINUTE_MS } from '../../time.ts';
import type { SalesforceSettings } from './index.ts';
import { loginMeaningOf } from './refusals.ts';
import { PlainTransport, RefusedError } from './transport.ts';

/** As whom to log in, and where. */
export interface Login {
  /** Where the org is, without a slash at the end. */
  readonly server: string;
  readonly settings: SalesforceSettings;
  readonly secrets: Readonly<Record<string, string>>;
}

/** How long an assertion holds: clocks may differ a little. */
const ASSERTION_MS = 2 * MINUTE_MS;

const base64url = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Claims about who we are, signed with the private key.
 *
 * @see https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm
 * @throws PermanentError when the key is none
 */
function assertionOf({ settings, secrets }: Login, now: number): string {
  const { clientId, username, url } = settings;
  const isSandbox = new URL(url).hostname.endsWith('.sandbox.my.salesforce.com');
  const claims = {
    iss: clientId,
    sub: username,
    aud: `https://${isSandbox ? 'test' : 'login'}.salesforce.com`,
    exp: Math.floor((now + ASSERTION_MS) / 1000),
  };
  const signed = `${base64url({ alg: 'RS256' })}.${base64url(claims)}`;
  try {
    const signature = createSign('RSA-SHA256')
      .update(signed)
      .sign(secrets.privateKey ?? '');
    return `${signed}.${signature.toString('base64url')}`;
  } catch {
    throw new PermanentError(
      'key_malformed',
      'Replace the privateKey: it is not an RSA key in PEM, with its first and last line and line breaks.',
      { scope: 'destination' },
    );
  }
}

const grantOf = (login: Login): { grant_type: string; [name: string]: string } =>
  login.settings.clientSecret === undefined
    ? {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertionOf(login, Date.now()),
      }
    : { grant_type: 'client_credentials', client_secret: login.secrets.clientSecret ?? '' };

// Where the answer says the org is (`instance_url`) is not asked: the token stays with the host that gave it.
const tokenSchema = z.object({ access_token: z.string().min(1) });

async function logIn(login: Login, signal: AbortSignal): Promise<string> {
  const oauth = new OAuth2({ loginUrl: login.server, clientId: login.settings.clientId });
  oauth._transport = new PlainTransport(signal);
  let answer: unknown;
  try {
    answer = await oauth.requestToken(grantOf(login));
  } catch (error) {
    if (error instanceof PermanentError) throw error;
    if (error instanceof RefusedError) throw loginMeaningOf(error.refusal);
    throw new TransientError('Logging in to Salesforce got no answer that can be read');
  }
  const { success, data } = tokenSchema.safeParse(answer);
  if (success) return data.access_token;
  throw new TransientError('Logging in to Salesforce was answered without a token', {
    reason: 'unreadable_answer',
  });
}

/** Access tokens by login. Salesforce does not say how long they hold: until it refuses one. */
const tokens = new Map<string, Promise<string>>();

/** Without the secrets themselves, and another when they are. */
const keyOf = ({ server, settings, secrets }: Login): string =>
  stableId(server, settings.clientId, settings.username ?? '', JSON.stringify(secrets));

/**
 * The access token of a login that was made before, or is made now.
 *
 * @param refused a token that Salesforce accepts no more
 */
export async function accessToken(
  login: Login,
  signal: AbortSignal,
  refused?: string,
): Promise<string> {
  const key = keyOf(login);
  const current = tokens.get(key);
  if (current !== undefined) {
    const token = await current.catch(() => undefined);
    if (token !== undefined && token !== refused) return token;
    // Somebody else is at it already.
    if (tokens.get(key) !== current) return accessToken(login, signal, refused);
  }
  const fresh = logIn(login, signal);
  tokens.set(key, fresh);
  return fresh;
}
