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
import { SECOND_MS } from '../../time.ts';
import { IncidentLostError, type Target } from '../destination.ts';
import type { SlackSettings } from './index.ts';
import type { Ladder, Message } from './message.ts';
import { FIXES, MAYBE_DONE, RATE_LIMITED, THREAD_LOST, TRY_SIMPLER } from './refusals.ts';

const TIMEOUT_MS = 10 * SECOND_MS;

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

/** Raised inside this folder only: the message has to be put more simply. */
export class TooElaborateError extends Error {
  readonly word: string;

  constructor(word: string) {
    super(word);
    this.word = word;
  }
}

/** No event reaches this destination before a person has done something. */
const WHOLE = { scope: 'destination' } as const;

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
  if (word !== undefined && fix !== undefined) return new PermanentError(word, fix, WHOLE);
  if (word !== undefined && THREAD_LOST.has(word)) {
    return new IncidentLostError(word, 'The thread of an incident takes no replies any more.');
  }
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
    return new PermanentError('invalid_auth', FIXES.get('invalid_auth') ?? word ?? '', WHOLE);
  }
  if (status >= 300) {
    return new PermanentError(
      'refused',
      `${place} answered ${status}, which Slack does not: check the baseUrl of this destination.`,
      WHOLE,
    );
  }
  if (word !== undefined) {
    const maybeDone = MAYBE_DONE.has(word);
    const reason = maybeDone ? 'provider_error' : word;
    const options = { reason, retryAfterMs, maybeDone };
    return new TransientError(`${place} refused: ${word}`, options);
  }
  return unreadable(method);
}

/** It was answered, and yet nobody knows what happened. */
export const unreadable = (method: string): TransientError =>
  new TransientError(`Slack ${method} answered with something unreadable`, {
    reason: 'unreadable_answer',
    maybeDone: true,
  });

/** One request, without the client's own retries: waiting is the delivery engine's business. */
export async function request(
  { settings, secrets }: Target<SlackSettings>,
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

/**
 * Makes a request with the fullest form of a message that is accepted.
 *
 * @throws PermanentError when even plain text is refused as it is
 */
export async function withinLimits<T>(
  ladder: Ladder,
  ask: (message: Message) => Promise<T>,
): Promise<T> {
  let refusal = '';
  for (const message of ladder) {
    try {
      return await ask(message);
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

/** What an answer says; throws a ContractError without quoting it. */
export function read<T>(schema: z.ZodType<T>, body: unknown, method: string): T {
  const { success, data } = schema.safeParse(body);
  if (success) return data;
  throw new ContractError(`Slack ${method} answered with something unreadable`);
}
