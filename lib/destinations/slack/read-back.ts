import * as z from 'zod';
import { PermanentError } from '../../errors.ts';
import { addMs, MINUTE_MS } from '../../time.ts';
import type { Finding, Outgoing, Receipt, Target } from '../destination.ts';
import type { SlackSettings } from './index.ts';
import { findChannel, listed } from './lists.ts';
import { eventIdsIn } from './metadata.ts';
import { FIXES } from './refusals.ts';

/** Both clocks may be off by this much. */
const CLOCK_SKEW_MS = MINUTE_MS;
/** IDs of channels that this process has posted to by name, so that reading them needs no look-up. */
const knownChannels = new Map<string, string>();

const channelKey = ({ settings, secrets }: Target<SlackSettings>) =>
  [settings.baseUrl, secrets.token, settings.channel].join('\n');

/** Remembers what channel a message was posted to. */
export function rememberChannel(outgoing: Target<SlackSettings>, id: string): void {
  knownChannels.set(channelKey(outgoing), id);
}

/** Posting takes a name; reading takes an ID only. */
async function channelId(outgoing: Target<SlackSettings>): Promise<string> {
  const { channel = '' } = outgoing.settings;
  if (!channel.startsWith('#')) return channel;
  const known = knownChannels.get(channelKey(outgoing));
  if (known !== undefined) return known;
  const found = await findChannel(outgoing);
  if (found !== undefined) return found.id;
  throw new PermanentError('channel_not_found', FIXES.get('channel_not_found') ?? '');
}

const messagesSchema = z
  .object({ messages: z.array(z.object({ ts: z.string(), metadata: z.unknown().optional() })) })
  .transform(({ messages }) => messages);

/** Looks for an event in a channel, or in one thread of it. */
async function findIn(
  outgoing: Outgoing<SlackSettings>,
  method: 'conversations.history' | 'conversations.replies',
  place: { readonly channel: string; readonly ts?: string },
  since: Date,
): Promise<Receipt | undefined> {
  const oldest = (addMs(since, -CLOCK_SKEW_MS).getTime() / 1000).toFixed(6);
  const query = { ...place, oldest, include_all_metadata: true, limit: 200 };
  for await (const { ts, metadata } of listed(outgoing, method, query, messagesSchema)) {
    if (eventIdsIn(metadata).includes(outgoing.event.id)) return { channel: place.channel, ts };
  }
  return undefined;
}

/**
 * Looks whether an event was told. A thread is read only if its incident may have it: what stands in a
 * thread is not in the history of the channel. Needs `channels:history`, and `channels:read` to find a
 * channel by its name.
 */
export async function find(outgoing: Outgoing<SlackSettings>, since: Date): Promise<Finding> {
  if (outgoing.settings.url !== undefined) {
    const fix = `What is posted to a webhook cannot be read: ${LOOK_UP}`;
    return { state: 'unknown', reason: 'cannot_be_read', fix };
  }
  try {
    const channel = await channelId(outgoing);
    let receipt = await findIn(outgoing, 'conversations.history', { channel }, since);
    for (const { channel: id, ts } of outgoing.threads ?? []) {
      if (receipt || id === undefined || ts === undefined) continue;
      receipt = await findIn(outgoing, 'conversations.replies', { channel: id, ts }, since);
    }
    return receipt ? { state: 'arrived', receipt } : { state: 'absent' };
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const fix =
      error.reason === 'missing_scope'
        ? `${LOOK_UP} With the scopes channels:history and channels:read (groups:… for a private channel) this needs no person.`
        : `${LOOK_UP} It could not be read: ${error.message}`;
    return { state: 'unknown', reason: error.reason, fix };
  }
}

const LOOK_UP = 'Look into the channel whether the message arrived; deliver again if not.';
