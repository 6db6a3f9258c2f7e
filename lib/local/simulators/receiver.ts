import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createBlocked } from './blocked.ts';
import { type Chance, strikes } from './faults.ts';
import { isObject, type Json, parseJson } from './json.ts';
import { type Loopback, preciseNow, readBody, serveOnLoopback } from './loopback.ts';
import { createRandom } from './random.ts';
import { signatureFault } from './receiver-signature.ts';
import { answerAfterWriting, noWritingFaults, type WritingFaults } from './writing-faults.ts';

export interface ReceiverFaults extends WritingFaults {
  /** So long `tooManyRequests` lasts, for everybody. */
  retryAfterSeconds: number;
  /** 410: no more events are wanted. */
  gone: Chance;
}

/** An event that was taken, however often it came. */
export interface ReceivedEvent {
  /** Its `webhook-id`. */
  readonly id: string;
  readonly body: Json;
  /** When it came first, in epoch ms with fractions. */
  readonly arrivedAt: number;
  /** How often it came after that: repeats, told apart by their id. */
  readonly repeats: number;
}

/** Something that a receiver would hold against a sender. */
export interface ReceiverViolation {
  readonly kind: 'signature' | 'body' | 'changed-repeat' | 'early-retry';
  readonly id: string;
  readonly at: number;
  readonly detail: string;
}

export interface ReceiverLookalike extends Loopback {
  /** For `url`. */
  readonly hookUrl: string;
  readonly faults: ReceiverFaults;
  /** In the order in which they came first. */
  received(): readonly ReceivedEvent[];
  violations(): readonly ReceiverViolation[];
}

export interface ReceiverOptions {
  readonly port?: number;
  /** `whsec_…` */
  readonly secret: string;
  readonly faults?: Partial<ReceiverFaults>;
  readonly seed?: number;
  readonly now?: () => number;
}

const PATH = '/hook';

/** Its rate limit is one for all. */
const EVERYBODY = '*';

/**
 * Starts a receiver of webhooks that is as strict as Standard Webhooks lets it be and as unreliable as
 * `faults`. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export async function startReceiver({
  port,
  secret,
  faults: given,
  seed = 1,
  now = preciseNow,
}: ReceiverOptions): Promise<ReceiverLookalike> {
  const faults: ReceiverFaults = {
    ...noWritingFaults,
    retryAfterSeconds: 1,
    gone: 0,
    ...given,
  };
  const random = createRandom(seed);
  const blocked = createBlocked();
  const taken = new Map<string, ReceivedEvent & { readonly text: string }>();
  const violations: ReceiverViolation[] = [];
  const closing = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = now();
    const { headers, method, url } = request;
    const text = await readBody(request);
    if (url !== PATH) return answer(response, 404);
    if (method !== 'POST') return answer(response, 405);

    const id = headerOf(headers, 'webhook-id');
    const refuse = (status: number, kind: ReceiverViolation['kind'], detail: string) => {
      violations.push({ kind, id, at, detail });
      answer(response, status);
    };
    const timestamp = headerOf(headers, 'webhook-timestamp');
    const signature = headerOf(headers, 'webhook-signature');
    const fault = signatureFault({ id, timestamp, signature, body: text }, secret, at);
    if (fault !== undefined) return refuse(401, 'signature', fault);
    if (headers['content-type'] !== 'application/json') return refuse(415, 'body', 'no JSON type');
    const body = parseJson(text);
    if (!isObject(body)) return refuse(400, 'body', 'no JSON object');
    if (body.id !== id) return refuse(400, 'body', 'another id than its header');

    if (isTooMuch(id, at, response) || isUnwilling(response)) return;
    const known = taken.get(id);
    if (known !== undefined && known.text !== text) {
      return refuse(409, 'changed-repeat', 'the same id with another body');
    }
    const repeats = known === undefined ? 0 : known.repeats + 1;
    taken.set(id, { id, body, text, arrivedAt: known?.arrivedAt ?? at, repeats });
    await acknowledge(response);
  }

  function isTooMuch(id: string, at: number, response: ServerResponse): boolean {
    if (blocked.check(id, at)?.isEarly) {
      violations.push({ kind: 'early-retry', id, at, detail: 'before its Retry-After' });
    }
    if (strikes(faults.tooManyRequests, random)) {
      blocked.block(EVERYBODY, faults.retryAfterSeconds, at);
    }
    const block = blocked.check(EVERYBODY, at);
    if (block === undefined) return false;
    const { retryAfterSeconds } = block;
    blocked.block(id, retryAfterSeconds, at);
    answer(response, 429, { 'retry-after': String(retryAfterSeconds) });
    return true;
  }

  function isUnwilling(response: ServerResponse): boolean {
    if (strikes(faults.gone, random)) answer(response, 410);
    else if (strikes(faults.errorBeforeCommit, random)) answer(response, 503);
    else return false;
    return true;
  }

  async function acknowledge(response: ServerResponse): Promise<void> {
    const given = await answerAfterWriting(faults, random, closing.signal);
    if (given === 'none') response.destroy();
    else answer(response, given === 'error' ? 500 : 204);
  }

  const server = await serveOnLoopback(handle, port);
  return {
    ...server,
    hookUrl: `${server.url}${PATH}`,
    faults,
    received: () => [...taken.values()].map(({ text: _text, ...event }) => event),
    violations: () => [...violations],
    async close() {
      closing.abort();
      await server.close();
    },
  };
}

/** Node joins what was sent twice with commas, or makes a list of it: neither is a header that fits. */
const headerOf = (headers: IncomingHttpHeaders, name: string): string =>
  String(headers[name] ?? '');

function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, headers).end();
}
