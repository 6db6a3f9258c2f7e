import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ContractError, PermanentError, TransientError } from '../lib/errors.ts';
import { createHttpClient, retryAfterMs } from '../lib/http.ts';

const NOW = new Date('2026-11-20T12:00:00.000Z');
const KEY = 'sk-do-not-leak';
const client = createHttpClient(() => NOW);

/** A server on loopback that answers as told, and the requests that reached it. */
async function serve(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const reached: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    reached.push(request);
    answer(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given');
  return { origin: `http://127.0.0.1:${address.port}`, reached };
}

const ask = (origin: string, { timeoutMs = 2_000, key = KEY } = {}) =>
  client({
    method: 'GET',
    url: new URL(`${origin}/v1/calls?number=%2B966551234567`),
    headers: { authorization: `Token ${key}` },
    timeoutMs,
  });

/** The error of a request, and everything that it says, its causes included. */
async function errorOf(request: Promise<unknown>) {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('The request succeeded');
  const words: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) words.push(String(at.stack));
  return { error, words: words.join('\n') };
}

describe('an answer', () => {
  it('is JSON, with when it was asked for', async () => {
    const { origin, reached } = await serve((response) => response.end('{"calls":[]}'));

    expect(await ask(origin)).toEqual({ body: { calls: [] }, requestedAt: NOW, receivedAt: NOW });
    expect(reached[0]?.headers).toMatchObject({
      authorization: `Token ${KEY}`,
      accept: 'application/json',
    });
  });

  it.each<[number, new (...args: never[]) => Error, string]>([
    [400, PermanentError, 'refused'],
    [401, PermanentError, 'key_refused'],
    [403, PermanentError, 'key_refused'],
    [404, PermanentError, 'not_found'],
    [408, TransientError, 'provider_error'],
    [410, PermanentError, 'not_found'],
    [422, PermanentError, 'refused'],
    [425, TransientError, 'provider_error'],
    [429, TransientError, 'rate_limited'],
    [500, TransientError, 'provider_error'],
    [502, TransientError, 'provider_error'],
    [503, TransientError, 'provider_error'],
    [599, TransientError, 'provider_error'],
  ])('of %d is a %o, %s, and says neither key, query nor body', async (status, kind, reason) => {
    const { origin } = await serve((response) =>
      response.writeHead(status).end('the body +966551234567'),
    );
    const { error, words } = await errorOf(ask(origin));

    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ reason, message: `GET ${origin}/v1/calls answered ${status}` });
    expect(words).not.toMatch(/do-not-leak|966551234567|the body/);
  });

  it.each([429, 503])('of %d tells how long to wait', async (status) => {
    const { origin } = await serve((response) =>
      response.writeHead(status, { 'retry-after': '7' }).end(),
    );

    expect((await errorOf(ask(origin))).error).toMatchObject({ retryAfterMs: 7_000 });
  });

  it.each(['<html>+966551234567</html>', '', '{"calls":['])(
    'of %j is no JSON, and is not quoted',
    async (body) => {
      const { origin } = await serve((response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end(body),
      );
      const { error, words } = await errorOf(ask(origin));

      expect(error).toBeInstanceOf(ContractError);
      expect(error.message).toContain('answered 200 but no JSON (text/html)');
      expect(words).not.toMatch(/do-not-leak|966551234567/);
    },
  );

  it.each([301, 302, 307, 308])(
    'of %d is not followed: the key goes nowhere else',
    async (status) => {
      const elsewhere = await serve((response) => response.end('{}'));
      const { origin } = await serve((response) =>
        response.writeHead(status, { location: elsewhere.origin }).end(),
      );

      expect((await errorOf(ask(origin))).error).toMatchObject({
        name: 'PermanentError',
        reason: 'refused',
      });
      expect(elsewhere.reached).toEqual([]);
    },
  );

  it('that never ends is broken off', async () => {
    const { origin } = await serve((response) => {
      const chunk = ' '.repeat(1024 * 1024);
      const more = () => {
        if (!response.destroyed) response.write(chunk, more);
      };
      more();
    });

    expect((await errorOf(ask(origin, { timeoutMs: 10_000 }))).error).toBeInstanceOf(ContractError);
  });

  it('that does not come, or stops coming, is unreachable after the timeout', async () => {
    const silent = await serve(() => {});
    const stops = await serve((response) => response.write('{'));

    for (const { origin } of [silent, stops]) {
      expect((await errorOf(ask(origin, { timeoutMs: 50 }))).error).toMatchObject({
        name: 'TransientError',
        reason: 'unreachable',
        message: `GET ${origin}/v1/calls gave no answer in 50 ms`,
      });
    }
  });

  it('from nobody is unreachable', async () => {
    const { origin } = await serve((_response, request) => request.socket.destroy());
    const { error, words } = await errorOf(ask(origin));

    expect(error).toMatchObject({ name: 'TransientError', reason: 'unreachable' });
    expect(words).not.toMatch(/do-not-leak|966551234567/);
  });
});

it('a key that no header may hold is refused without being said', async () => {
  const { error, words } = await errorOf(ask('http://127.0.0.1:9', { key: `${KEY}\nx` }));

  expect(error).toMatchObject({ name: 'PermanentError', reason: 'key_malformed' });
  expect(words).not.toContain(KEY);
});

describe('Retry-After', () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '-5' }, 0],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:05:00 GMT' }, 300_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 11:55:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'x-ratelimit-reset-after': '3' }, 3_000],
    [{ 'retry-after': '1', 'x-ratelimit-reset-after': '3' }, 1_000],
    // Nobody is to be waited for longer than a day without being asked again.
    [{ 'retry-after': '99999999999999' }, 86_400_000],
    [{ 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, 86_400_000],
    [{}, undefined],
  ])('in %j is %j ms', (headers, expected) => {
    expect(retryAfterMs(new Headers(headers), NOW)).toBe(expected);
  });
});
