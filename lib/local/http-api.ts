import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import * as z from 'zod';
import { readBody } from './read-body.ts';
import type { HttpApiDefinition, HttpRoute } from './template/declarations.ts';
import { ACCOUNT } from './template/identity.ts';

/** What an HTTP API takes. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** What a function answers, in the format 2.0. An answer without a status is a body. */
const resultSchema = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** How the service itself answers. */
const saying = (status: number, message: string): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
});

export interface HttpEntry {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** From now on requests reach functions; before, they are answered with 503. */
  serve(api: HttpApiDefinition, invoke: Invoke): void;
  close(): Promise<void>;
}
type Invoke = (functionName: string, event: unknown) => Promise<unknown>;

/** A bucket of tokens, as the throttling of a stage is described: full at first, and filled at its rate. */
function createThrottle(
  { perSecond, burst }: { perSecond: number; burst: number },
  now: () => number,
): () => boolean {
  let tokens = burst;
  let filledAt = now();
  return () => {
    const at = now();
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond);
    filledAt = at;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** The values of a route's path parameters; undefined where the path is another. */
function match({ path }: HttpRoute, rawPath: string): Record<string, string> | undefined {
  const [wanted, given] = [path.split('/'), rawPath.split('/')];
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    const [, name] = /^\{(\w+)\}$/.exec(segment) ?? [];
    if (name === undefined ? segment !== value : value === '') return undefined;
    if (name !== undefined) parameters[name] = value;
  }
  return parameters;
}

/** Bodies of other types, and packed ones, reach the function as base64. */
const isText = ({ headers }: IncomingMessage): boolean =>
  headers['content-encoding'] === undefined &&
  /^(text\/|application\/(json|xml|javascript)\b)/i.test(headers['content-type'] ?? '');

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function eventOf(
  request: IncomingMessage,
  body: Buffer,
  { api, route, url, parameters, at }: Matched & { api: HttpApiDefinition; at: Date },
) {
  const { cookie, ...headers } = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [name, values.join(',')]),
  );
  const encoding = isText(request) ? 'utf8' : 'base64';
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie !== undefined && { cookies: cookie.split('; ') }),
    headers,
    ...(url.search !== '' && {
      queryStringParameters: Object.fromEntries(
        [...new Set(url.searchParams.keys())].map((name) => [
          name,
          url.searchParams.getAll(name).join(','),
        ]),
      ),
    }),
    pathParameters: parameters,
    requestContext: {
      accountId: ACCOUNT,
      apiId: api.id,
      domainName: url.hostname,
      domainPrefix: url.hostname,
      http: {
        method: request.method,
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress,
        userAgent: request.headers['user-agent'],
      },
      requestId: randomUUID(),
      routeKey: route.key,
      stage: '$default',
      time: at.toISOString(),
      timeEpoch: at.getTime(),
    },
    ...(body.byteLength > 0 && { body: body.toString(encoding) }),
    isBase64Encoded: body.byteLength > 0 && encoding === 'base64',
  };
}

interface Matched {
  readonly route: HttpRoute;
  readonly url: URL;
  readonly parameters: Record<string, string>;
}

function routeFor({ routes }: HttpApiDefinition, request: IncomingMessage): Matched | undefined {
  const url = new URL(`http://127.0.0.1${request.url ?? '/'}`);
  for (const route of routes) {
    if (route.method !== 'ANY' && route.method !== request.method) continue;
    const parameters = match(route, url.pathname);
    if (parameters) return { route, url, parameters };
  }
  return undefined;
}

function answerOf(result: unknown): Answer {
  const read = resultSchema.safeParse(result).data;
  if (!read) {
    const headers = { 'content-type': 'application/json' };
    return { status: 200, headers, body: JSON.stringify(result) ?? '' };
  }
  const { statusCode, headers, body = '', isBase64Encoded } = read;
  return {
    status: statusCode,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, String(value)]),
    ),
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  };
}

/**
 * Serves an HTTP API of API Gateway on loopback: routes, throttling and the payload format 2.0.
 *
 * @param port 0, the default, takes a free one
 */
export async function startHttpEntry(port = 0, now: () => number = Date.now): Promise<HttpEntry> {
  let answer = async (_request: IncomingMessage): Promise<Answer> =>
    saying(503, 'Service Unavailable');

  const server = createServer((request, response) => {
    void answer(request).then(({ status, headers, body }) => {
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    serve: (api, invoke) => {
      const passes = api.throttle ? createThrottle(api.throttle, now) : () => true;
      answer = async (request) => {
        const body = await readBody(request, MAX_BODY_BYTES).catch(() => undefined);
        if (body === undefined) return saying(413, 'Request Entity Too Large');
        if (!passes()) return saying(429, 'Too Many Requests');
        const matched = routeFor(api, request);
        if (matched === undefined) return saying(404, 'Not Found');
        const event = eventOf(request, body, { api, ...matched, at: new Date(now()) });
        try {
          return answerOf(await invoke(matched.route.functionName, event));
        } catch {
          // What went wrong is the function's to log; whoever asked is not told.
          return saying(500, 'Internal Server Error');
        }
      };
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
