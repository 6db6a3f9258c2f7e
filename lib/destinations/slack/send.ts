import {
  type Logger,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebClient,
} from '@slack/web-api';
import * as z from 'zod';
import { ContractError, PermanentError, TransientError } from '../../errors.ts';
import { neverSent, retryAfterMs } from '../../http.ts';
import { addMs, MINUTE_MS, SECOND_MS } from '../../time.ts';
import type { Finding, Outgoing, Receipt, Sender } from '../destination.ts';
import { type SlackSettings, slack } from './index.ts';
import { renderMessages } from './message.ts';
import { FIXES, MAYBE_DONE, RATE_LIMITED, TRY_SIMPLER } from './refusals.ts';

const TIMEOUT_MS = 10 * SECOND_MS;

const EVENT_TYPE = 'callwire_event';

/** Its own log would hold request bodies. */
const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** Slack's word for a refusal; undefined for anything that does not look like one of its words. */
function wordOf(error: unknown): string | undefined {
  const body: unknown =
    error instanceof WebAPIPlatformError
      ? error.data
      : error instanceof WebAPIHTTPError
        ? error.body
        : undefined;
  const { success, data } = z.object({ error: z.string().regex(/^[a-z_]{3,60}$/) }).safeParse(body);
  return success ? data.error : undefined;
}

/** Raised inside this file only: the message has to be put more simply. */
class TooElaborateError extends Error {
  readonly word: string;

  constructor(word: string) {
    super(word);
    this.word = word;
  }
}

interface HttpAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

/** What a failed request means. Of the error itself only a checked word and a code are used: the rest may hold anything. */
function meaningOf(error: unknown, method: string, answer: HttpAnswer | undefined): Error {
  const place = `Slack ${method}`;
  if (answer === undefined) {
    return new TransientError(`${place} gave no answer`, { maybeDone: !neverSent(error) });
  }
  const { status, retryAfterMs } = answer;
  const word = wordOf(error);
  if (status === 429 || (word !== undefined && RATE_LIMITED.has(word))) {
    return new TransientError(`${place} is rate limited`, { reason: 'rate_limited', retryAfterMs });
  }
  if (word !== undefined && TRY_SIMPLER.has(word)) return new TooElaborateError(word);
  const fix = word === undefined ? undefined : FIXES.get(word);
  if (word !== undefined && fix !== undefined) return new PermanentError(word, fix);
  if (status >= 500) {
    // 503 says that the request was not handled (RFC 9110 §15.6.4); after the others it may have been.
    const options = { reason: 'provider_error', retryAfterMs, maybeDone: status !== 503 };
    return new TransientError(`${place} answered ${status}`, options);
  }
  if (status === 408 || status === 425) {
    const options = { reason: 'provider_error', retryAfterMs };
    return new TransientError(`${place} answered ${status}`, options);
  }
  if (status === 413) return new TooElaborateError('msg_too_long');
  if (status === 401 || status === 403) {
    return new PermanentError('invalid_auth', FIXES.get('invalid_auth') ?? word ?? '');
  }
  if (status >= 300) {
    return new PermanentError(
      'refused',
      `${place} answered ${status}, which Slack does not: check the baseUrl of this destination.`,
    );
  }
  if (word !== undefined) {
    const maybeDone = MAYBE_DONE.has(word);
    const reason = maybeDone ? 'provider_error' : word;
    const options = { reason, retryAfterMs, maybeDone };
    return new TransientError(`${place} refused: ${word}`, options);
  }
  const options = { reason: 'unreadable_answer', maybeDone: true };
  return new TransientError(`${place} answered with something unreadable`, options);
}

/** One request, without the client's own retries: waiting is the delivery engine's business. */
async function request(
  { settings, secrets }: Outgoing<SlackSettings>,
  method: string,
  body: Record<string, unknown>,
): Promise<unknown> {
  let answer: HttpAnswer | undefined;
  const client = new WebClient(secrets.token, {
    ...(settings.baseUrl === undefined ? {} : { slackApiUrl: settings.baseUrl }),
    logger: silent,
    timeout: TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    fetch: async (url, init) => {
      // Not followed: the token must not go to another host.
      const response = await fetch(url, { ...init, redirect: 'manual' });
      const { status, headers } = response;
      answer = { status, retryAfterMs: retryAfterMs(headers, new Date()) };
      return response;
    },
  });
  try {
    return await client.apiCall(method, body);
  } catch (error) {
    throw meaningOf(error, method, answer);
  }
}

/** IDs of channels that this process has posted to by name, so that reading them needs no look-up. */
const knownChannels = new Map<string, string>();

const channelKey = ({ settings, secrets }: Outgoing<SlackSettings>) =>
  [settings.baseUrl, secrets.token, settings.channel].join('\n');

const postedSchema = z.object({ channel: z.string(), ts: z.string() });

async function send(outgoing: Outgoing<SlackSettings>): Promise<Receipt> {
  const { event, settings } = outgoing;
  let refusal = '';
  for (const message of renderMessages(event)) {
    try {
      const answer = await request(outgoing, 'chat.postMessage', {
        channel: settings.channel,
        ...message,
        link_names: false,
        unfurl_links: false,
        unfurl_media: false,
        // What `find` recognises it by.
        metadata: { event_type: EVENT_TYPE, event_payload: { id: event.id } },
      });
      const posted = postedSchema.safeParse(answer);
      if (posted.success) {
        knownChannels.set(channelKey(outgoing), posted.data.channel);
        return posted.data;
      }
      throw meaningOf(undefined, 'chat.postMessage', { status: 200, retryAfterMs: undefined });
    } catch (error) {
      if (!(error instanceof TooElaborateError)) throw error;
      refusal = error.word;
    }
  }
  throw new PermanentError(
    refusal,
    'Slack refused even the plain text of this message: a defect of Callwire, please report it.',
  );
}

/** Both clocks may be off by this much. */
const CLOCK_SKEW_MS = MINUTE_MS;
const MAX_PAGES = 10;

/** What an answer says; throws a ContractError without quoting it. */
function read<T>(schema: z.ZodType<T>, body: unknown, method: string): T {
  const { success, data } = schema.safeParse(body);
  if (success) return data;
  throw new ContractError(`Slack ${method} answered with something unreadable`);
}

const cursorSchema = z.object({
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** The items of a list, page by page; throws when there are more pages than it is worth reading. */
async function* listed<T>(
  outgoing: Outgoing<SlackSettings>,
  method: string,
  query: Record<string, unknown>,
  schema: z.ZodType<readonly T[]>,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const body = await request(outgoing, method, { ...query, cursor });
    yield* read(schema, body, method);
    cursor = read(cursorSchema, body, method).response_metadata?.next_cursor;
    if (!cursor) return;
  }
  throw new PermanentError('too_much_to_read', 'Look into the channel for the message.');
}

const channelsSchema = z
  .object({ channels: z.array(z.object({ id: z.string(), name: z.string() })) })
  .transform(({ channels }) => channels);

/** Posting takes a name; reading takes an ID only. */
async function channelId(outgoing: Outgoing<SlackSettings>): Promise<string> {
  const { channel } = outgoing.settings;
  if (!channel.startsWith('#')) return channel;
  const known = knownChannels.get(channelKey(outgoing));
  if (known !== undefined) return known;
  // Apart, because who may list public channels only is refused both.
  for (const types of ['public_channel', 'private_channel']) {
    const query = { types, exclude_archived: true, limit: 999 };
    const channels = listed(outgoing, 'conversations.list', query, channelsSchema);
    for await (const { id, name } of channels) if (`#${name}` === channel) return id;
  }
  throw new PermanentError('channel_not_found', FIXES.get('channel_not_found') ?? '');
}

const messageSchema = z.object({
  ts: z.string(),
  // Other apps put other things there.
  metadata: z
    .object({ event_type: z.string(), event_payload: z.object({ id: z.unknown() }) })
    .optional()
    .catch(undefined),
});

const historySchema = z
  .object({ messages: z.array(messageSchema) })
  .transform(({ messages }) => messages);

/** Needs `channels:history`, and `channels:read` to find a channel by its name. */
async function find(outgoing: Outgoing<SlackSettings>, since: Date): Promise<Finding> {
  try {
    const channel = await channelId(outgoing);
    const oldest = (addMs(since, -CLOCK_SKEW_MS).getTime() / 1000).toFixed(6);
    const query = { channel, oldest, include_all_metadata: true, limit: 200 };
    const messages = listed(outgoing, 'conversations.history', query, historySchema);
    for await (const { ts, metadata } of messages) {
      const isOurs = metadata?.event_type === EVENT_TYPE;
      if (isOurs && metadata.event_payload.id === outgoing.event.id) {
        return { state: 'arrived', receipt: { channel, ts } };
      }
    }
    return { state: 'absent' };
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const lookUp = `Look into the channel whether the message arrived; deliver again if not.`;
    const fix =
      error.reason === 'missing_scope'
        ? `${lookUp} With the scopes channels:history and channels:read (groups:… for a private channel) this needs no person.`
        : `${lookUp} It could not be read: ${error.message}`;
    return { state: 'unknown', reason: error.reason, fix };
  }
}

/** Posts as a bot, with `chat.postMessage`. */
export const sender: Sender<SlackSettings> = { definition: slack, send, find };
