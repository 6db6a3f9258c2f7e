import { lookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { PermanentError, TransientError } from '../../errors.ts';
import { retryAfterMs } from '../../http.ts';
import { SECOND_MS } from '../../time.ts';
import { guardedLookup, RefusedAddressError, type Resolve } from './guarded-lookup.ts';
import { problemWith } from './index.ts';

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether this machine may be reached, and without encryption. */
  readonly allowLoopback: boolean;
}

export interface PostAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

/**
 * Posts once, follows no redirect and keeps nothing of what is answered but the status.
 *
 * @throws PermanentError `address_refused`, or TransientError when there was no whole answer
 */
export type Post = (request: PostRequest) => Promise<PostAnswer>;

/** Less than the seconds after which servers close an idle connection (Node's own: 5). */
const IDLE_MS = 4 * SECOND_MS;
const POOL = { keepAlive: true, maxFreeSockets: 4, timeout: IDLE_MS };

/** Nobody needs more of an answer than its status; past this it is not even waited for. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface PostOptions {
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
}

/** A client with connections of its own, which outlive a request for some seconds. */
export function createPost({
  resolve = lookup,
  timeoutMs = 10 * SECOND_MS,
}: PostOptions = {}): Post {
  const outside = { ...POOL, lookup: guardedLookup(['internet'], resolve) };
  const anywhere = { ...POOL, lookup: guardedLookup(['internet', 'machine'], resolve) };
  // Apart, so that a connection to this machine is never shared with who may not have one.
  const internet = new https.Agent(outside);
  const local = { 'http:': new http.Agent(anywhere), 'https:': new https.Agent(anywhere) };

  return async ({ url, headers, body, allowLoopback }) => {
    const problem = problemWith(url, allowLoopback);
    if (problem !== undefined) throw addressRefused(url, problem);

    const isEncrypted = url.protocol === 'https:';
    const request = (isEncrypted ? https : http).request(url, {
      method: 'POST',
      headers,
      agent: allowLoopback ? local[isEncrypted ? 'https:' : 'http:'] : internet,
      signal: AbortSignal.timeout(timeoutMs),
    });
    let isConnected = false;
    const connected = () => {
      isConnected = true;
    };
    request.once('socket', (socket) => {
      if (request.reusedSocket) connected();
      else socket.once(isEncrypted ? 'secureConnect' : 'connect', connected);
    });
    try {
      const response = await new Promise<IncomingMessage>((answered, failed) => {
        request.once('response', answered);
        // Always heard: one that comes after the response is the body's trouble, and shows there.
        request.on('error', failed);
        request.end(body);
      });
      await readAway(response);
      return { status: response.statusCode ?? 0, retryAfterMs: waitOf(response) };
    } catch (error) {
      if (error instanceof RefusedAddressError) {
        throw addressRefused(url, 'leads to no address on the internet; correct the url');
      }
      // Without the error itself: of its words only the code is surely nobody's secret.
      throw new TransientError(`${url.hostname} gave no whole answer (${codeOf(error)})`, {
        maybeDone: isConnected,
      });
    }
  };
}

async function readAway(response: IncomingMessage): Promise<void> {
  let size = 0;
  for await (const chunk of response) {
    size += Buffer.byteLength(chunk);
    if (size > MAX_ANSWER_BYTES) return;
  }
}

function waitOf({ headers }: IncomingMessage): number | undefined {
  const after = headers['retry-after'];
  return after === undefined
    ? undefined
    : retryAfterMs(new Headers({ 'retry-after': after }), new Date());
}

const addressRefused = ({ hostname }: URL, problem: string): PermanentError =>
  new PermanentError('address_refused', `The address at ${hostname} ${problem}.`, {
    scope: 'destination',
  });

/** `ECONNRESET`, `CERT_HAS_EXPIRED`, …; `ABORT_ERR` is our own time limit. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Z][A-Z0-9_]+$/.test(code) ? code : 'unknown';
}
