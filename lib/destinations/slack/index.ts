import * as z from 'zod';
import { duration } from '../../config/duration.ts';
import { secretRefSchema } from '../../config/settings.ts';
import type { Event } from '../../events/event.ts';
import { SECOND_MS } from '../../time.ts';
import { defineDestination, destinationFields, type IncidentPart } from '../destination.ts';

const settingsSchema = z
  .strictObject({
    ...destinationFields,
    kind: z.literal('slack'),
    /**
     * A bot token. It needs the scope `chat:write`; with `channels:history` and `channels:read` (for a
     * private channel `groups:…`) a lost answer is settled by reading the channel instead of by a person.
     */
    token: secretRefSchema.optional(),
    channel: z
      .string()
      .regex(/^(#[^\s#,<>&]{1,80}|[CGD][A-Z0-9]{5,30})$/, {
        error: 'must be a channel name such as "#voice-ops" or a channel ID such as C0123456789',
      })
      .optional(),
    /**
     * Instead of both: the address of an incoming webhook, which is a secret. What is posted there can be
     * neither changed, answered nor read back: incidents become new messages, a lost answer a person's work.
     */
    url: secretRefSchema.optional(),
    /** Whether a caller's number is shown in full, or by its last digits. */
    numbers: z.enum(['masked', 'full']).default('masked'),
    incidents: z
      .strictObject({
        /** An incident without another failure for this long is over. */
        quiet: duration({ min: '1s', max: '24h' }).default(15 * 60_000),
        /** The channel is told again of an incident that goes on for this long. */
        repeat: duration({ min: '1m', max: '7d' }).default(60 * 60_000),
      })
      .prefault({}),
  })
  .superRefine(({ token, channel, url }, context) => {
    const lack = (name: string, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (url !== undefined) {
      const why = 'stands beside url; leave it out, a webhook has its own';
      if (token !== undefined) lack('token', why);
      if (channel !== undefined) lack('channel', why);
      return;
    }
    if (token === undefined) lack('token', 'is missing');
    if (channel === undefined) lack('channel', 'is missing');
  });
export type SlackSettings = z.infer<typeof settingsSchema>;

/** So many events are named in one message at most: their names alone always fit. */
export const MOST_IN_A_MESSAGE = 50;

/**
 * Failures of one connection for one reason are one incident, and so are a connection's, or a
 * destination's, troubles until it works again, and what drifts until all can be read. The channel is part of it, so that a destination that
 * moves to another one begins anew there.
 */
function incidentKeyOf(event: Event, { channel = '' }: SlackSettings): IncidentPart | undefined {
  if (event.type === 'call.failed' && 'call' in event) {
    const { connection, reason } = event.call;
    return { key: `${channel}#call#${connection}#${reason ?? ''}`, ends: 'when-quiet' };
  }
  const ends = event.type.endsWith('.recovered') ? 'now' : 'by-event';
  if ('connection' in event) {
    // What drifts, drifts beside whatever else goes on.
    const what = event.connection.reason === 'drifted' ? 'drift' : 'connection';
    return { key: `${channel}#${what}#${event.connection.id}`, ends };
  }
  if ('delivery' in event) {
    return { key: `${channel}#delivery#${event.delivery.destination}`, ends };
  }
  return undefined;
}

/** Messages of a bot in one channel, or of an incoming webhook. */
export const slack = defineDestination<SlackSettings>({
  kind: 'slack',
  docs: 'https://docs.slack.dev/reference/methods/chat.postMessage',
  audience: 'people',
  settings: settingsSchema,
  replay: 'skip',
  secrets: ['token', 'url'],
  setup: [
    {
      name: 'slack',
      label: 'Slack, as a bot in a channel',
      id: 'ops',
      questions: [
        {
          setting: 'token',
          ask: 'Where is the token of the bot? It needs the scope chat:write',
          secret: { variable: 'SLACK_BOT_TOKEN', value: 'xoxb-…' },
        },
        { setting: 'channel', ask: 'Which channel of Slack?', example: '#voice-ops' },
      ],
    },
    {
      name: 'slack-webhook',
      label: 'Slack, by an incoming webhook (no threads)',
      id: 'ops',
      questions: [
        {
          setting: 'url',
          ask: 'Where is the address of the incoming webhook?',
          secret: { variable: 'SLACK_WEBHOOK', value: 'https://hooks.slack.com/services/…' },
        },
      ],
    },
  ],
  // "Generally one message per second per channel"; who goes on past a 429 may lose the app:
  // https://docs.slack.dev/apis/web-api/rate-limits
  pace: ({ id, channel }) => ({ key: channel ?? id, everyMs: SECOND_MS }),
  caveat: ({ url }) =>
    url === undefined
      ? undefined
      : 'is told by webhook: incidents become new messages, and a lost answer is left to a person',
  incidents: {
    of: incidentKeyOf,
    mostAtOnce: MOST_IN_A_MESSAGE,
    quietMs: ({ incidents }) => incidents.quiet,
    repeatMs: ({ incidents }) => incidents.repeat,
    hasThreads: ({ url }) => url === undefined,
    // chat.update is of tier 3, 50 a minute for the whole app in a workspace, whatever the channel.
    amendPace: ({ token }) =>
      token === undefined ? undefined : { key: `amend ${token}`, everyMs: 1_500 },
  },
});
