import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type ReceiverLookalike,
  type ReceiverOptions,
  startReceiver,
} from '../../../lib/local/simulators/receiver.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const START = Date.parse('2026-03-01T09:00:00Z');

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function setUp(options: Partial<ReceiverOptions> = {}) {
  const clock = { now: START };
  const receiver = await startReceiver({ secret: SECRET, now: () => clock.now, ...options });
  closers.push(receiver.close);
  return { clock, receiver };
}

/** Signed here from the words of the specification. */
function signed(id: string, body: string, at = START, secret = SECRET): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

const bodyOf = (id: string, fact = 1) => JSON.stringify({ id, fact });

const send = (
  { hookUrl }: ReceiverLookalike,
  id: string,
  { body = bodyOf(id), headers = signed(id, body), method = 'POST', url = hookUrl } = {},
) => fetch(url, method === 'GET' ? { headers } : { method, headers, body });

describe('the look-alike of a receiver', () => {
  it('takes what is signed, in the order of arrival', async () => {
    const { receiver } = await setUp();

    for (const id of ['a', 'b']) expect((await send(receiver, id)).status).toBe(204);

    expect(receiver.received()).toEqual([
      { id: 'a', body: { id: 'a', fact: 1 }, arrivedAt: START, repeats: 0 },
      { id: 'b', body: { id: 'b', fact: 1 }, arrivedAt: START, repeats: 0 },
    ]);
    expect(receiver.violations()).toEqual([]);
  });

  it('verifies what the reference libraries sign', async () => {
    const { receiver } = await setUp({ now: () => 1_614_265_330_000 });
    const headers = {
      'content-type': 'application/json',
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1a,AAAA v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };

    const { status } = await send(receiver, '', { headers, body: '{"test": 2432232314}' });

    // Signed well; but an event has its id in the body as well.
    expect(status).toBe(400);
    expect(receiver.violations()).toMatchObject([{ kind: 'body' }]);
  });

  it('tells repeats apart by their id', async () => {
    const { clock, receiver } = await setUp();

    await send(receiver, 'a');
    clock.now += 60_000;
    const again = await send(receiver, 'a', { headers: signed('a', bodyOf('a'), clock.now) });

    expect(again.status).toBe(204);
    expect(receiver.received()).toMatchObject([{ id: 'a', arrivedAt: START, repeats: 1 }]);
    expect(receiver.violations()).toEqual([]);
  });

  it('holds it against a sender when a repeat says something else', async () => {
    const { receiver } = await setUp();

    await send(receiver, 'a');
    const again = await send(receiver, 'a', { body: bodyOf('a', 2) });

    expect(again.status).toBe(409);
    expect(receiver.received()).toMatchObject([{ body: { fact: 1 } }]);
    expect(receiver.violations()).toMatchObject([{ kind: 'changed-repeat', id: 'a' }]);
  });

  const body = bodyOf('a');
  const good = signed('a', body);
  const without = (name: string) =>
    Object.fromEntries(Object.entries(good).filter(([each]) => each !== name));
  it.each<[string, Record<string, string>, string]>([
    ['no id', without('webhook-id'), 'a header is missing'],
    ['no timestamp', without('webhook-timestamp'), 'a header is missing'],
    ['no signature', without('webhook-signature'), 'a header is missing'],
    ['another secret', signed('a', body, START, 'whsec_AAAA'), 'no signature fits'],
    ['another body', signed('a', bodyOf('a', 2)), 'no signature fits'],
    ['another id', { ...good, 'webhook-id': 'b' }, 'no signature fits'],
    ['another version', { ...good, 'webhook-signature': 'v2,AAAA' }, 'no signature fits'],
    ['an id with a full stop', signed('a.b', body), 'the id has a full stop'],
    ['an old timestamp', signed('a', body, START - 301_000), 'the timestamp is off'],
    ['a future timestamp', signed('a', body, START + 301_000), 'the timestamp is off'],
    ['milliseconds', { ...good, 'webhook-timestamp': '1.5' }, 'the timestamp is no whole number'],
  ])('refuses %s with 401', async (_case, headers, detail) => {
    const { receiver } = await setUp();

    expect((await send(receiver, 'a', { body, headers })).status).toBe(401);

    expect(receiver.received()).toEqual([]);
    expect(receiver.violations()).toMatchObject([{ kind: 'signature', detail }]);
  });

  it('refuses what is no JSON object, and another address or method', async () => {
    const { receiver } = await setUp();
    const text = { ...good, 'content-type': 'text/plain' };

    const statuses = await Promise.all([
      send(receiver, 'a', { body: '[]', headers: signed('a', '[]') }),
      send(receiver, 'a', { headers: text }),
      send(receiver, 'a', { url: `${receiver.url}/other` }),
      send(receiver, 'a', { method: 'GET' }),
    ]);

    expect(statuses.map(({ status }) => status)).toEqual([400, 415, 404, 405]);
    expect(receiver.received()).toEqual([]);
  });

  it('sends everybody away for a while, and notes who comes back too soon', async () => {
    const { clock, receiver } = await setUp({
      faults: { tooManyRequests: { times: 1 }, retryAfterSeconds: 30 },
    });

    const first = await send(receiver, 'a');
    clock.now += 1_000;
    const other = await send(receiver, 'b');
    expect(
      [first, other].map(({ status, headers }) => [status, headers.get('retry-after')]),
    ).toEqual([
      [429, '30'],
      [429, '29'],
    ]);
    expect(receiver.violations()).toEqual([]);

    await send(receiver, 'a');
    expect(receiver.violations()).toMatchObject([{ kind: 'early-retry', id: 'a' }]);

    clock.now += 29_000;
    expect((await send(receiver, 'a')).status).toBe(204);
    expect(receiver.violations()).toHaveLength(1);
  });

  it.each([
    ['errorBeforeCommit', 503, 0],
    ['errorAfterCommit', 500, 1],
    ['gone', 410, 0],
  ] as const)('shows the fault %s as %i', async (fault, status, taken) => {
    const { receiver } = await setUp({ faults: { [fault]: { times: 1 } } });

    expect((await send(receiver, 'a')).status).toBe(status);
    expect(receiver.received()).toHaveLength(taken);

    expect((await send(receiver, 'a')).status).toBe(204);
    expect(receiver.received()).toMatchObject([{ id: 'a', repeats: taken }]);
  });

  it('loses an answer after the event was taken', async () => {
    const { receiver } = await setUp({ faults: { lostAnswer: { times: 1 } } });

    await expect(send(receiver, 'a')).rejects.toThrow('fetch failed');

    expect(receiver.received()).toMatchObject([{ id: 'a' }]);
  });

  it('answers slowly after the event was taken, and can be closed meanwhile', async () => {
    const { receiver } = await setUp({ faults: { slowAnswer: 1, slowAnswerMs: 60_000 } });

    const answer = send(receiver, 'a').catch(() => 'cut off');
    await expect.poll(() => receiver.received()).toHaveLength(1);
    await receiver.close();
    closers.length = 0;

    await answer;
  });
});
