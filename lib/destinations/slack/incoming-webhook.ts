import { PermanentError, TransientError } from '../../errors.ts';
import { neverSent, retryAfterMs } from '../../http.ts';
import { SECOND_MS } from '../../time.ts';
import type { Message } from './message.ts';
import { TRY_SIMPLER, WEBHOOK_FIXES } from './refusals.ts';
import { TooElaborateError } from './web-api.ts';

const TIMEOUT_MS = 10 * SECOND_MS;

/** No event reaches this destination before a person has done something. */
const WHOLE = { scope: 'destination' } as const;

const PLACE = "Slack's webhook";

/** One of Slack's words, or nothing: the rest of an answer may hold anything. */
async function wordOf(response: Response): Promise<string | undefined> {
  const text = await response.text();
  return /^[a-z_]{2,60}$/.test(text) ? text : undefined;
}

function refusalOf({ status, headers }: Response, word: string | undefined): Error {
  const wait = retryAfterMs(headers, new Date());
  if (status === 429) {
    const options = { reason: 'rate_limited', retryAfterMs: wait };
    return new TransientError(`${PLACE} is rate limited`, options);
  }
  if (word === 'invalid_payload' || TRY_SIMPLER.has(word ?? '') || status === 413) {
    return new TooElaborateError(word ?? 'invalid_payload');
  }
  if (status >= 500 || status === 408 || status === 425) {
    // 503 says that the request was not handled (RFC 9110 §15.6.4); after the others it may have been.
    const maybeDone = status >= 500 && status !== 503;
    const options = { reason: 'provider_error', retryAfterMs: wait, maybeDone };
    return new TransientError(`${PLACE} answered ${status}`, options);
  }
  const fix = word === undefined ? undefined : WEBHOOK_FIXES.get(word);
  if (word !== undefined && fix !== undefined) return new PermanentError(word, fix, WHOLE);
  return new PermanentError(
    'refused',
    `${PLACE} answered ${status}: check that the secret holds its whole address.`,
    WHOLE,
  );
}

interface Answer {
  readonly response: Response;
  readonly word: string | undefined;
}

async function ask(address: string, body: object): Promise<Answer> {
  if (!/^https?:/.test(address) || !URL.canParse(address)) {
    const fix = 'Put the whole address of the webhook into its secret: it is no web address.';
    throw new PermanentError('settings_invalid', fix, WHOLE);
  }
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // Not followed: the address must not be told to another host.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { response, word: await wordOf(response) };
  } catch (error) {
    // Without the error itself: it may hold the address.
    throw new TransientError(`${PLACE} gave no answer`, { maybeDone: !neverSent(error) });
  }
}

/**
 * Posts a message to an incoming webhook, whose address is the secret.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export async function postToWebhook(address: string, message: Message): Promise<void> {
  const body = { ...message, unfurl_links: false, unfurl_media: false };
  const { response, word } = await ask(address, body);
  if (response.status !== 200) throw refusalOf(response, word);
}

/** Posts a message without a text, which a webhook that works refuses for that (believed: `no_text`). */
export async function probeWebhook(address: string): Promise<void> {
  const { response, word } = await ask(address, {});
  const lacksText = response.status === 400 && !WEBHOOK_FIXES.has(word ?? '');
  if (response.status !== 200 && !lacksText) throw refusalOf(response, word);
}
