/**
 * Slack's words for what only a person can end, each with what to do, and all of them about a whole
 * destination, from
 * https://docs.slack.dev/reference/methods/chat.postMessage#errors. Any other word is tried again.
 */
export const FIXES: ReadonlyMap<string, string> = new Map([
  ['access_denied', 'Let the Slack app use this workspace and channel.'],
  ['accesslimited', 'Slack limits the networks that may use this workspace: add this one.'],
  ['account_inactive', 'The bot was removed from the workspace: install the Slack app again.'],
  [
    'channel_not_found',
    'Correct the channel in the configuration, or invite the bot if it is private.',
  ],
  ['channel_type_not_supported', 'Choose an ordinary channel: bots cannot post to this kind.'],
  ['ekm_access_denied', 'An administrator has suspended posting to this channel: ask for it back.'],
  ['invalid_auth', 'Replace the bot token: Slack does not accept it, or not from this network.'],
  ['is_archived', 'Bring the channel back from the archive, or configure another one.'],
  ['messages_tab_disabled', "Switch on the app's messages tab, or configure a channel."],
  ['missing_scope', 'Give the Slack app the scope chat:write and install it again.'],
  ['no_permission', 'Give the bot the permission to post in this channel.'],
  ['not_allowed_token_type', 'Configure a bot token: it begins with xoxb-.'],
  ['not_authed', 'Configure a bot token: the secret is empty.'],
  ['not_in_channel', 'Invite the bot to the channel: /invite @its-name.'],
  [
    'org_login_required',
    'The workspace is being moved to an organization: wait for its end, then retry.',
  ],
  ['restricted_action', 'Let the bot post here: a preference of the workspace forbids it.'],
  ['restricted_action_read_only_channel', 'Let the bot post here: the channel is read-only.'],
  [
    'restricted_action_thread_only_channel',
    'Configure another channel: this one is for threads only.',
  ],
  ['team_access_not_granted', 'Let the Slack app use this workspace of the organization.'],
  ['token_expired', 'Replace the bot token: it has expired.'],
  [
    'unknown_method',
    'Check the baseUrl of this destination: what answers there is not all of Slack. It ends in /api/.',
  ],
  ['token_revoked', 'Install the Slack app again and replace the token: it was revoked.'],
]);

/** Words of an incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors */
export const WEBHOOK_FIXES: ReadonlyMap<string, string> = new Map([
  ['action_prohibited', 'Let the webhook post there: a preference of the workspace forbids it.'],
  ['channel_is_archived', 'Bring the channel back from the archive, or create another webhook.'],
  ['channel_not_found', 'Create another webhook: the channel of this one is gone.'],
  ['invalid_token', 'Put the whole address of the webhook into its secret: it is not valid.'],
  ['no_active_hooks', 'Switch the webhook on again, or create another one.'],
  ['no_service', 'Create another webhook: this one was removed or switched off.'],
  ['no_service_id', 'Put the whole address of the webhook into its secret: a part is missing.'],
  ['no_team', 'Put the whole address of the webhook into its secret: it is not valid.'],
  [
    'posting_to_general_channel_denied',
    'Let the webhook post in this channel, or choose another one.',
  ],
  ['team_disabled', 'The workspace was switched off: configure another one.'],
  ['user_not_found', 'Create another webhook: the person that this one writes to is gone.'],
]);

/** A thread that takes no replies, or a first message that is gone; the channel itself may be fine. */
export const THREAD_LOST: ReadonlySet<string> = new Set([
  'cannot_reply_to_message',
  'message_not_found',
  'restricted_action_non_threadable_channel',
  'restricted_action_thread_locked',
  'thread_not_found',
]);

/** Too large or ill-formed as it is: the next simpler form of the message may pass. */
export const TRY_SIMPLER: ReadonlySet<string> = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
]);

/** "It's possible some aspect of the operation succeeded before the error was raised." */
export const MAYBE_DONE: ReadonlySet<string> = new Set(['fatal_error', 'internal_error']);

export const RATE_LIMITED: ReadonlySet<string> = new Set(['rate_limited', 'ratelimited']);
