import type { IncomingMessage, ServerResponse } from 'node:http';
import { strikes } from './faults.ts';
import { isTrue, type Json } from './json.ts';
import { type Loopback, preciseNow, readBody, serveOnLoopback } from './loopback.ts';
import { createRandom } from './random.ts';
import { listChannels, type SlackChannel } from './slack-channels.ts';
import { readChange, readContent } from './slack-content.ts';
import { createBoard, messageAnswer, type Place, type SlackMessage } from './slack-messages.ts';
import { createRateLimiter, type RateLimit } from './slack-rate.ts';
import { readSlackRequest, SlackRefusal, type SlackRequest } from './slack-request.ts';
import { requireScopes, type SlackScope, slackScopes } from './slack-scopes.ts';
import { readWebhookMessage, type SlackWebhook, WebhookRefusal } from './slack-webhooks.ts';
import { answerAfterWriting, noWritingFaults, type WritingFaults } from './writing-faults.ts';

export interface SlackFaults extends WritingFaults {
  /** So long `tooManyRequests` lasts, for the channel. */
  retryAfterSeconds: number;
  /** Channel id or name to the error word that everything written there is answered with. */
  refuse: Record<string, string>;
  /** The same for replies only: threads can be locked, and their first message deleted. */
  refuseReplies: Record<string, string>;
  /** The error word that the token is answered with, whatever it asks for. */
  refuseToken: string | undefined;
}

/** Something that Slack would hold against an app. */
export interface SlackViolation {
  readonly kind: 'rate' | 'early-retry' | 'invalid-blocks';
  readonly method: string;
  readonly channel: string | undefined;
  readonly at: number;
  readonly detail: string;
}

export interface SlackLookalike extends Loopback {
  /** For `slackApiUrl`: ends with `/api/`. */
  readonly apiUrl: string;
  readonly faults: SlackFaults;
  /** What a person would see, in the order of posting. */
  messages(): readonly SlackMessage[];
  violations(): readonly SlackViolation[];
}

export interface SlackOptions {
  readonly port?: number;
  readonly token: string;
  readonly channels: readonly SlackChannel[];
  readonly webhooks?: readonly SlackWebhook[];
  /** Whether this token may read threads in channels. Default true, which users report and the page denies. */
  readonly readsThreads?: boolean;
  /** For so long a message can be edited. Default for ever. */
  readonly editWindowSeconds?: number;
  /** What the token may do. Default everything. */
  readonly scopes?: readonly SlackScope[];
  readonly faults?: Partial<SlackFaults>;
  /** Messages of one channel. Default one a second with bursts of 4. */
  readonly limit?: RateLimit;
  /** Default 13,200 characters. */
  readonly maxBlockText?: number;
  readonly seed?: number;
  readonly now?: () => number;
}

// https://docs.slack.dev/apis/web-api/rate-limits: one message a second and channel, short bursts
// allowed (how short is not written); tier 2 is 20 and more a minute, tier 3 is 50.
const MESSAGE_LIMIT: RateLimit = { perSecond: 1, burst: 4 };
const TIER_2: RateLimit = { perSecond: 20 / 60, burst: 20 };
const TIER_3: RateLimit = { perSecond: 50 / 60, burst: 50 };
const REFUSED_BLOCKS = ['invalid_blocks', 'msg_blocks_too_long'];
const WRITING_METHODS = ['chat.postMessage', 'chat.update'];

/** Starts a workspace that is as strict as Slack's pages (`rules`) and as unreliable as `faults`. */
export async function startSlack({
  port,
  token,
  channels,
  webhooks = [],
  readsThreads = true,
  editWindowSeconds = Number.POSITIVE_INFINITY,
  scopes = slackScopes,
  faults: given,
  limit = MESSAGE_LIMIT,
  maxBlockText = 13_200,
  seed = 1,
  now = preciseNow,
}: SlackOptions): Promise<SlackLookalike> {
  const faults: SlackFaults = {
    ...noWritingFaults,
    retryAfterSeconds: 1,
    refuse: {},
    refuseReplies: {},
    refuseToken: undefined,
    ...given,
  };
  const random = createRandom(seed);
  const board = createBoard(channels);
  const limiter = createRateLimiter();
  const violations: SlackViolation[] = [];
  const closing = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = now();
    let method = '';
    try {
      const webhook = webhooks.find(({ path }) => path === request.url);
      if (webhook !== undefined || request.url?.startsWith('/services/')) {
        method = 'webhook';
        return await writeByWebhook(webhook, await readBody(request), at, response);
      }
      const call = await readSlackRequest(request);
      method = call.method;
      if (call.token === undefined) throw new SlackRefusal('not_authed');
      if (call.token !== token) throw new SlackRefusal('invalid_auth');
      if (faults.refuseToken !== undefined) throw new SlackRefusal(faults.refuseToken);
      if (WRITING_METHODS.includes(method)) await write(call, at, response);
      else answer(response, 200, { ok: true, ...read(call, at) });
    } catch (error) {
      if (error instanceof TooManyRequests) {
        const headers = { 'retry-after': String(error.retryAfterSeconds) };
        answer(response, 429, { ok: false, error: 'ratelimited' }, headers);
      } else if (error instanceof WebhookRefusal) {
        response.writeHead(error.status, { 'content-type': 'text/html' }).end(error.message);
      } else if (error instanceof SlackRefusal) {
        if (REFUSED_BLOCKS.includes(error.message)) {
          const detail = [error.message, error.members.errors ?? ''].join(' ').trim();
          violations.push({ kind: 'invalid-blocks', method, channel: undefined, at, detail });
        }
        answer(response, 200, { ok: false, error: error.message, ...error.members });
      } else {
        throw error;
      }
    }
  }

  async function write(call: SlackRequest, at: number, response: ServerResponse): Promise<void> {
    const { method, args } = call;
    requireScopes(scopes, 'chat:write');
    const isPost = method === 'chat.postMessage';
    const channel = board.findChannel(args.channel, { byName: isPost });
    const key = isPost ? channel.id : undefined;
    if (mayEnter(method, key, isPost ? limit : TIER_3, at, response)) {
      const refusal = refusalOf(channel, isPost && args.thread_ts !== undefined);
      if (refusal !== undefined) throw new SlackRefusal(refusal);
      const message = isPost ? post(channel, args, at) : update(channel, args, at);
      const { ts, text } = message;
      const body = isPost ? {} : { text };
      const written = { ok: true, channel: channel.id, ts, ...body };
      await answerWritten(response, () =>
        answer(response, 200, { ...written, message: messageAnswer(message) }),
      );
    }
  }

  function post(channel: SlackChannel, args: Json, at: number): SlackMessage {
    board.checkWritable(channel);
    const place: Place = {
      threadTs: typeof args.thread_ts === 'string' ? args.thread_ts : undefined,
      isBroadcast: args.thread_ts !== undefined && isTrue(args.reply_broadcast),
    };
    return board.post(channel, readContent(args, maxBlockText), at, place);
  }

  function update(channel: SlackChannel, args: Json, at: number): SlackMessage {
    if (channel.archived) throw new SlackRefusal('is_inactive');
    const change = readChange(args, maxBlockText);
    if (at / 1000 - Number(args.ts) > editWindowSeconds) {
      throw new SlackRefusal('edit_window_closed');
    }
    return board.update(channel, args.ts, change, at);
  }

  async function writeByWebhook(
    webhook: SlackWebhook | undefined,
    body: string,
    at: number,
    response: ServerResponse,
  ): Promise<void> {
    const channel = channels.find(({ id }) => id === webhook?.channel);
    if (webhook === undefined || channel === undefined) throw new WebhookRefusal(404, 'no_service');
    if (mayEnter('webhook', channel.id, limit, at, response)) {
      const message = readWebhookMessage(body, channel, refusalOf(channel, false), maxBlockText);
      board.post(channel, message, at);
      await answerWritten(response, () => response.writeHead(200).end('ok'));
    }
  }

  const refusalOf = ({ id, name }: SlackChannel, isReply: boolean): string | undefined =>
    (isReply ? (faults.refuseReplies[id] ?? faults.refuseReplies[name]) : undefined) ??
    faults.refuse[id] ??
    faults.refuse[name];

  /** False: it was answered with a 503. @throws TooManyRequests */
  function mayEnter(
    method: string,
    channel: string | undefined,
    allowance: RateLimit,
    at: number,
    response: ServerResponse,
  ): boolean {
    checkRate(method, channel, allowance, at);
    if (strikes(faults.tooManyRequests, random)) {
      const seconds = faults.retryAfterSeconds;
      limiter.block(rateKey(method, channel), seconds, at);
      throw new TooManyRequests(seconds);
    }
    if (!strikes(faults.errorBeforeCommit, random)) return true;
    response.writeHead(503).end('Service Unavailable');
    return false;
  }

  async function answerWritten(response: ServerResponse, success: () => unknown): Promise<void> {
    const given = await answerAfterWriting(faults, random, closing.signal);
    if (given === 'none') response.destroy();
    else if (given === 'error') response.writeHead(500).end('Internal Server Error');
    else success();
  }

  function read({ method, args }: SlackRequest, at: number): Json {
    switch (method) {
      case 'auth.test':
        return {
          url: 'https://callwire.slack.com/',
          team: 'Callwire',
          user: 'callwire',
          team_id: 'T0CALLWIRE',
          user_id: 'U0CALLWIRE',
          bot_id: 'B0CALLWIRE',
        };
      case 'conversations.list':
        checkRate(method, undefined, TIER_2, at);
        return listChannels(channels, args, scopes);
      case 'conversations.history': {
        checkRate(method, undefined, TIER_3, at);
        const channel = board.findChannel(args.channel, { byName: false });
        requireScopes(scopes, channel.private ? 'groups:history' : 'channels:history');
        return board.history(channel, args);
      }
      case 'conversations.replies': {
        checkRate(method, undefined, TIER_3, at);
        const channel = board.findChannel(args.channel, { byName: false });
        requireScopes(scopes, channel.private ? 'groups:history' : 'channels:history');
        if (!readsThreads) throw new SlackRefusal('not_allowed_token_type');
        return board.replies(channel, args);
      }
      default:
        throw new SlackRefusal('unknown_method', { req_method: method });
    }
  }

  function checkRate(
    method: string,
    channel: string | undefined,
    allowance: RateLimit,
    at: number,
  ): void {
    const decision = limiter.ask(rateKey(method, channel), allowance, at);
    if (decision.isAllowed) return;
    const { breach, retryAfterSeconds } = decision;
    if (breach !== undefined) {
      const detail = `Retry-After: ${retryAfterSeconds}`;
      violations.push({ kind: breach, method, channel, at, detail });
    }
    throw new TooManyRequests(retryAfterSeconds);
  }

  const server = await serveOnLoopback(handle, port);
  return {
    ...server,
    apiUrl: `${server.url}/api/`,
    faults,
    messages: board.messages,
    violations: () => [...violations],
    async close() {
      closing.abort();
      await server.close();
    },
  };
}

class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('ratelimited');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Limits apply to a method; those of posting to each channel on its own. */
function rateKey(method: string, channel: string | undefined): string {
  return [method, channel].join(' ');
}

function answer(
  response: ServerResponse,
  status: number,
  body: Json,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body));
}
