import * as z from 'zod';
import { PermanentError } from '../../errors.ts';
import type { Target } from '../destination.ts';
import type { SlackSettings } from './index.ts';
import { read, request } from './web-api.ts';

const MAX_PAGES = 10;

const cursorSchema = z.object({
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** The items of a list, page by page; throws when there are more pages than it is worth reading. */
export async function* listed<T>(
  target: Target<SlackSettings>,
  method: string,
  query: Record<string, unknown>,
  schema: z.ZodType<readonly T[]>,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const body = await request(target, method, { ...query, cursor });
    yield* read(schema, body, method);
    cursor = read(cursorSchema, body, method).response_metadata?.next_cursor;
    if (!cursor) return;
  }
  throw new PermanentError('too_much_to_read', 'Look into the channel for the message.');
}

const channelsSchema = z
  .object({
    channels: z.array(
      z.object({ id: z.string(), name: z.string(), is_member: z.boolean().optional() }),
    ),
  })
  .transform(({ channels }) => channels);

/** A channel as the bot sees it. */
export interface VisibleChannel {
  readonly id: string;
  /** Undefined: Slack does not say. */
  readonly isMember: boolean | undefined;
}

/** The channel of the settings, by its name or id; undefined when the bot sees none that is in use. */
export async function findChannel(
  target: Target<SlackSettings>,
): Promise<VisibleChannel | undefined> {
  const { channel } = target.settings;
  // Apart, because who may list public channels only is refused both.
  for (const types of ['public_channel', 'private_channel']) {
    const query = { types, exclude_archived: true, limit: 999 };
    const channels = listed(target, 'conversations.list', query, channelsSchema);
    for await (const { id, name, is_member: isMember } of channels) {
      if (channel === `#${name}` || channel === id) return { id, isMember };
    }
  }
  return undefined;
}
