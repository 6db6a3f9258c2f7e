import type { KeptWebhook, KeptWebhooks, Target } from './ports.ts';
import { type AuthenticDeps, type Taken, takeWebhook } from './take-webhook.ts';

export type RetakeDeps = Omit<AuthenticDeps, 'unattributed' | 'count'> & {
  readonly kept: KeptWebhooks;
};

/** Where it is kept already, it stays as it is: not a day longer, and not counted again. */
const KEPT_ALREADY = { unattributed: { keep: async () => {} }, count: () => {} };

/**
 * Takes kept webhooks again, the oldest first, as of the moment that they came: what was recorded since is newer.
 * One that is made out now is kept no longer. Nothing is lost or done twice by one that is taken and
 * not let go of, for it will only be taken again.
 *
 * @returns how many became what
 */
export async function retakeWebhooks(
  webhooks: readonly KeptWebhook[],
  target: Target,
  { kept, ...deps }: RetakeDeps,
): Promise<Readonly<Record<Taken, number>>> {
  const connection = target.settings.id;
  const sum = { carried: 0, hinted: 0, unattributed: 0, ignored: 0 };
  for (const { id, at } of webhooks) {
    const webhook = await kept.read(connection, id);
    if (!webhook) continue;
    const { body, encoding } = webhook;
    const bytes = Buffer.from(body, encoding === 'text' ? 'utf8' : encoding);
    const taken = await takeWebhook(bytes, target, { ...deps, ...KEPT_ALREADY }, new Date(at));
    sum[taken] += 1;
    if (taken !== 'unattributed') await kept.remove(connection, id);
  }
  return sum;
}
