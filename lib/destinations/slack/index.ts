import * as z from 'zod';
import { secretRefSchema } from '../../config/settings.ts';
import { SECOND_MS } from '../../time.ts';
import { defineDestination, destinationFields } from '../destination.ts';

const settingsSchema = z.strictObject({
  ...destinationFields,
  kind: z.literal('slack'),
  /**
   * A bot token. It needs the scope `chat:write`; with `channels:history` and `channels:read` (for a
   * private channel `groups:…`) a lost answer is settled by reading the channel instead of by a person.
   */
  token: secretRefSchema,
  channel: z.string().regex(/^(#[^\s#,<>&]{1,80}|[CGD][A-Z0-9]{5,30})$/, {
    error: 'must be a channel name such as "#voice-ops" or a channel ID such as C0123456789',
  }),
});
export type SlackSettings = z.infer<typeof settingsSchema>;

/** Messages of a bot in one channel. */
export const slack = defineDestination({
  kind: 'slack',
  docs: 'https://docs.slack.dev/reference/methods/chat.postMessage',
  audience: 'people',
  settings: settingsSchema,
  secrets: ['token'],
  replay: 'skip',
  // "Generally one message per second per channel"; who goes on past a 429 may lose the app:
  // https://docs.slack.dev/apis/web-api/rate-limits
  pace: ({ channel }) => ({ key: channel, everyMs: SECOND_MS }),
});
