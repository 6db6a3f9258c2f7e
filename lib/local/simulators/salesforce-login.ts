import { type KeyObject, verify } from 'node:crypto';
import { isObject, type Json, parseJson } from './json.ts';
import type { Random } from './random.ts';

/** Who may log in, and how. */
export interface SalesforceApp {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of the certificate that was uploaded; undefined: no JWT bearer flow. */
  readonly publicKey?: KeyObject;
  /** The user who is approved for it. */
  readonly username?: string;
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const MAX_VALIDITY_SECONDS = 300;
const AUDIENCES = ['https://login.salesforce.com', 'https://test.salesforce.com'];

export interface LoginAnswer {
  readonly status: number;
  readonly body: Json;
}

const no = (error: string, description: string): LoginAnswer => ({
  status: 400,
  body: { error, error_description: description },
});

/** The token endpoint: tokens that were given hold until they are ended. */
export function createLogin(app: SalesforceApp, random: Random, now: () => number) {
  const given = new Set<string>();

  function give(): LoginAnswer {
    const token = `00D!${random.uuid()}`;
    given.add(token);
    return {
      status: 200,
      body: {
        access_token: token,
        // Elsewhere: whoever follows it has not read whose word this is.
        instance_url: 'https://instance.invalid',
        token_type: 'Bearer',
        issued_at: String(Math.floor(now())),
      },
    };
  }

  function byAssertion(assertion: string): LoginAnswer {
    const [header = '', claims = '', signature = ''] = assertion.split('.');
    const read = (part: string) => parseJson(Buffer.from(part, 'base64url').toString('utf8'));
    const [head, body] = [read(header), read(claims)];
    if (!isObject(head) || !isObject(body) || head.alg !== 'RS256') {
      return no('invalid_grant', 'invalid assertion');
    }
    if (body.iss !== app.clientId) return no('invalid_client_id', 'client identifier invalid');
    const isSigned =
      app.publicKey !== undefined &&
      verify(
        'RSA-SHA256',
        Buffer.from(`${header}.${claims}`),
        app.publicKey,
        Buffer.from(signature, 'base64url'),
      );
    if (!isSigned) return no('invalid_grant', 'invalid assertion');
    if (!AUDIENCES.includes(String(body.aud))) return no('invalid_grant', 'audience is invalid');
    if (body.sub !== app.username) {
      return no('invalid_grant', "user hasn't approved this consumer");
    }
    const left = Number(body.exp) - now() / 1000;
    const isInTime = left > 0 && left <= MAX_VALIDITY_SECONDS;
    return isInTime ? give() : no('invalid_grant', 'expired authorization code');
  }

  return {
    ask(form: URLSearchParams): LoginAnswer {
      const grant = form.get('grant_type');
      if (grant === JWT_BEARER) return byAssertion(form.get('assertion') ?? '');
      if (grant !== 'client_credentials') {
        return no('unsupported_grant_type', 'grant type not supported');
      }
      if (form.get('client_id') !== app.clientId) {
        return no('invalid_client_id', 'client identifier invalid');
      }
      const isRight = form.get('client_secret') === app.clientSecret;
      return isRight ? give() : no('invalid_client', 'invalid client credentials');
    },
    accepts: (token: string | undefined): boolean => token !== undefined && given.has(token),
    endAll: () => given.clear(),
  };
}
