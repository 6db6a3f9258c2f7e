import * as z from 'zod';
import { type CheckFinding, ok, warning, wrong } from '../../check/check-finding.ts';
import { shown } from '../../config/finding.ts';
import { PermanentError } from '../../errors.ts';
import type { Target } from '../destination.ts';
import { probeWebhook } from './incoming-webhook.ts';
import type { SlackSettings } from './index.ts';
import { findChannel } from './lists.ts';
import { FIXES } from './refusals.ts';
import { read, request } from './web-api.ts';

const whoSchema = z.object({ team: z.string(), user: z.string() });

const TRY_IT =
  'Give the app the scope channels:read (groups:read for a private channel), or see with --send-test whether a message arrives.';

/** A channel that is not seen may be a private one, whose names only some tokens may read. */
async function channelFinding(target: Target<SlackSettings>): Promise<CheckFinding> {
  const { channel } = target.settings;
  let found: Awaited<ReturnType<typeof findChannel>>;
  try {
    found = await findChannel(target);
  } catch (error) {
    const isHidden = error instanceof PermanentError && error.reason === 'missing_scope';
    if (!isHidden) throw error;
    return warning('channel', `this token cannot see whether there is ${shown(channel)}`, TRY_IT);
  }
  if (found === undefined) {
    const why = `the bot sees no channel ${shown(channel)}`;
    return wrong('channel', why, FIXES.get('channel_not_found') ?? '');
  }
  // Who has the scope chat:write.public may post all the same.
  return found.isMember === false
    ? warning('channel', `the bot is not in ${shown(channel)}`, FIXES.get('not_in_channel') ?? '')
    : ok('channel', `the bot sees ${shown(channel)}`);
}

/** Looks whose token it is and whether the bot sees the channel; posts nothing. */
export async function probe(target: Target<SlackSettings>): Promise<readonly CheckFinding[]> {
  const { url, channel = '' } = target.settings;
  if (url !== undefined) {
    await probeWebhook(target.secrets.url ?? '');
    return [ok('address', 'Slack knows this webhook')];
  }
  const { team, user } = read(whoSchema, await request(target, 'auth.test', {}), 'auth.test');
  const token = ok('token', `Slack knows it as ${shown(user)} of the workspace ${shown(team)}`);
  // A conversation with one person is in no list.
  return channel.startsWith('D') ? [token] : [token, await channelFinding(target)];
}
