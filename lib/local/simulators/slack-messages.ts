import { isTrue, type Json } from './json.ts';
import type { SlackChannel } from './slack-channels.ts';
import type { SlackContent } from './slack-content.ts';
import { SlackRefusal } from './slack-request.ts';

/** A message as it stands in its channel now. */
export interface SlackMessage extends SlackContent {
  /** The channel's id. */
  readonly channel: string;
  readonly channelName: string;
  readonly ts: string;
  /** When the request that posted it reached the server, epoch ms with fractions. */
  readonly arrivedAt: number;
  readonly threadTs: string | undefined;
  /** When chat.update last changed it. */
  readonly editedAt: number | undefined;
}

/** The channels and what was posted to them. */
export interface SlackBoard {
  messages(): readonly SlackMessage[];
  /** @throws SlackRefusal `channel_not_found`. Names are understood only where Slack does. */
  findChannel(reference: unknown, options: { byName: boolean }): SlackChannel;
  /** @throws SlackRefusal `is_archived` or `not_in_channel`. */
  checkWritable(channel: SlackChannel): void;
  post(channel: SlackChannel, content: SlackContent, at: number, threadTs?: string): SlackMessage;
  /** @throws SlackRefusal `message_not_found`. */
  update(channel: SlackChannel, ts: unknown, content: SlackContent, at: number): SlackMessage;
  /** A page of a channel, newest first (https://docs.slack.dev/reference/methods/conversations.history). */
  history(channel: SlackChannel, args: Json): Json;
}

export function createBoard(channels: readonly SlackChannel[]): SlackBoard {
  const messages: SlackMessage[] = [];
  const lastStamps = new Map<string, number>();

  /** Seconds with six decimals; one more microsecond than the last when the clock has not moved on. */
  function stamp(channel: string, at: number): string {
    const micros = Math.max(Math.floor(at * 1000), (lastStamps.get(channel) ?? 0) + 1);
    lastStamps.set(channel, micros);
    return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
  }

  return {
    messages: () => [...messages],
    findChannel(reference, { byName }) {
      const name = String(reference).replace(/^#/, '');
      const found = channels.find(
        (channel) => channel.id === reference || (byName && channel.name === name),
      );
      if (found === undefined) throw new SlackRefusal('channel_not_found');
      return found;
    },
    checkWritable({ archived = false, member = true }) {
      if (archived) throw new SlackRefusal('is_archived');
      if (!member) throw new SlackRefusal('not_in_channel');
    },
    post(channel, content, at, threadTs) {
      const message: SlackMessage = {
        ...content,
        channel: channel.id,
        channelName: channel.name,
        ts: stamp(channel.id, at),
        arrivedAt: at,
        threadTs,
        editedAt: undefined,
      };
      messages.push(message);
      return message;
    },
    update(channel, ts, content, at) {
      const index = messages.findIndex((old) => old.channel === channel.id && old.ts === ts);
      const old = messages[index];
      if (old === undefined) throw new SlackRefusal('message_not_found');
      const message = {
        ...old,
        ...content,
        metadata: content.metadata ?? old.metadata,
        editedAt: at,
      };
      messages[index] = message;
      return message;
    },
    history(channel, args) {
      const oldest = Number(args.oldest ?? 0);
      const latest = Number(args.latest ?? Number.POSITIVE_INFINITY);
      const inclusive = isTrue(args.inclusive);
      const offset = Number(args.cursor ?? 0);
      const limit = Math.min(Number(args.limit ?? 100), 999);
      const found = messages.filter(({ channel: id, ts, threadTs }) => {
        const isEdge = Number(ts) === oldest || Number(ts) === latest;
        const isInside = Number(ts) > oldest && Number(ts) < latest;
        // A reply is in its thread, not in the channel.
        return id === channel.id && threadTs === undefined && (isInside || (inclusive && isEdge));
      });
      const page = found.toReversed().slice(offset, offset + limit);
      const hasMore = offset + limit < found.length;
      return {
        messages: page.map((message) =>
          messageAnswer(message, { withMetadata: isTrue(args.include_all_metadata) }),
        ),
        has_more: hasMore,
        response_metadata: { next_cursor: hasMore ? String(offset + limit) : '' },
      };
    },
  };
}

/** A message as the Web API returns it. */
export function messageAnswer(message: SlackMessage, { withMetadata = true } = {}): Json {
  const { text, ts, threadTs, blocks, metadata } = message;
  return {
    type: 'message',
    user: 'U0CALLWIRE',
    bot_id: 'B0CALLWIRE',
    text,
    ts,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(blocks.length === 0 ? {} : { blocks }),
    ...(withMetadata && metadata !== undefined ? { metadata } : {}),
  };
}
