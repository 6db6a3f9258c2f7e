import { afterEach, describe, expect, it } from 'vitest';
import { type HttpEntry, startHttpEntry } from '../../lib/local/http-api.ts';
import type { HttpApiDefinition } from '../../lib/local/template/declarations.ts';

const ROUTE = {
  key: 'POST /webhooks/{connection}/{check}',
  method: 'POST',
  path: '/webhooks/{connection}/{check}',
  functionName: 'webhook',
};

let entry: HttpEntry | undefined;
afterEach(async () => {
  await entry?.close();
  entry = undefined;
});

/** An HTTP API before a function that answers like this. */
async function served(
  answer: (event: Record<string, unknown>) => unknown = () => ({ statusCode: 200 }),
  { throttle, now }: { throttle?: HttpApiDefinition['throttle']; now?: () => number } = {},
) {
  const events: Record<string, unknown>[] = [];
  const started = await startHttpEntry(0, now);
  entry = started;
  started.serve({ id: 'api', throttle, routes: [ROUTE] }, async (functionName, event) => {
    const told = { functionName, ...(event as Record<string, unknown>) };
    events.push(told);
    return answer(told);
  });
  const send = (
    body: string | Uint8Array<ArrayBuffer>,
    init: RequestInit = {},
    path = '/webhooks/shop/abc',
  ) => fetch(`${started.endpoint}${path}`, { method: 'POST', body, ...init });
  return { events, send };
}

describe('a request', () => {
  it('reaches the function of its route in the format 2.0', async () => {
    const { events, send } = await served();
    const headers = {
      'Content-Type': 'application/json',
      'X-Signature': 'sha256=1',
      cookie: 'a=1; b=2',
    };

    const { status } = await send('{"a":"ض"}', { headers }, '/webhooks/shop/abc?x=1&x=2&y=');

    expect(status).toBe(200);
    expect(events).toMatchObject([
      {
        functionName: 'webhook',
        version: '2.0',
        routeKey: ROUTE.key,
        rawPath: '/webhooks/shop/abc',
        rawQueryString: 'x=1&x=2&y=',
        queryStringParameters: { x: '1,2', y: '' },
        headers: { 'content-type': 'application/json', 'x-signature': 'sha256=1' },
        cookies: ['a=1', 'b=2'],
        pathParameters: { connection: 'shop', check: 'abc' },
        requestContext: { apiId: 'api', stage: '$default', http: { method: 'POST' } },
        body: '{"a":"ض"}',
        isBase64Encoded: false,
      },
    ]);
  });

  it.each([
    [{ 'content-type': 'application/octet-stream' }, true],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, true],
    [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }, true],
    [{ 'content-type': 'text/plain; charset=utf-8' }, false],
    [{ 'content-type': 'application/json; charset=utf-8' }, false],
  ])('whose headers are %j has its body as base64: %s', async (headers, isBase64Encoded) => {
    const { events, send } = await served();
    await send(new Uint8Array([123, 125]), { headers });

    const body = isBase64Encoded ? 'e30=' : '{}';
    expect(events).toMatchObject([{ body, isBase64Encoded }]);
  });

  it('has no body where it sent none', async () => {
    const { events, send } = await served();
    await send('');

    expect(events[0]).not.toHaveProperty('body');
    expect(events).toMatchObject([{ isBase64Encoded: false }]);
  });

  it.each([
    ['/webhooks/shop', 'POST'],
    ['/webhooks/shop/abc/more', 'POST'],
    ['/webhooks//abc', 'POST'],
    ['/', 'POST'],
    ['/webhooks/shop/abc', 'PUT'],
  ])('for %s by %s reaches nobody', async (path, method) => {
    const { events, send } = await served();
    const answer = await send('{}', { method }, path);

    expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not Found' }]);
    expect(events).toEqual([]);
  });

  it('over ten megabytes reaches nobody', async () => {
    const { events, send } = await served();
    const answer = await send('x'.repeat(10 * 1024 * 1024 + 1));

    expect(answer.status).toBe(413);
    expect(events).toEqual([]);
  });
});

describe('an answer', () => {
  it('is what the function says: status, headers and body, from base64 too', async () => {
    const { send } = await served(() => ({
      statusCode: 418,
      headers: { 'x-a': 1 },
      body: 'w7w=',
      isBase64Encoded: true,
    }));
    const answer = await send('{}');

    expect([answer.status, answer.headers.get('x-a'), await answer.text()]).toEqual([
      418,
      '1',
      'ü',
    ]);
  });

  it('without a status is a body', async () => {
    const { send } = await served(() => ({ ok: true }));
    const answer = await send('{}');

    expect([answer.status, await answer.json()]).toEqual([200, { ok: true }]);
  });

  it('of a function that fails is a 500 that says no more', async () => {
    const { send } = await served(() => {
      throw new Error('secret');
    });
    const answer = await send('{}');

    expect([answer.status, await answer.json()]).toEqual([
      500,
      { message: 'Internal Server Error' },
    ]);
  });

  it('is 503 until the system runs', async () => {
    entry = await startHttpEntry();

    expect((await fetch(entry.endpoint)).status).toBe(503);
  });
});

it('lets through a burst, then as many a second as the stage says', async () => {
  let now = 0;
  const { send } = await served(undefined, {
    throttle: { perSecond: 2, burst: 3 },
    now: () => now,
  });
  const statuses = async (count: number) => {
    const seen: number[] = [];
    for (let at = 0; at < count; at += 1) seen.push((await send('{}')).status);
    return seen;
  };

  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  now = 1_000;
  expect(await statuses(3)).toEqual([200, 200, 429]);
  now = 60_000;
  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
});
