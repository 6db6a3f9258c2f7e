import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isAuthentic, type WebhookScheme } from '../../lib/webhooks/scheme.ts';
import { NOW } from '../support/calls.ts';

const BODY = Buffer.from('{"id":"call-1","name":"مركز"}');
const SECRET = 'whsec_one';
const OTHER = 'whsec_two';

const sign = (
  encoding: 'hex' | 'base64',
  { body = BODY, secret = SECRET, before = '' } = {},
): string => createHmac('sha256', secret).update(before).update(body).digest(encoding);

const HMAC: WebhookScheme & { kind: 'hmac' } = {
  kind: 'hmac',
  header: 'x-signature',
  prefix: 'sha256=',
  encoding: 'hex',
};
const good = `sha256=${sign('hex')}`;

const check = (
  scheme: WebhookScheme,
  headers: Record<string, string>,
  { body = BODY, secrets = [SECRET] }: { body?: Buffer; secrets?: string[] } = {},
) => isAuthentic(scheme, { headers, body }, secrets, NOW);

describe('an HMAC', () => {
  it('fits the bytes as they came, in hex of either case or in base64', () => {
    const base64: WebhookScheme = { ...HMAC, prefix: '', encoding: 'base64' };

    expect(check(HMAC, { 'x-signature': good })).toBe(true);
    expect(check(HMAC, { 'x-signature': `sha256=${sign('hex').toUpperCase()}` })).toBe(true);
    expect(check(base64, { 'x-signature': sign('base64') })).toBe(true);
  });

  it('fits no body in which one byte is another', () => {
    for (let at = 0; at < BODY.byteLength; at += 1) {
      const body = Buffer.from(BODY);
      body[at] = (body[at] ?? 0) ^ 1;
      expect(check(HMAC, { 'x-signature': good }, { body })).toBe(false);
    }
  });

  it.each([
    ['no header', {}],
    ['another header', { 'x-other': good }],
    ['nothing', { 'x-signature': '' }],
    ['the prefix alone', { 'x-signature': 'sha256=' }],
    ['no prefix', { 'x-signature': sign('hex') }],
    ['another prefix', { 'x-signature': `sha1=${sign('hex')}` }],
    ['a signature that is too short', { 'x-signature': good.slice(0, -1) }],
    ['a signature that is too long', { 'x-signature': `${good}0` }],
    ['another encoding', { 'x-signature': `sha256=${sign('base64')}` }],
    ['letters beyond ASCII', { 'x-signature': `sha256=${'é'.repeat(64)}` }],
    ['two signatures', { 'x-signature': `${good},${good}` }],
    ["another secret's", { 'x-signature': `sha256=${sign('hex', { secret: OTHER })}` }],
  ])('is refused with %s', (_what, headers) => {
    expect(check(HMAC, headers)).toBe(false);
  });

  it('may be of either secret while one replaces the other, and of none that is empty', () => {
    const headers = { 'x-signature': `sha256=${sign('hex', { secret: OTHER })}` };
    const empty = { 'x-signature': `sha256=${sign('hex', { secret: '' })}` };

    expect(check(HMAC, headers, { secrets: [SECRET, OTHER] })).toBe(true);
    expect(check(HMAC, headers, { secrets: [OTHER, SECRET] })).toBe(true);
    expect(check(HMAC, headers, { secrets: [SECRET] })).toBe(false);
    expect(check(HMAC, headers, { secrets: [] })).toBe(false);
    expect(check(HMAC, empty, { secrets: ['', SECRET] })).toBe(false);
  });
});

describe('an HMAC with a timestamp', () => {
  const scheme: WebhookScheme = { ...HMAC, timestampHeader: 'x-timestamp' };
  const at = (offset: number, written?: string) => {
    const seconds = String(NOW.getTime() / 1000 + offset);
    const signature = `sha256=${sign('hex', { before: `${seconds}.` })}`;
    return check(scheme, { 'x-signature': signature, 'x-timestamp': written ?? seconds });
  };

  it.each([
    [0, true],
    [-300, true],
    [300, true],
    [-301, false],
    [301, false],
  ])('that is %i seconds off is taken: %s', (offset, isTaken) => {
    expect(at(offset)).toBe(isTaken);
  });

  it('is signed with the body, and has to be there and a number', () => {
    const later = String(NOW.getTime() / 1000 + 10);

    expect(at(0, later)).toBe(false);
    expect(at(0, '')).toBe(false);
    expect(at(0, 'now')).toBe(false);
    expect(check(scheme, { 'x-signature': good })).toBe(false);
  });
});

describe('a bearer', () => {
  const AUTHORIZATION: WebhookScheme = { kind: 'bearer', header: 'authorization' };
  const OWN: WebhookScheme = { kind: 'bearer', header: 'x-hook-secret' };

  it('follows Bearer or Token in the usual header, and is all of any other', () => {
    expect(check(AUTHORIZATION, { authorization: `Bearer ${SECRET}` })).toBe(true);
    expect(check(AUTHORIZATION, { authorization: `Token ${SECRET}` })).toBe(true);
    expect(check(AUTHORIZATION, { authorization: `bearer  ${SECRET}` })).toBe(true);
    expect(check(OWN, { 'x-hook-secret': SECRET })).toBe(true);
  });

  it.each([
    [{}],
    [{ authorization: '' }],
    [{ authorization: 'Bearer' }],
    [{ authorization: 'Bearer ' }],
    [{ authorization: SECRET }],
    [{ authorization: `Basic ${SECRET}` }],
    [{ authorization: `Bearer ${SECRET}x` }],
    [{ authorization: `Bearer ${SECRET.slice(0, -1)}` }],
    [{ 'x-hook-secret': SECRET }],
  ])('is refused as %j', (headers) => {
    expect(check(AUTHORIZATION, headers)).toBe(false);
  });

  it('may be either of two, and is never empty', () => {
    const headers = { authorization: `Bearer ${OTHER}` };

    expect(check(AUTHORIZATION, headers, { secrets: [SECRET, OTHER] })).toBe(true);
    expect(check(OWN, { 'x-hook-secret': '' }, { secrets: [''] })).toBe(false);
  });
});
