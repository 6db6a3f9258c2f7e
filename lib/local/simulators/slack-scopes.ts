import { SlackRefusal } from './slack-request.ts';

/** What an app may be allowed, as far as it matters here: https://docs.slack.dev/reference/scopes. */
export const slackScopes = [
  'chat:write',
  'channels:read',
  'channels:history',
  'groups:read',
  'groups:history',
] as const;

export type SlackScope = (typeof slackScopes)[number];

/** @throws SlackRefusal `missing_scope`, with what is missing and what there is. */
export function requireScopes(
  provided: readonly SlackScope[],
  ...needed: readonly SlackScope[]
): void {
  const missing = needed.filter((scope) => !provided.includes(scope));
  if (missing.length === 0) return;
  const members = { needed: missing.join(','), provided: provided.join(',') };
  throw new SlackRefusal('missing_scope', members);
}
