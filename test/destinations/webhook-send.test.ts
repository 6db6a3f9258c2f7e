import { describe, expect, it } from 'vitest';
import type { Outgoing } from '../../lib/destinations/destination.ts';
import { type WebhookSettings, webhook } from '../../lib/destinations/webhook/index.ts';
import type { PostAnswer, PostRequest } from '../../lib/destinations/webhook/post.ts';
import { createSender } from '../../lib/destinations/webhook/send.ts';
import { signatureHeaders } from '../../lib/destinations/webhook/signature.ts';
import { eventSchema } from '../../lib/events/event.ts';
import { signatureFault } from '../../lib/local/simulators/receiver-signature.ts';
import { connectionEvent, failedCall } from '../delivery/events.ts';

// Of the reference libraries:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/webhook.test.ts
const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SIGNED = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: new Date(1_614_265_330_000),
  body: '{"test": 2432232314}',
};
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

const OLD_KEY = `whsec_${Buffer.alloc(24, 'old').toString('base64')}`;

describe('the signature of a webhook', () => {
  it('is the one that Standard Webhooks publishes', () => {
    expect(signatureHeaders(SIGNED, KEY)).toEqual({
      'webhook-id': SIGNED.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': SIGNATURE,
    });
  });

  it('does not need the prefix of the secret', () => {
    const headers = signatureHeaders(SIGNED, KEY.slice('whsec_'.length));

    expect(headers['webhook-signature']).toBe(SIGNATURE);
  });

  it('is made with the old secret too while there are both', () => {
    const old = signatureHeaders(SIGNED, OLD_KEY)['webhook-signature'];

    const headers = signatureHeaders(SIGNED, `${KEY} ${OLD_KEY}\n`);

    expect(headers['webhook-signature']).toBe(`${SIGNATURE} ${old}`);
  });

  it.each([
    ['too short', `whsec_${Buffer.alloc(23, 'k').toString('base64')}`],
    ['too long', `whsec_${Buffer.alloc(65, 'k').toString('base64')}`],
    ['no base64', 'whsec_do-not-leak-this-secret-at-all-0123'],
    ['empty', ''],
    ['one of two', `${KEY} whsec_short`],
  ])('is not made with a secret that is %s, nor is that told', (_what, secret) => {
    const sign = () => signatureHeaders(SIGNED, secret);

    expect(sign).toThrow(expect.objectContaining({ reason: 'secret_malformed' }));
    expect(sign).toThrow(/^The secret of this webhook is not one of Standard Webhooks: .+\.$/);
    expect(sign).not.toThrow(/leak/);
  });
});

const NOW = new Date('2026-11-20T10:00:00.000Z');

function setUp(...answers: readonly PostAnswer[]) {
  const requests: PostRequest[] = [];
  let nowMs = NOW.getTime();
  const sender = createSender(
    async (request) => {
      requests.push(request);
      return answers[requests.length - 1] ?? { status: 204, retryAfterMs: undefined };
    },
    () => new Date(nowMs),
  );
  const elapse = (ms: number) => {
    nowMs += ms;
  };
  return { sender, requests, elapse };
}

const outgoing = (over: Partial<WebhookSettings> = {}): Outgoing<WebhookSettings> => ({
  event: failedCall(),
  settings: {
    ...{ id: 'hook', kind: 'webhook', secret: 'env:HOOK_SECRET', allowLoopback: false },
    perSecond: 20,
    url: 'https://example.com/hook/1?tenant=a',
    ...over,
  },
  secrets: { secret: KEY },
});

describe('a webhook', () => {
  it.each([failedCall(), connectionEvent()])('is the event as it is on the bus', async (event) => {
    const { sender, requests } = setUp();

    await sender.send({ ...outgoing(), event });

    const body = requests[0]?.body ?? '';
    expect(eventSchema.parse(JSON.parse(body))).toEqual(event);
    expect(requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      ...signatureHeaders({ id: event.id, at: NOW, body }, KEY),
    });
  });

  it('is the same at every attempt but for its time and signature', async () => {
    const { sender, requests, elapse } = setUp({ status: 500, retryAfterMs: undefined });

    await expect(sender.send(outgoing())).rejects.toMatchObject({ maybeDone: true });
    elapse(5_000);
    const receipt = await sender.send(outgoing());

    const [first, second] = requests;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.headers['webhook-timestamp']).not.toBe(first?.headers['webhook-timestamp']);
    expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
    expect(receipt).toEqual({ 'webhook-id': failedCall().id, status: '204' });
  });

  it.each([
    [undefined, 'https://example.com/hook/1?tenant=a'],
    ['https://proxy.example.com', 'https://proxy.example.com/hook/1?tenant=a'],
    ['https://proxy.example.com/to/', 'https://proxy.example.com/to/hook/1?tenant=a'],
  ])('goes, with a baseUrl of %s, to %s', async (baseUrl, address) => {
    const { sender, requests } = setUp();

    await sender.send(outgoing({ baseUrl }));

    expect(requests[0]?.url.href).toBe(address);
  });

  it.each([
    ['the new secret', KEY],
    ['the old secret', OLD_KEY],
  ])('is accepted, while secrets are exchanged, by a receiver with %s', async (_which, known) => {
    const { sender, requests } = setUp();
    const { settings, event } = outgoing({ previousSecret: 'env:OLD_SECRET' });

    await sender.send({ settings, event, secrets: { secret: KEY, previousSecret: OLD_KEY } });

    const { headers = {}, body = '' } = requests[0] ?? {};
    const signed = {
      id: headers['webhook-id'] ?? '',
      timestamp: headers['webhook-timestamp'] ?? '',
      signature: headers['webhook-signature'] ?? '',
      body,
    };
    expect(signatureFault(signed, known, NOW.getTime())).toBeUndefined();
    expect(signed.signature.split(' ')).toHaveLength(2);
  });

  it.each([
    [undefined, 50],
    [2, 500],
    [0.1, 10_000],
  ])('is posted as often as its settings allow: %s a second', (perSecond, everyMs) => {
    const { kind, id, url, secret } = outgoing().settings;
    const settings = webhook.settings.parse({ kind, id, url, secret, perSecond });

    expect(webhook.pace(settings)).toEqual({ key: id, everyMs });
    expect(webhook.settings.safeParse({ ...settings, perSecond: 0 }).success).toBe(false);
  });

  it.each([
    [301, 'redirected', 'destination'],
    [308, 'redirected', 'destination'],
    [400, 'refused', 'request'],
    [401, 'signature_refused', 'destination'],
    [403, 'signature_refused', 'destination'],
    [404, 'not_found', 'destination'],
    [410, 'gone', 'destination'],
    [422, 'refused', 'request'],
  ])('that is answered %i is left to a person: %s of the %s', async (status, reason, scope) => {
    const { sender } = setUp({ status, retryAfterMs: undefined });

    const attempt = sender.send(outgoing());

    await expect(attempt).rejects.toMatchObject({ name: 'PermanentError', reason, scope });
    await expect(attempt).rejects.toThrow(/^The webhook at example\.com answered \d+: .+\.$/);
    await expect(attempt).rejects.not.toThrow(/tenant/);
  });

  it.each([
    [408, 'provider_error', false],
    [425, 'provider_error', false],
    [429, 'rate_limited', false],
    [500, 'provider_error', true],
    [503, 'provider_error', true],
  ])(
    'that is answered %i is tried again when it was asked for',
    async (status, reason, maybeDone) => {
      const { sender } = setUp({ status, retryAfterMs: 17_000 });

      await expect(sender.send(outgoing())).rejects.toMatchObject({
        ...{ name: 'TransientError', reason, maybeDone, retryAfterMs: 17_000 },
      });
    },
  );
});
