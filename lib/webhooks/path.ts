import { stableId } from '../hash.ts';

/** A connection's id, and the check that belongs to it: both are part of the path. */
export interface WebhookPath {
  readonly connection: string;
  readonly check: string;
}

const checkOf = (deployment: string, connection: string): string =>
  stableId('webhook', deployment, connection);

/**
 * Whether this path can be one of ours, found out without reading anything: who scans for open doors
 * makes us read neither tables nor secrets. It keeps out noise, not attackers; that is the signature's
 * business, so it is made of nothing secret: the deployment's own id.
 */
export const isOurPath = (deployment: string, { connection, check }: WebhookPath): boolean =>
  checkOf(deployment, connection) === check;

/** Where a connection's provider sends its webhooks. */
export const webhookAddress = (base: string, deployment: string, connection: string): string =>
  `${base}/${connection}/${checkOf(deployment, connection)}`;
