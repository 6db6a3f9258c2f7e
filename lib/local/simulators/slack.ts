import type { IncomingMessage, ServerResponse } from 'node:http';
import { strikes } from './faults.ts';
import type { Json } from './json.ts';
import { type Loopback, preciseNow, serveOnLoopback } from './loopback.ts';
import { createRandom } from './random.ts';
import { listChannels, type SlackChannel } from './slack-channels.ts';
import { readContent } from './slack-content.ts';
import { createBoard, messageAnswer, type SlackMessage } from './slack-messages.ts';
import { createRateLimiter, type RateLimit } from './slack-rate.ts';
import { readSlackRequest, SlackRefusal, type SlackRequest } from './slack-request.ts';
import { requireScopes, type SlackScope, slackScopes } from './slack-scopes.ts';
import { answerAfterWriting, noWritingFaults, type WritingFaults } from './writing-faults.ts';

export interface SlackFaults extends WritingFaults {
  /** So long `tooManyRequests` lasts, for the channel. */
  retryAfterSeconds: number;
  /** Channel id or name to the error word that everything written there is answered with. */
  refuse: Record<string, string>;
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
      const call = await readSlackRequest(request);
      method = call.method;
      if (call.token === undefined) throw new SlackRefusal('not_authed');
      if (call.token !== token) throw new SlackRefusal('invalid_auth');
      if (WRITING_METHODS.includes(method)) await write(call, at, response);
      else answer(response, 200, { ok: true, ...read(call, at) });
    } catch (error) {
      if (error instanceof TooManyRequests) {
        const headers = { 'retry-after': String(error.retryAfterSeconds) };
        answer(response, 429, { ok: false, error: 'ratelimited' }, headers);
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
    checkRate(method, isPost ? channel.id : undefined, isPost ? limit : TIER_3, at);
    if (strikes(faults.tooManyRequests, random)) {
      const seconds = faults.retryAfterSeconds;
      limiter.block(rateKey(method, isPost ? channel.id : undefined), seconds, at);
      throw new TooManyRequests(seconds);
    }
    if (strikes(faults.errorBeforeCommit, random)) {
      response.writeHead(503).end('Service Unavailable');
      return;
    }
    const refusal = faults.refuse[channel.id] ?? faults.refuse[channel.name];
    if (refusal !== undefined) throw new SlackRefusal(refusal);

    board.checkWritable(channel);
    const content = readContent(args, maxBlockText);
    const thread = typeof args.thread_ts === 'string' ? args.thread_ts : undefined;
    const message = isPost
      ? board.post(channel, content, at, thread)
      : board.update(channel, args.ts, content, at);

    const given = await answerAfterWriting(faults, random, closing.signal);
    if (given === 'none') {
      response.destroy();
      return;
    }
    if (given === 'error') {
      response.writeHead(500).end('Internal Server Error');
      return;
    }
    const { ts, text } = message;
    const body = isPost ? {} : { text };
    const written = { ok: true, channel: channel.id, ts, ...body, message: messageAnswer(message) };
    answer(response, 200, written);
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
