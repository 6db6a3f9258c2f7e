import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { guardedLookup, type Resolve } from '../../lib/destinations/webhook/guarded-lookup.ts';
import { createPost, type PostOptions } from '../../lib/destinations/webhook/post.ts';
import { type StubServer, startStub } from './stub-server.ts';

const family = (address: string): LookupAddress => ({
  address,
  family: address.includes(':') ? 6 : 4,
});

/** A name server of a test's own: one list of addresses per question, the last for ever. */
function nameServer(...answers: readonly (readonly string[])[]) {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, _options, callback) => {
    asked.push(hostname);
    const addresses = answers[Math.min(asked.length, answers.length) - 1] ?? [];
    setImmediate(() => callback(null, addresses.map(family)));
  };
  return { asked, resolve };
}

describe('posting to a webhook', () => {
  let stub: StubServer;
  beforeAll(async () => {
    stub = await startStub();
  });
  afterAll(() => stub.close());
  beforeEach(() => {
    stub.requests.length = 0;
    stub.answer = (_request, response) => response.writeHead(204).end();
  });

  const port = () => new URL(stub.url).port;
  const local = () => `http://localhost:${port()}/hook`;
  const post = (url: string, options: PostOptions = {}, allowLoopback = true) =>
    createPost(options)({ url: new URL(url), headers: {}, body: '{}', allowLoopback });
  const failure = async (attempt: Promise<unknown>): Promise<unknown> =>
    attempt.then(
      () => undefined,
      (error: unknown) => error,
    );

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
  ])('refuses a name that leads to %s', async (address) => {
    const { resolve } = nameServer([address]);

    const error = await failure(post('https://hook.example.com/', { resolve }, false));

    expect(error).toMatchObject({ name: 'PermanentError', reason: 'address_refused' });
  });

  it('opens no connection to find out that a name leads to this machine', async () => {
    const { resolve } = nameServer(['127.0.0.1', '::1']);
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const at = typeof address === 'object' && address !== null ? address.port : 0;

    await failure(post(`https://hook.example.com:${at}/`, { resolve }, false));
    expect(connections).toBe(0);

    server.close();
  });

  it.each([
    'https://10.0.0.1/',
    'https://127.0.0.1/',
    'http://example.com/',
    'https://u:p@example.com/',
  ])('refuses %s by itself, whoever should have before', async (url) => {
    const { asked, resolve } = nameServer(['1.1.1.1']);

    const error = await failure(post(url, { resolve }, false));

    expect(error).toMatchObject({ name: 'PermanentError', reason: 'address_refused' });
    expect(asked).toEqual([]);
  });

  it('connects to none but the allowed addresses of a name', async () => {
    const { resolve } = nameServer(['10.0.0.1', '1.1.1.1', '::ffff:1.1.1.1', '2606:4700::1111']);
    const lookup = guardedLookup(['internet'], resolve);

    const all = await promisify<unknown>((done) => lookup('x', { all: true }, done))();
    const one = await promisify<unknown>((done) => lookup('x', {}, done))();

    expect(all).toEqual(['1.1.1.1', '2606:4700::1111'].map(family));
    expect(one).toBe('1.1.1.1');
  });

  it('connects to the address that was checked, and does not ask for the name again', async () => {
    const { asked, resolve } = nameServer(['169.254.169.254', '127.0.0.1'], ['10.0.0.1']);

    expect(await post(local(), { resolve })).toMatchObject({ status: 204 });

    expect(asked).toEqual(['localhost']);
    expect(stub.requests).toHaveLength(1);
  });

  it('uses a connection again', async () => {
    const { asked, resolve } = nameServer(['127.0.0.1'], ['10.0.0.1']);
    const again = createPost({ resolve });
    const request = { url: new URL(local()), headers: {}, body: '{}', allowLoopback: true };

    await again(request);
    await again(request);

    expect(asked).toHaveLength(1);
    expect(stub.requests).toHaveLength(2);
  });

  it('shares no connection to this machine with who may not have one', async () => {
    const { resolve } = nameServer(['127.0.0.1']);
    const again = createPost({ resolve });
    const request = { url: new URL(local()), headers: {}, body: '{}' };

    await again({ ...request, allowLoopback: true });
    const error = await failure(again({ ...request, allowLoopback: false }));

    expect(error).toMatchObject({ reason: 'address_refused' });
    expect(stub.requests).toHaveLength(1);
  });

  it('follows no redirect', async () => {
    stub.answer = (_request, response) =>
      response.writeHead(307, { location: `${stub.url}/elsewhere` }).end();

    expect(await post(local())).toMatchObject({ status: 307 });
    expect(stub.requests.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('says that a name which cannot be resolved was never told', async () => {
    const resolve: Resolve = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }), []);

    expect(await failure(post('https://hook.example.com/', { resolve }))).toMatchObject({
      name: 'TransientError',
      message: 'hook.example.com gave no whole answer (ENOTFOUND)',
      maybeDone: false,
    });
  });

  it('does not wait for a name server for ever', async () => {
    const resolve: Resolve = () => undefined;
    const attempt = post('https://hook.example.com/', { resolve, timeoutMs: 30 });

    expect(await failure(attempt)).toMatchObject({ name: 'TransientError', maybeDone: false });
  });

  it('does not wait for an answer for ever', async () => {
    stub.answer = () => undefined;

    expect(await failure(post(local(), { timeoutMs: 60 }))).toMatchObject({
      name: 'TransientError',
      maybeDone: true,
    });
  });

  it('does not wait for the rest of an answer for ever', async () => {
    stub.answer = (_request, response) => response.writeHead(200).write('a');

    expect(await failure(post(local(), { timeoutMs: 60 }))).toMatchObject({
      name: 'TransientError',
      maybeDone: true,
    });
  });

  it('reads no more than 64 KB of an answer', async () => {
    stub.answer = (_request, response) => response.writeHead(200).write('a'.repeat(80 * 1024));

    expect(await post(local())).toMatchObject({ status: 200 });
  });

  it('does not talk in the clear to who does not speak TLS', async () => {
    const attempt = failure(post(local().replace('http:', 'https:')));

    expect(await attempt).toMatchObject({ name: 'TransientError', maybeDone: false });
    expect(stub.requests).toEqual([]);
  });

  it('keeps what it was told of the time to wait', async () => {
    stub.answer = (_request, response) => response.writeHead(503, { 'retry-after': '120' }).end();

    expect(await post(local())).toEqual({ status: 503, retryAfterMs: 120_000 });
  });
});
