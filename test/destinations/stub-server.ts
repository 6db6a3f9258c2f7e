import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface StubRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface StubServer {
  readonly url: string;
  readonly requests: StubRequest[];
  /** Answers by path that come always, without being noted: those to a login. */
  readonly always: Map<string, unknown>;
  /** What to answer from now on. */
  answer: (request: StubRequest, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** A server on loopback that answers whatever a test tells it to. */
export async function startStub(): Promise<StubServer> {
  const requests: StubRequest[] = [];
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { url: path = '', headers } = request;
    if (stub.always.has(path)) return json(response, stub.always.get(path));
    requests.push({ path, authorization: headers.authorization, body });
    stub.answer({ path, authorization: headers.authorization, body }, response);
  }
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given');
  const stub: StubServer = {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    always: new Map(),
    answer: (_request, response) => response.end(),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return stub;
}

export const json = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
