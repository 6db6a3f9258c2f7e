import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A server that only this machine can reach. */
export interface Loopback {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends every socket, also those that a fault keeps waiting. */
  close(): Promise<void>;
}

/**
 * Milliseconds since the epoch with fractions, so that a latency of a few of them can be measured.
 * Both simulators of one run must use the same clock for their times to be comparable.
 */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Serves on 127.0.0.1. A handler that throws is a defect of the simulator and is answered as one. */
export async function serveOnLoopback(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  port = 0,
): Promise<Loopback> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      const trace = error instanceof Error ? error.stack : String(error);
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`Simulator defect: ${trace}`);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No TCP address was bound');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
