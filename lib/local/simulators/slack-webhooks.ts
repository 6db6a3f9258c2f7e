import { isObject, parseJson } from './json.ts';
import type { SlackChannel } from './slack-channels.ts';
import { readContent, type SlackContent } from './slack-content.ts';
import { SlackRefusal } from './slack-request.ts';

/** An incoming webhook: who knows its path may post to its channel. */
export interface SlackWebhook {
  /** Begins with `/services/`. */
  readonly path: string;
  /** The channel's id. */
  readonly channel: string;
}

/** A refusal as a webhook answers it: a status, and a word as text. */
export class WebhookRefusal extends Error {
  override readonly name = 'WebhookRefusal';
  readonly status: number;

  constructor(status: number, word: string) {
    super(word);
    this.status = status;
  }
}

// https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
const STATUSES: Readonly<Record<string, number>> = {
  action_prohibited: 403,
  channel_not_found: 404,
  no_service: 404,
  channel_is_archived: 410,
  rollup_error: 500,
};

/**
 * Reads what was posted to a webhook.
 *
 * @param refusal the word that everything is refused with
 * @throws WebhookRefusal
 */
export function readWebhookMessage(
  body: string,
  { archived = false }: SlackChannel,
  refusal: string | undefined,
  maxBlockText: number,
): SlackContent {
  if (refusal !== undefined) throw new WebhookRefusal(STATUSES[refusal] ?? 400, refusal);
  const args = parseJson(body);
  if (!isObject(args)) throw new WebhookRefusal(400, 'invalid_payload');
  if (archived) throw new WebhookRefusal(410, 'channel_is_archived');
  try {
    return readContent(args, maxBlockText);
  } catch (error) {
    if (error instanceof SlackRefusal) throw new WebhookRefusal(400, error.message);
    throw error;
  }
}
