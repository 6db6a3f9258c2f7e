import { isOtherSide } from '../errors.ts';
import { errorFields } from '../log.ts';
import { isOurPath, type WebhookPath } from './path.ts';
import type { Target, WebhookDeps } from './ports.ts';
import { isAuthentic, type SentWebhook, type WebhookScheme } from './scheme.ts';
import { type TakeDeps, takeWebhook } from './take-webhook.ts';

export const MAX_BODY_BYTES = 1024 * 1024;

export interface ReceivedWebhook extends SentWebhook {
  readonly path: WebhookPath;
}

/** What to answer: statuses only, for whoever sent it is told nothing more. */
export type Answer = 200 | 401 | 404 | 413 | 503;

/** The scheme that the operator wrote, or else the one that the provider's pages describe. */
export function schemeOf({ settings, provider }: Target): WebhookScheme | undefined {
  const { scheme, header, prefix = '', encoding = 'hex', timestampHeader } = settings.webhook ?? {};
  if (scheme === 'bearer') return { kind: 'bearer', header: header ?? 'authorization' };
  if (scheme === 'hmac' && header !== undefined) {
    return { kind: 'hmac', header, prefix, encoding, timestampHeader };
  }
  return provider.webhook.scheme;
}

/** The secrets that can be read; why another cannot is logged. */
async function secretsOf({ settings }: Target, { secret, log }: WebhookDeps) {
  const references = settings.webhook?.secrets ?? [];
  const values = await Promise.all(
    references.map(async (reference) => {
      try {
        return [await secret(reference)];
      } catch (error) {
        if (!isOtherSide(error)) throw error;
        log('error', 'a secret of webhooks cannot be read', {
          connection: settings.id,
          ...errorFields(error),
        });
        return [];
      }
    }),
  );
  return values.flat();
}

/**
 * Receives a webhook: size, path, secrets, signature, and only then what it says. Whatever is answered with
 * 200 is safe; to any other answer but a 401 or a 404 a provider does well to send it again.
 *
 * @throws whatever a store or a queue of ours throws: it is to be sent again
 */
export async function receiveWebhook(
  { path, ...sent }: ReceivedWebhook,
  deps: TakeDeps,
): Promise<Answer> {
  const { deployment, log, count, now } = deps;
  if (sent.body.byteLength > MAX_BODY_BYTES) return 413;
  if (!isOurPath(deployment, path)) return 404;
  const target = await deps.target(path.connection);
  if (!target) return 404;

  const tell = (outcome: string) =>
    log('debug', 'webhook', { connection: target.settings.id, outcome });
  const scheme = schemeOf(target);
  const secrets = await secretsOf(target, deps);
  if (!scheme || !isAuthentic(scheme, sent, secrets, now())) {
    // It may have been signed with the one that we cannot read.
    if (!scheme || secrets.length !== target.settings.webhook?.secrets.length) return 503;
    count('WebhooksForged', 1);
    tell('forged');
    return 401;
  }
  tell(await takeWebhook(sent.body, target, deps));
  return 200;
}
