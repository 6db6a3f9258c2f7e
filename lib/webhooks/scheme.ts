import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { MINUTE_MS } from '../time.ts';

/** How a webhook shows that whoever sent it knows the secret. */
export type WebhookScheme =
  | {
      readonly kind: 'bearer';
      /** In `authorization` the secret follows the word Bearer or Token; any other header is the secret. */
      readonly header: string;
    }
  | {
      /** HMAC-SHA256 over the body as it came. */
      readonly kind: 'hmac';
      readonly header: string;
      /** What stands before the signature, such as `sha256=`. */
      readonly prefix: string;
      readonly encoding: 'hex' | 'base64';
      /** The header with the epoch seconds that are signed before the body, as `<seconds>.<body>`. */
      readonly timestampHeader?: string | undefined;
    };

/** A webhook as it came. */
export interface SentWebhook {
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** How far a signed timestamp may be off, either way. */
const TOLERANCE_MS = 5 * MINUTE_MS;

/** Compares digests, which are of one length whatever was sent, in a time that tells nothing. */
const isSame = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));

const isTimely = (seconds: string, now: Date): boolean =>
  /^\d{1,12}$/.test(seconds) && Math.abs(now.getTime() - Number(seconds) * 1000) <= TOLERANCE_MS;

/** What is shown of the secret, and what is shown by one who knows it; undefined when nothing is shown in time. */
type Proof = { readonly shown: string; readonly expected: (secret: string) => string } | undefined;

function bearerProof(header: string, { headers }: SentWebhook): Proof {
  const value = headers[header];
  if (value === undefined) return undefined;
  const shown =
    header === 'authorization' ? /^(?:bearer|token) +(.+)$/i.exec(value)?.[1] : value.trim();
  return shown === undefined ? undefined : { shown, expected: (secret) => secret };
}

function hmacProof(
  { header, prefix, encoding, timestampHeader }: WebhookScheme & { kind: 'hmac' },
  { headers, body }: SentWebhook,
  now: Date,
): Proof {
  const value = headers[header]?.trim();
  if (value === undefined || !value.startsWith(prefix)) return undefined;
  const signature = value.slice(prefix.length);
  const seconds = timestampHeader === undefined ? '' : headers[timestampHeader];
  if (seconds === undefined || (timestampHeader !== undefined && !isTimely(seconds, now))) {
    return undefined;
  }
  const signed = timestampHeader === undefined ? '' : `${seconds}.`;
  return {
    shown: encoding === 'hex' ? signature.toLowerCase() : signature,
    expected: (secret) => createHmac('sha256', secret).update(signed).update(body).digest(encoding),
  };
}

/**
 * True when a webhook was sent by somebody who knows one of the secrets: two while one replaces the
 * other. Every secret is tried, whichever fits, and an empty one fits nothing.
 */
export function isAuthentic(
  scheme: WebhookScheme,
  sent: SentWebhook,
  secrets: readonly string[],
  now: Date,
): boolean {
  const proof =
    scheme.kind === 'bearer' ? bearerProof(scheme.header, sent) : hmacProof(scheme, sent, now);
  if (proof === undefined) return false;
  const fits = secrets.map(
    (secret) => secret !== '' && isSame(proof.shown, proof.expected(secret)),
  );
  return fits.includes(true);
}
