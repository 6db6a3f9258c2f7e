import { createHttpClient, type HttpClient } from '../../lib/http.ts';
import type { Kernel, Process } from './kernel.ts';
import type { PollLog } from './poll-log.ts';
import type { Answer, ProviderServer } from './provider-server.ts';
import type { SimConnection } from './sim-connection.ts';
import type { Witness } from './witness.ts';

/** A provider as the network reaches it. */
export interface Host {
  readonly connection: SimConnection;
  readonly server: ProviderServer;
}

/** A client never waits for longer, so an answer that never comes is one that comes then. */
const NEVER_MS = 3_600_000;

/**
 * The production HTTP client over virtual time: only the socket is ours. Each request takes two steps
 * of its process, the way there and the way back, and the provider answers in between.
 */
export function createNetwork(kernel: Kernel, hosts: readonly Host[], witness: Witness) {
  return (process: Process, logOf: (connection: string) => PollLog): HttpClient => {
    const timeouts = new WeakMap<AbortSignal, number>();
    const timeout = (ms: number): AbortSignal => {
      const { signal } = new AbortController();
      timeouts.set(signal, ms);
      return signal;
    };
    // The client gives a URL, headers and its own signal, and reads of the answer what `responseOf` has.
    const fetch = (async (url: URL, init: { headers: Headers; signal: AbortSignal }) => {
      const host = hosts.find(
        ({ connection: { id, wire } }) =>
          wire.host === url.host && wire.keyOf(init.headers) === `key-of-${id}`,
      );
      if (!host) throw new Error(`nobody is at ${url.host} for this key`);
      const { connection, server } = host;
      const log = logOf(connection.id);
      const begun = kernel.time();
      const asked = connection.wire.parse(url);
      witness.asked(log, asked && 'id' in asked ? 'detail' : 'list', begun);
      const answer = await kernel.step(process, `asks ${url.pathname}${url.search}`, 20, () =>
        server.answer(url, kernel.time()),
      );
      const leftMs = (timeouts.get(init.signal) ?? NEVER_MS) - (kernel.time() - begun);
      const isLost = answer.latencyMs > leftMs;
      return kernel.step(
        process,
        `hears ${isLost ? 'nothing' : answer.status} of ${connection.id}`,
        Math.round(Math.max(0, Math.min(answer.latencyMs, leftMs))),
        () => {
          if (isLost) throw new DOMException('out of time', 'TimeoutError');
          if (answer.status === undefined) throw new TypeError('fetch failed');
          witness.answered(log, answer, kernel.now());
          return responseOf(answer);
        },
      );
    }) as unknown as typeof globalThis.fetch;
    return createHttpClient(kernel.now, fetch, timeout);
  };
}

const responseOf = ({ status = 0, headers, text }: Answer) => ({
  status,
  ok: status >= 200 && status < 300,
  headers: new Headers(headers),
  body: [Buffer.from(text)],
});
