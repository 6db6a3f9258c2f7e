import type { CallwireConfig } from '../config/callwire-file.ts';
import { webhookAddress } from '../webhooks/path.ts';

/** Of each connection that takes webhooks, where its provider is to send them: one line each. */
export const webhookLines = (
  { connections }: Pick<CallwireConfig, 'connections'>,
  { url, deployment }: { readonly url: string; readonly deployment: string },
): string[] =>
  connections.flatMap(({ id, webhook }) =>
    webhook ? [`webhooks of ${id}: ${webhookAddress(url, deployment, id)}`] : [],
  );
