import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { AwsError, type JsonService, type ObjectService } from '../../lib/local/services.ts';

const mistake = new TypeError('a mistake');

const echo: JsonService = {
  target: 'Echo_2026.01',
  handle(operation, input) {
    if (operation === 'Refuse') {
      throw new AwsError('ConditionalCheckFailedException', 'No.', { members: { Item: { a: 1 } } });
    }
    if (operation === 'Crash') throw mistake;
    return Promise.resolve({ operation, input });
  },
};

const refusing: JsonService = { ...echo, target: 'AmazonSQS' };

const running: Awaited<ReturnType<typeof startAwsServer>>[] = [];

const shown = vi.spyOn(console, 'error').mockReturnValue();

afterEach(async () => {
  shown.mockClear();
  for (const server of running.splice(0)) await server.close();
});

describe('the server', () => {
  it('hands the operation and its input to the service named by the target', async () => {
    const response = await post('Echo_2026.01.Say', '{"a":1}', 'application/x-amz-json-1.1');

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[\da-f-]{36}$/);
    expect(await response.json()).toEqual({ operation: 'Say', input: { a: 1 } });
  });

  it("answers a service's error with its name, message and members", async () => {
    const response = await post('Echo_2026.01.Refuse', '{}');

    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe('ConditionalCheckFailedException');
    expect(response.headers.get('x-amzn-query-error')).toBeNull();
    expect(await response.json()).toEqual({
      __type: 'ConditionalCheckFailedException',
      message: 'No.',
      Item: { a: 1 },
    });
  });

  it('adds the query error to what SQS refuses', async () => {
    const response = await post('AmazonSQS.Refuse', '{}');

    expect(response.headers.get('x-amzn-query-error')).toBe(
      'ConditionalCheckFailedException;Sender',
    );
    expect(await response.json()).toMatchObject({
      __type: 'com.amazonaws.sqs#ConditionalCheckFailedException',
    });
  });

  it("answers a service's mistake as one, and shows its stack once", async () => {
    const response = await post('Echo_2026.01.Crash', '{}');

    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      __type: 'InternalFailure',
      message: 'TypeError: a mistake',
    });
    expect(shown.mock.calls).toEqual([[mistake]]);
  });

  it("does the same with S3's", async () => {
    const objects: ObjectService = {
      createBucket() {},
      handle() {
        throw mistake;
      },
    };
    const { endpoint } = await start({ json: [], objects });

    const response = await fetch(`${endpoint}/bucket/key`);

    expect(response.status).toBe(500);
    expect(await response.text()).toContain('<Code>InternalFailure</Code>');
    expect(shown.mock.calls).toEqual([[mistake]]);
  });

  it.each([
    ['Unknown.Say', '{}', 400, 'UnknownOperationException'],
    ['Echo_2026.01.Say', '{"a":', 400, 'SerializationException'],
    ['Echo_2026.01.Say', '1', 400, 'SerializationException'],
    ['Echo_2026.01.Say', 'x'.repeat(5 * 1024 * 1024 + 1), 413, 'RequestEntityTooLarge'],
  ])('answers %s with %.10s as %i %s', async (target, body, status, name) => {
    const response = await post(target, body);

    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([status, name]);
    expect(shown).not.toHaveBeenCalled();
  });

  it('takes a body of 5 MB', async () => {
    const frame = '{"a":""}';
    const text = 'x'.repeat(5 * 1024 * 1024 - frame.length);

    expect((await post('Echo_2026.01.Say', `{"a":"${text}"}`)).status).toBe(200);
  });

  it('says so when a request is for S3 and there is none', async () => {
    const server = await start({ json: [] });

    expect((await fetch(`${server.endpoint}/bucket/key`)).status).toBe(400);
  });

  it('ends open connections when it closes', async () => {
    const server = await startAwsServer({ json: [echo] });
    const socket = connect(Number(new URL(server.endpoint).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n');
    const ended = new Promise<void>((resolve) => {
      socket.on('error', () => resolve()).once('close', () => resolve());
    });
    await new Promise<void>((resolve) => {
      socket.once('connect', () => resolve());
    });

    await server.close();

    await expect(ended).resolves.toBeUndefined();
  });

  it('goes on after a request that was cut off, which is no mistake of a service', async () => {
    const server = await start({ json: [echo] });
    const socket = connect(Number(new URL(server.endpoint).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Echo_2026.01.Say\r\n');
    socket.write('Content-Length: 9\r\nExpect: 100-continue\r\n\r\n{');
    await once(socket, 'data');

    socket.destroy();
    const next = await fetch(server.endpoint, { headers: { 'x-amz-target': 'Echo_2026.01.Say' } });

    expect(next.status).toBe(200);
    expect(shown).not.toHaveBeenCalled();
  });

  it('takes the port it is given', async () => {
    const { endpoint } = await start({ json: [] });
    const port = Number(new URL(endpoint).port);

    await expect(startAwsServer({ json: [], port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

async function start(options: Parameters<typeof startAwsServer>[0]) {
  const server = await startAwsServer(options);
  running.push(server);
  return server;
}

async function post(target: string, body: string, contentType = 'application/x-amz-json-1.0') {
  const { endpoint } = await start({ json: [echo, refusing] });
  return fetch(endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': target, 'content-type': contentType },
    body,
  });
}
