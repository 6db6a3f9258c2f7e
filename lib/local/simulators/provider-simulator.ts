import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createBlocked } from './blocked.ts';
import { type Chance, strikes } from './faults.ts';
import type { Json } from './json.ts';
import { createListedCalls, type ListOrder } from './listed-calls.ts';
import { type Loopback, serveOnLoopback } from './loopback.ts';
import { createMalformations, deform } from './malformed.ts';
import type { ProviderApi } from './provider-api.ts';
import { noFaults, type ProviderFaults } from './provider-faults.ts';
import { type SentWebhooks, sendWebhooks, type WebhookReceiver } from './provider-webhooks.ts';
import { createRandom } from './random.ts';
import { checkNames, Refusal } from './refusal.ts';
import { stateOf, type World, type WorldCall } from './world.ts';

// What a 429 is for: there is one account, and it is refused as a whole.
const ACCOUNT = 'account';

/** What is true of a call, for whoever checks that it was announced. Times are epoch ms. */
export interface TruthCall {
  readonly id: string;
  /** The provider's word for it now. */
  readonly status: string;
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

export interface ProviderRequest {
  readonly path: string;
  readonly at: number;
  /** 0: not answered. */
  readonly status: number;
  readonly ms: number;
  /** Came before the Retry-After of a 429 had passed. */
  readonly early: boolean;
}

export interface ProviderSimulator extends Loopback {
  readonly faults: ProviderFaults;
  /** Sends every record as it should be from now on. */
  mend(): void;
  truth(): TruthCall[];
  /** Every different record in whole answers, lists and details, from which no call can be read: as JSON, as sent. */
  malformedSent(): readonly string[];
  requests(): readonly ProviderRequest[];
  /** How many requests there were for each of the two endpoints, whatever they were answered. */
  counts(): { list: number; detail: number };
  /** From now on it tells of calls there, if its pages say how: once. */
  sendWebhooks(receiver: WebhookReceiver): void;
  /** What a receiver of webhooks answered and should not have, in words. */
  webhookObjections(): readonly string[];
}

export interface ProviderOptions {
  readonly port?: number;
  readonly key: string;
  readonly world: World;
  /** The order of a list whose order is not documented. */
  readonly order?: ListOrder;
  readonly faults?: Partial<ProviderFaults>;
  /** For the faults; the calls have the world's. */
  readonly seed?: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
  /** What this answer shows: each call, and what was sent for a record of it. */
  readonly shown?: readonly Shown[];
}

interface Shown {
  readonly call: WorldCall;
  readonly record: unknown;
  readonly isFinal: boolean;
}

/** Starts a provider that is as strict as its `api` and as unreliable as `faults`. */
export async function startProviderSimulator(
  api: ProviderApi,
  { port, key, world, order = 'newest', faults: given, seed = 1 }: ProviderOptions,
): Promise<ProviderSimulator> {
  const faults: ProviderFaults = { ...noFaults, malformed: {}, ...given };
  const random = createRandom(seed);
  const calls = createListedCalls({ world, samples: api.samples, order, faults, random });
  const malformations = createMalformations(faults, random);
  const served = new Map<string, { count: number; firstAt: number }>();
  const malformedSent = new Set<string>();
  const requests: ProviderRequest[] = [];
  const counts = { list: 0, detail: 0 };
  const closing = new AbortController();
  const blocked = createBlocked();
  let webhooks: SentWebhooks | undefined;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = world.clock();
    const early = blocked.check(ACCOUNT, at)?.isEarly ?? false;
    response.once('close', () => {
      const status = response.headersSent ? response.statusCode : 0;
      requests.push({ path: request.url ?? '', at, status, ms: world.clock() - at, early });
    });

    const url = new URL(request.url ?? '/', 'http://localhost');
    const endpoint = api.endpointOf(url.pathname);
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
    if (strikesNow(faults.refusedKey)) return refuse(401, 'Unauthorized');
    if (strikesNow(faults.serverError)) {
      return { status: random.pick([500, 502, 503]), body: 'upstream trouble' };
    }
    if (strikesNow(faults.htmlPage)) {
      const body = '<!doctype html><title>Sign in</title><form action="/login"></form>';
      return { status: 200, body, headers: { 'content-type': 'text/html; charset=utf-8' } };
    }
    if (!strikesNow(faults.refusalIn200)) return undefined;
    return { ...refuse(500, 'Something went wrong'), status: 200 };
  }

  function properAnswer(request: IncomingMessage, url: URL): Answer {
    try {
      if (!api.isAuthorized(request.headers, key)) throw new Refusal(401, 'Unauthorized');
      if (request.method !== 'GET') throw new Refusal(405, 'Method not allowed');
      switch (api.endpointOf(url.pathname)) {
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
    const ask = api.readList(parameters);
    const select = () => {
      const at = world.time();
      const { compare } = ask;
      const matching = calls.listed().filter((call) => ask.matches(call, at));
      return compare ? matching.sort((a, b) => compare(a, b, at)) : matching;
    };
    if (ask.skip > 0 && !world.isFrozen()) {
      if (strikes(faults.insertedBetweenPages, random)) world.spawn();
      if (strikes(faults.deletedBetweenPages, random)) {
        calls.deleteOneOf(select().slice(0, ask.skip));
      }
    }
    const at = world.time();
    const matching = select();
    const page = matching.slice(ask.skip, ask.skip + ask.take);
    const shown = page.map((call) => show(call, api.listRow(call, at), at));
    const rows = shown.map(({ record }) => record);
    const total = calls.listed().length;
    return { ...ok(api.listBody({ rows, ask, total, matching: matching.length })), shown };
  }

  function show(call: WorldCall, record: Json, at: number): Shown {
    const kind = malformations.draw(call.id);
    const { isFinal } = stateOf(call, at);
    return { call, record: deform(record, kind, isFinal, api.deformation), isFinal };
  }

  function detailAnswer(url: URL): Answer {
    if (api.detail === undefined) throw new Refusal(404, `Cannot GET ${url.pathname}`);
    const id = api.detail.idOf(url.pathname);
    checkNames(url.searchParams, []);
    const call = calls.find(id);
    if (call === undefined) throw new Refusal(404, 'Call not found');
    const at = world.time();
    const shown = show(call, api.detail.record(call, at), at);
    return { ...ok(api.detail.body(shown.record)), shown: [shown] };
  }

  const refuse = (status: number, message: string): Answer => ({
    status,
    body: JSON.stringify(api.refusalBody(status, message)),
  });

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
    if (response.writableFinished) markServed(answer.shown ?? [], sentAt);
  }

  function markServed(shown: readonly Shown[], at: number): void {
    for (const { call, record, isFinal } of shown) {
      const { id } = call;
      if (malformations.isQuarantinable(id)) malformedSent.add(JSON.stringify(record));
      if (!isFinal) continue;
      const { count, firstAt } = served.get(id) ?? { count: 0, firstAt: at };
      served.set(id, { count: count + 1, firstAt });
    }
  }

  function truthOf(call: WorldCall): TruthCall {
    const at = world.time();
    const finalVisibleAt = Math.max(call.endedAt, calls.listedAt(call));
    return {
      id: call.id,
      status: api.wordOf(call, at),
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
    mend: () => {
      faults.malformed = {};
      malformations.mend();
    },
    truth: () => calls.all().map(truthOf),
    malformedSent: () => [...malformedSent],
    requests: () => requests,
    counts: () => ({ ...counts }),
    sendWebhooks(receiver) {
      const isSound = ({ id }: WorldCall) => {
        malformations.draw(id);
        return !malformations.isQuarantinable(id);
      };
      webhooks ??=
        api.webhook && sendWebhooks(api.webhook, receiver, { world, faults, random, isSound });
    },
    webhookObjections: () => webhooks?.objections() ?? [],
    async close() {
      webhooks?.stop();
      closing.abort();
      await server.close();
    },
  };
}

function ok(body: unknown): Answer {
  return { status: 200, body: JSON.stringify(body) };
}
