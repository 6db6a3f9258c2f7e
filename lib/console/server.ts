import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AnswerDeps, answering } from './answer.ts';
import type { Question } from './answers.ts';
import { admit, cookieName, type Door } from './guard.ts';
import { buildPage, type PageFile, refusalPage } from './page-files.ts';
import { QuestionError } from './question.ts';

export interface ConsoleOptions extends AnswerDeps {
  /** Undefined: any free one. */
  readonly port?: number | undefined;
  /** What a person is told of an error that nobody asked for. */
  readonly explain: (error: unknown) => Promise<string>;
}

/** A console that is being served. */
export interface Console {
  /** With the token that lets somebody in. */
  readonly url: string;
  close(): Promise<void>;
}

/** Nothing from elsewhere, nothing inline, and nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Every view is the one page, which reads its own address. */
const VIEW = /^\/(connections|calls|deliveries|charts|set-aside)(\/|$)/;

const JSON_TYPE = 'application/json; charset=utf-8';

interface Reply extends PageFile {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Serves the console on loopback, for reading only, to who has the address. */
export async function serveConsole({
  port = 0,
  explain,
  ...deps
}: ConsoleOptions): Promise<Console> {
  const files = await buildPage();
  const answers = answering(deps);
  const token = randomBytes(24).toString('base64url');
  let door: Door = { port, token };

  async function reply(request: IncomingMessage): Promise<Reply> {
    const { method = '', url: target = '/', headers } = request;
    const { host, origin, cookie } = headers;
    const site = headers['sec-fetch-site']?.toString();
    const admission = admit({ method, target, host, origin, site, cookie }, door);
    if (!admission.admitted && admission.status === 303) {
      return {
        ...{ status: 303, type: JSON_TYPE, body: '' },
        headers: {
          location: admission.location,
          'set-cookie': `${cookieName(door)}=${token}; Path=/; HttpOnly; SameSite=Strict`,
        },
      };
    }
    if (!admission.admitted) {
      const { status, why } = admission;
      const allow: Record<string, string> = status === 405 ? { allow: 'GET, HEAD' } : {};
      return { status, headers: allow, ...refusalPage(why) };
    }
    const { pathname, searchParams } = new URL(target, `http://${host}`);
    if (pathname.startsWith('/api/')) return answer(pathname.slice('/api/'.length), searchParams);
    const file = files.get(VIEW.test(pathname) ? '/' : pathname);
    return file ? { status: 200, ...file } : notFound();
  }

  async function answer(path: string, asked: URLSearchParams): Promise<Reply> {
    if (!isQuestion(path)) return notFound();
    try {
      const body = await answers[path](asked);
      return body === undefined ? notFound() : json(200, body);
    } catch (error) {
      if (error instanceof QuestionError) return json(400, { error: error.message });
      return json(502, { error: await explain(error) });
    }
  }

  const isQuestion = (path: string): path is Question => Object.hasOwn(answers, path);

  const server = createServer((request, response) => {
    void reply(request)
      .catch(async (error: unknown) => json(500, { error: await explain(error) }))
      .then((made) => send(response, request.method === 'HEAD', made));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  door = { port: address.port, token };
  // While somebody opens a browser, what every view reads is read once: the first read of all has a way to make.
  void answers.about(new URLSearchParams()).catch(() => undefined);
  return {
    url: `http://127.0.0.1:${address.port}/?token=${token}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const json = (status: number, body: unknown): Reply => ({
  ...{ status, type: JSON_TYPE },
  body: JSON.stringify(body),
});

const notFound = (): Reply => json(404, { error: 'There is no such thing here.' });

function send(response: ServerResponse, headOnly: boolean, { status, type, body, headers }: Reply) {
  const length = { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...HEADERS, 'content-type': type, ...length, ...headers });
  response.end(headOnly ? undefined : body);
}
