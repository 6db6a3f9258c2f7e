import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far a timestamp may be off, either way, as in the reference libraries of Standard Webhooks. */
const TOLERANCE_MS = 5 * 60_000;

export interface SignedRequest {
  readonly id: string;
  /** As the header has it: seconds since the epoch. */
  readonly timestamp: string;
  /** As the header has it: signatures with spaces between. */
  readonly signature: string;
  readonly body: string;
}

/**
 * What is wrong with a signature, by Standard Webhooks, from its specification alone: nothing here is
 * shared with the sender. Undefined: nothing.
 */
export function signatureFault(
  { id, timestamp, signature, body }: SignedRequest,
  secret: string,
  now: number,
): string | undefined {
  if (id === '' || timestamp === '' || signature === '') return 'a header is missing';
  if (id.includes('.')) return 'the id has a full stop';
  if (!/^\d+$/.test(timestamp)) return 'the timestamp is no whole number';
  if (Math.abs(now - Number(timestamp) * 1000) > TOLERANCE_MS) return 'the timestamp is off';

  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  const isOurs = signature.split(' ').some((each) => {
    const [version, value = ''] = each.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isOurs ? undefined : 'no signature fits';
}
