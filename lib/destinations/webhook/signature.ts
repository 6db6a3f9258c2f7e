import { Webhook } from 'standardwebhooks';
import { PermanentError } from '../../errors.ts';

const MALFORMED =
  'The secret of this webhook is not one of Standard Webhooks: make it whsec_ followed by 24 to 64 random bytes in base64, and give the same to its receiver.';

/** @throws PermanentError without the library's own words */
function signerOf(key: string): Webhook {
  const size = Buffer.from(key.replace(/^whsec_/, ''), 'base64').byteLength;
  if (size < 24 || size > 64)
    throw new PermanentError('secret_malformed', MALFORMED, { scope: 'destination' });
  try {
    return new Webhook(key);
  } catch {
    throw new PermanentError('secret_malformed', MALFORMED, { scope: 'destination' });
  }
}

/**
 * The headers by which a receiver knows who sent a body and when, and tells repeats apart: `id` is the
 * same at every attempt, `at` is the attempt's own.
 *
 * @param secret one key, or several with spaces between: any one of them is enough to the receiver
 * @throws PermanentError `secret_malformed`
 */
export function signatureHeaders(
  { id, at, body }: { id: string; at: Date; body: string },
  secret: string,
): Record<string, string> {
  const signers = secret.trim().split(/\s+/).map(signerOf);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signers.map((signer) => signer.sign(id, at, body)).join(' '),
  };
}
