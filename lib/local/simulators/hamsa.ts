import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createBlocked } from './blocked.ts';
import { type Chance, strikes } from './faults.ts';
import { createListedCalls, type ListOrder } from './hamsa-calls.ts';
import { type HamsaFaults, noFaults } from './hamsa-faults.ts';
import { createMalformations, deform } from './hamsa-malformed.ts';
import { checkUuid, type HamsaStatus, parseListQuery, Refusal } from './hamsa-query.ts';
import { detail, listRow, statusOf } from './hamsa-records.ts';
import { type Loopback, serveOnLoopback } from './loopback.ts';
import { createRandom } from './random.ts';
import { stateOf, type World, type WorldCall } from './world.ts';

const LIST_PATH = '/v1/voice-agents/conversations/minimal-list';
const DETAIL_PATH = '/v1/voice-agents/conversation/';
// What a 429 is for: there is one account, and it is refused as a whole.
const ACCOUNT = 'account';

/** What is true of a call, for whoever checks that it was announced. Times are epoch ms. */
export interface TruthCall {
  readonly id: string;
  /** Hamsa's word for it now. */
  readonly status: HamsaStatus;
  readonly createdAt: number;
  readonly endedAt: number | null;
  /** From when on the list shows it as final; null until then. */
  readonly finalVisibleAt: number | null;
  /** In how many whole answers, lists and details, it was served as final. */
  readonly finalServedCount: number;
  /** When the first of them was sent. */
  readonly firstFinalServedAt: number | null;
  /** No call can be read from its record (see `MalformedKind`). */
  readonly malformed: boolean;
  readonly deleted: boolean;
}

export interface HamsaRequest {
  readonly path: string;
  readonly at: number;
  /** 0: not answered. */
  readonly status: number;
  readonly ms: number;
  /** Came before the Retry-After of a 429 had passed. */
  readonly early: boolean;
}

export interface HamsaSimulator extends Loopback {
  readonly faults: HamsaFaults;
  truth(): TruthCall[];
  requests(): readonly HamsaRequest[];
  /** How many requests there were for each of the two endpoints, whatever they were answered. */
  counts(): { list: number; detail: number };
}

export interface HamsaOptions {
  readonly port?: number;
  readonly key: string;
  readonly world: World;
  /** Default newest. */
  readonly order?: ListOrder;
  readonly faults?: Partial<HamsaFaults>;
  /** For the faults; the calls have the world's. */
  readonly seed?: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
  /** The calls that this answer shows as final. */
  readonly finals?: readonly WorldCall[];
}

/** Starts a Hamsa that is as strict as its pages (`rules`) and as unreliable as `faults`. */
export async function startHamsa({
  port,
  key,
  world,
  order = 'newest',
  faults: given,
  seed = 1,
}: HamsaOptions): Promise<HamsaSimulator> {
  const faults: HamsaFaults = { ...noFaults, malformed: {}, ...given };
  const random = createRandom(seed);
  const calls = createListedCalls(world, order, faults, random);
  const malformations = createMalformations(faults, random);
  const served = new Map<string, { count: number; firstAt: number }>();
  const requests: HamsaRequest[] = [];
  const counts = { list: 0, detail: 0 };
  const closing = new AbortController();
  const blocked = createBlocked();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = world.clock();
    const early = blocked.check(ACCOUNT, at)?.isEarly ?? false;
    response.once('close', () => {
      const status = response.headersSent ? response.statusCode : 0;
      requests.push({ path: request.url ?? '', at, status, ms: world.clock() - at, early });
    });

    const url = new URL(request.url ?? '/', 'http://localhost');
    const endpoint = endpointOf(url.pathname);
    if (endpoint !== undefined) counts[endpoint] += 1;
    const strikesNow = (chance: Chance) =>
      endpoint !== undefined && (faults.only ?? endpoint) === endpoint && strikes(chance, random);

    if (strikesNow(faults.connectionReset)) {
      request.socket.resetAndDestroy();
      return;
    }
    if (strikesNow(faults.timeout)) return;
    const answer = faultyAnswer(strikesNow) ?? properAnswer(request, url);
    await send(response, answer, strikesNow(faults.slowBody));
  }

  function faultyAnswer(strikesNow: (chance: Chance) => boolean): Answer | undefined {
    const now = world.clock();
    if (blocked.check(ACCOUNT, now) === undefined && strikesNow(faults.tooManyRequests)) {
      blocked.block(ACCOUNT, faults.retryAfterSeconds, now);
    }
    const block = blocked.check(ACCOUNT, now);
    if (block !== undefined) {
      const headers = { 'retry-after': String(block.retryAfterSeconds) };
      return { ...refuse(429, 'Too many requests'), headers };
    }
    if (strikesNow(faults.serverError)) {
      return { status: random.pick([500, 502, 503]), body: 'upstream trouble' };
    }
    if (strikesNow(faults.htmlPage)) {
      const body = '<!doctype html><title>Sign in</title><form action="/login"></form>';
      return { status: 200, body, headers: { 'content-type': 'text/html; charset=utf-8' } };
    }
    return strikesNow(faults.successFalse) ? refuse(200, 'Something went wrong') : undefined;
  }

  function properAnswer(request: IncomingMessage, url: URL): Answer {
    try {
      // "You need to put Token keyword before the API key": Bearer or the bare key is not accepted.
      if (request.headers.authorization !== `Token ${key}`) throw new Refusal(401, 'Unauthorized');
      if (request.method !== 'GET') throw new Refusal(405, 'Method not allowed');
      switch (endpointOf(url.pathname)) {
        case 'list':
          return listAnswer(url.searchParams);
        case 'detail':
          return detailAnswer(url);
        case undefined:
          throw new Refusal(404, `Cannot GET ${url.pathname}`);
      }
    } catch (error) {
      if (error instanceof Refusal) return refuse(error.statusCode, error.message);
      throw error;
    }
  }

  function listAnswer(parameters: URLSearchParams): Answer {
    const query = parseListQuery(parameters);
    if (query.page > 1 && !world.isFrozen()) {
      if (strikes(faults.insertedBetweenPages, random)) world.spawn();
      if (strikes(faults.deletedBetweenPages, random)) calls.deleteBefore(query);
    }
    const at = world.time();
    const { total, matching } = calls.select(query);
    const page = matching.slice((query.page - 1) * query.perPage, query.page * query.perPage);
    const rows = page.map((call) =>
      deform(listRow(call, at), malformations.draw(call.id), stateOf(call, at).isFinal),
    );
    return {
      ...envelope({
        success: true,
        message: 'success',
        data: { total, filtered: matching.length, calls: rows },
      }),
      finals: page.filter((call) => stateOf(call, at).isFinal),
    };
  }

  function detailAnswer(url: URL): Answer {
    const id = url.pathname.slice(DETAIL_PATH.length);
    checkUuid(id, 'conversationId');
    for (const name of url.searchParams.keys()) {
      throw new Refusal(400, `Unknown query parameter ${name}`);
    }
    const call = calls.find(id);
    if (call === undefined) throw new Refusal(404, 'Conversation not found');
    const at = world.time();
    const { isFinal } = stateOf(call, at);
    const data = deform(detail(call, at), malformations.draw(id), isFinal);
    return {
      ...envelope({ success: true, message: 'Success', data }),
      finals: isFinal ? [call] : [],
    };
  }

  async function send(response: ServerResponse, answer: Answer, isSlow: boolean): Promise<void> {
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      ...answer.headers,
    });
    let rest = answer.body;
    if (isSlow) {
      const half = Math.ceil(rest.length / 2);
      response.write(rest.slice(0, half));
      rest = rest.slice(half);
      await wait(faults.slowBodyMs, undefined, { ref: false, signal: closing.signal }).catch(
        () => undefined,
      );
    }
    if (response.destroyed) return;
    const sentAt = world.clock();
    response.end(rest);
    if (!response.writableFinished) {
      await Promise.race([once(response, 'finish'), once(response, 'close')]);
    }
    if (response.writableFinished) markServed(answer.finals ?? [], sentAt);
  }

  function markServed(finals: readonly WorldCall[], at: number): void {
    for (const { id } of finals) {
      const { count, firstAt } = served.get(id) ?? { count: 0, firstAt: at };
      served.set(id, { count: count + 1, firstAt });
    }
  }

  function truthOf(call: WorldCall): TruthCall {
    const at = world.time();
    const finalVisibleAt = Math.max(call.endedAt, calls.listedAt(call));
    return {
      id: call.id,
      status: statusOf(call, at),
      createdAt: call.createdAt,
      endedAt: call.endedAt <= at ? call.endedAt : null,
      finalVisibleAt: finalVisibleAt <= at ? finalVisibleAt : null,
      finalServedCount: served.get(call.id)?.count ?? 0,
      firstFinalServedAt: served.get(call.id)?.firstAt ?? null,
      malformed: malformations.isQuarantinable(call.id),
      deleted: calls.isDeleted(call.id),
    };
  }

  const server = await serveOnLoopback(handle, port);
  return {
    ...server,
    faults,
    truth: () => calls.all().map(truthOf),
    requests: () => requests,
    counts: () => ({ ...counts }),
    async close() {
      closing.abort();
      await server.close();
    },
  };
}

function endpointOf(path: string): 'list' | 'detail' | undefined {
  if (path === LIST_PATH) return 'list';
  return path.startsWith(DETAIL_PATH) ? 'detail' : undefined;
}

function envelope(body: Record<string, unknown>): Answer {
  return { status: 200, body: JSON.stringify(body) };
}

function refuse(status: number, message: string): Answer {
  return { status, body: JSON.stringify({ success: false, message }) };
}
