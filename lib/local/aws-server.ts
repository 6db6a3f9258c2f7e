import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { readBody } from './read-body.ts';
import { errorXml } from './s3.ts';
import { AwsError, type JsonService, type ObjectService } from './services.ts';
import { queryErrorCode } from './sqs/errors.ts';

const MAX_BODY_BYTES = 5 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

/**
 * Serves all emulated services at one endpoint on loopback, as `AWS_ENDPOINT_URL` expects. A request
 * with `X-Amz-Target` is for the JSON service named there, any other for S3; signatures are not looked at.
 *
 * @param port 0, the default, takes a free one
 */
export async function startAwsServer({
  json,
  objects,
  port = 0,
}: {
  json: readonly JsonService[];
  objects?: ObjectService;
  port?: number;
}): Promise<{ endpoint: string; close(): Promise<void> }> {
  const services = new Map(json.map((service) => [service.target, service]));

  function answer(request: IncomingMessage): Promise<Answer> {
    const target = request.headers['x-amz-target'];
    return typeof target === 'string'
      ? answerJson(services, target, request)
      : answerObject(objects, request);
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, headers = {}, body }) => {
      response.writeHead(status, { 'x-amzn-requestid': randomUUID(), ...headers }).end(body);
    });
  });
  // A pooled connection that the server ends while a request is on its way would fail that request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

async function answerJson(
  services: ReadonlyMap<string, JsonService>,
  target: string,
  request: IncomingMessage,
): Promise<Answer> {
  const dot = target.lastIndexOf('.');
  const serviceName = target.slice(0, dot);
  const headers = {
    'content-type': request.headers['content-type'] ?? 'application/x-amz-json-1.0',
  };
  try {
    const input = parseJson(await readWhole(request));
    const service = services.get(serviceName);
    if (service === undefined) {
      throw new AwsError('UnknownOperationException', `No service here answers to ${target}.`);
    }
    const output = await service.handle(target.slice(dot + 1), input);
    return { status: 200, headers, body: JSON.stringify(output) };
  } catch (error) {
    const { name, message, statusCode, members } = toAwsError(error, request);
    const isSqs = serviceName === 'AmazonSQS';
    const fault = statusCode < 500 ? 'Sender' : 'Receiver';
    return {
      status: statusCode,
      headers: {
        ...headers,
        'x-amzn-errortype': name,
        ...(isSqs && { 'x-amzn-query-error': `${queryErrorCode(name)};${fault}` }),
      },
      body: JSON.stringify({
        __type: isSqs ? `com.amazonaws.sqs#${name}` : name,
        message,
        ...members,
      }),
    };
  }
}

async function answerObject(
  objects: ObjectService | undefined,
  request: IncomingMessage,
): Promise<Answer> {
  try {
    const body = await readWhole(request);
    if (objects === undefined) throw new AwsError('NotImplemented', 'There is no S3 here.');
    // Not by way of `URL`, which would resolve the `.` and `..` of a key.
    const [, path = '/', query] = /^([^?]*)\??(.*)$/s.exec(request.url ?? '/') ?? [];
    return objects.handle({
      method: request.method ?? 'GET',
      path,
      query: new URLSearchParams(query),
      headers: request.headers,
      body,
    });
  } catch (error) {
    return errorXml(toAwsError(error, request));
  }
}

/** @throws AwsError when the body is over the limit */
async function readWhole(request: IncomingMessage): Promise<Buffer> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body) return body;
  throw new AwsError('RequestEntityTooLarge', 'The request body is over 5 MB.', {
    statusCode: 413,
  });
}

function parseJson(body: Buffer): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  } catch {
    // Answered below, like JSON that is no object.
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object.');
}

/** What is no AwsError is a mistake in a service: its stack is shown, or nobody would ever look for it. */
function toAwsError(error: unknown, request: IncomingMessage): AwsError {
  if (error instanceof AwsError) return error;
  // A request that ended in the middle is the client's doing.
  if (request.complete) console.error(error);
  return new AwsError('InternalFailure', String(error), { statusCode: 500 });
}
