import { ContractError, PermanentError, TransientError } from './errors.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface JsonAnswer {
  readonly body: unknown;
  /** When the request was sent: what the answer shows is no older than this. */
  readonly requestedAt: Date;
  readonly receivedAt: Date;
}

/** Asks for JSON. Throws a Transient, Permanent or Contract error; nobody else looks at a status code. */
export type HttpClient = (request: HttpRequest) => Promise<JsonAnswer>;

/** More than any documented page of any provider; past it the answer is not a call list. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;

const TRANSIENT_STATUSES = new Set([408, 425, 429]);

/** Whoever asks to wait for longer is asked once a day whether it still wants that. */
const MAX_RETRY_AFTER_MS = 86_400_000;

const withinADay = (ms: number): number => Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);

/** Where and nothing else: a path is for people, a query or a body may hold a secret or a person's number. */
const place = ({ method, url }: HttpRequest): string => `${method} ${url.origin}${url.pathname}`;

/**
 * `Retry-After` in milliseconds, in both of its forms (RFC 9110 §10.2.3), else the seconds that many
 * APIs put into a reset header.
 */
export function retryAfterMs(headers: Headers, now: Date): number | undefined {
  const text = headers.get('retry-after') ?? headers.get('x-ratelimit-reset-after');
  if (text === null) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return withinADay(seconds * 1000);
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : withinADay(until - now.getTime());
}

function refusal(request: HttpRequest, { status, headers }: Response, now: Date): Error {
  const message = `${place(request)} answered ${status}`;
  if (status === 401 || status === 403) return new PermanentError('key_refused', message);
  if (status === 404 || status === 410) return new PermanentError('not_found', message);
  if (status === 429) {
    const wait = retryAfterMs(headers, now);
    return new TransientError(message, { reason: 'rate_limited', retryAfterMs: wait });
  }
  if (status >= 500 || TRANSIENT_STATUSES.has(status)) {
    return new TransientError(message, {
      reason: 'provider_error',
      retryAfterMs: retryAfterMs(headers, now),
    });
  }
  // A redirect is refused too: the key must not follow it to another host.
  return new PermanentError('refused', message);
}

/** @throws PermanentError without the runtime's own words: they quote the value. */
function headersOf(request: HttpRequest): Headers {
  try {
    return new Headers({ accept: 'application/json', ...request.headers });
  } catch {
    throw new PermanentError(
      'key_malformed',
      `${place(request)} was not sent: the key holds a character that no header may hold`,
    );
  }
}

async function readLimited(request: HttpRequest, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) {
      throw new ContractError(`${place(request)} answered more than ${MAX_BODY_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * The real client, over the platform's `fetch`, which keeps connections alive per host.
 *
 * @param timeout a signal that aborts after so many milliseconds; passed in where time is not the real one
 */
export function createHttpClient(
  now: () => Date,
  fetch = globalThis.fetch,
  timeout = (ms: number): AbortSignal => AbortSignal.timeout(ms),
): HttpClient {
  return async (request) => {
    const headers = headersOf(request);
    const requestedAt = now();
    let response: Response;
    let text: string;
    try {
      response = await fetch(request.url, {
        method: request.method,
        headers,
        redirect: 'manual',
        signal: timeout(request.timeoutMs),
      });
      text = await readLimited(request, response);
    } catch (error) {
      if (error instanceof ContractError) throw error;
      const timedOut = error instanceof Error && error.name === 'TimeoutError';
      const what = timedOut ? `gave no answer in ${request.timeoutMs} ms` : 'could not be reached';
      throw new TransientError(`${place(request)} ${what}`, { cause: error });
    }
    const receivedAt = now();
    if (!response.ok) throw refusal(request, response, receivedAt);
    try {
      return { body: JSON.parse(text), requestedAt, receivedAt };
    } catch {
      // Without the parser's own words: they quote the body.
      const kind = response.headers.get('content-type') ?? 'no content type';
      throw new ContractError(
        `${place(request)} answered ${response.status} but no JSON (${kind})`,
      );
    }
  };
}

/** These say that the request never left; any other failure without an answer leaves that open. */
const NEVER_SENT = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** True when an error, or what caused it, says that nothing was sent. */
export function neverSent(error: unknown): boolean {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if ('code' in inner && NEVER_SENT.has(String(inner.code))) return true;
  }
  return false;
}
