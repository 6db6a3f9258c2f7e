import { lookup } from 'node:dns';
import { PermanentError, TransientError } from '../../errors.ts';
import { stableId } from '../../hash.ts';
import type { Clock } from '../../time.ts';
import type { Outgoing, Receipt, Sender, Target } from '../destination.ts';
import type { Resolve } from './guarded-lookup.ts';
import { type WebhookSettings, webhook } from './index.ts';
import { createPost, type Post, type PostAnswer } from './post.ts';
import { probeWith } from './probe.ts';
import { signatureHeaders } from './signature.ts';

/** What is wrong, by status, and what a person can do about it. */
const REFUSALS: Readonly<Record<number, readonly [reason: string, fix: string]>> = {
  401: ['signature_refused', 'give its receiver the secret of this destination'],
  403: ['signature_refused', 'give its receiver the secret of this destination'],
  404: ['not_found', 'correct the url of this destination'],
  410: ['gone', 'it wants no more events: remove this destination, or ask for them to be taken'],
};
/** Whatever else is posted there meets the same. */
const OF_ALL_EVENTS: ReadonlySet<string> = new Set([
  'gone',
  'not_found',
  'redirected',
  'signature_refused',
]);
const REDIRECTED = ['redirected', 'write the address that it leads to: none is followed'] as const;
const REFUSED = ['refused', 'see the log of its receiver, then deliver again'] as const;

const TRANSIENT_STATUSES = new Set([408, 425]);

/** What an answer that is not a 2xx means: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#delivery-success-and-failure */
function refusalOf({ hostname }: URL, { status, retryAfterMs }: PostAnswer): Error {
  const message = `${hostname} answered ${status}`;
  if (status === 429) return new TransientError(message, { reason: 'rate_limited', retryAfterMs });
  if (status >= 500 || TRANSIENT_STATUSES.has(status)) {
    const maybeDone = status >= 500;
    return new TransientError(message, { reason: 'provider_error', retryAfterMs, maybeDone });
  }
  const [reason, fix] = REFUSALS[status] ?? (status < 400 ? REDIRECTED : REFUSED);
  const scope = OF_ALL_EVENTS.has(reason) ? 'destination' : 'request';
  return new PermanentError(reason, `The webhook at ${message}: ${fix}.`, { scope });
}

/** `baseUrl` stands for everything before the path, so that another host can be put in its place. */
function addressOf({ url, baseUrl }: WebhookSettings): URL {
  const address = new URL(url);
  return baseUrl === undefined
    ? address
    : new URL(`.${address.pathname}${address.search}`, baseUrl);
}

/**
 * Posts the event as it is on the bus. There is no looking back: a receiver tells repeats apart by
 * `webhook-id`, so sending again is harmless.
 */
export function createSender(
  post: Post,
  now: Clock,
  resolve: Resolve = lookup,
): Sender<WebhookSettings> {
  async function postSigned(
    { settings, secrets }: Target<WebhookSettings>,
    message: { readonly id: string },
  ): Promise<PostAnswer> {
    const url = addressOf(settings);
    const body = JSON.stringify(message);
    const { secret = '', previousSecret = '' } = secrets;
    const keys = `${secret} ${previousSecret}`;
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Callwire',
      ...signatureHeaders({ id: message.id, at: now(), body }, keys),
    };
    const { allowLoopback } = settings;
    const answer = await post({ url, headers, body, allowLoopback });
    if (answer.status < 200 || answer.status > 299) throw refusalOf(url, answer);
    return answer;
  }

  async function send(outgoing: Outgoing<WebhookSettings>): Promise<Receipt> {
    const { event } = outgoing;
    const { status } = await postSigned(outgoing, event);
    return { 'webhook-id': event.id, status: String(status) };
  }

  /** Of a type that no event has, so that whoever reads it passes over it. */
  async function sendTest(target: Target<WebhookSettings>): Promise<void> {
    const recordedAt = now().toISOString();
    const id = stableId('test', target.settings.id, recordedAt);
    const test = { id, type: 'callwire.test', schemaVersion: 1, recordedAt };
    await postSigned(target, test);
  }

  const probe = (target: Target<WebhookSettings>) =>
    probeWith(resolve, addressOf(target.settings), target);
  return { definition: webhook, send, probe, sendTest };
}

export const sender = createSender(createPost(), () => new Date());
