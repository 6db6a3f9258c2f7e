import { type Finding, shown, valueAt } from './finding.ts';

/** As much of a provider as says how its webhooks are signed. */
export interface WebhookSigner {
  readonly id: string;
  readonly webhook?: { readonly scheme: unknown } | undefined;
}

/** Connections that take webhooks of which neither the file nor the provider's pages say how they are signed. */
export const checkWebhooks = (
  connections: readonly unknown[],
  providers: readonly WebhookSigner[],
): Finding[] =>
  connections.flatMap((connection, index) => {
    const webhook = valueAt(connection, ['webhook']);
    const provider = providers.find(({ id }) => id === valueAt(connection, ['provider']));
    const isSaid = valueAt(webhook, ['scheme']) !== undefined || provider?.webhook?.scheme;
    if (webhook === undefined || provider === undefined || isSaid) return [];
    return [
      {
        path: ['connections', index, 'webhook'],
        message: `has no scheme, and no page of ${shown(provider.id)} says how its webhooks are signed`,
        fix: 'Write scheme: bearer, or scheme: hmac with the header that has the signature.',
      },
    ];
  });
