import { once } from 'node:events';
import type { Server } from 'node:http';

/** A server that only this machine can reach. */
export interface Listening {
  /** Without a slash at the end. */
  readonly url: string;
  close(): void;
}

/** Serves on a free port of loopback. */
export async function listen(server: Server): Promise<Listening> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
