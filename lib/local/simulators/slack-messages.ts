import { isTrue, type Json } from './json.ts';
import type { SlackChannel } from './slack-channels.ts';
import type { SlackChange, SlackContent } from './slack-content.ts';
import { SlackRefusal } from './slack-request.ts';

/** A message as it stands in its channel now. */
export interface SlackMessage extends SlackContent {
  /** The channel's id. */
  readonly channel: string;
  readonly channelName: string;
  readonly ts: string;
  /** When the request that posted it reached the server, epoch ms with fractions. */
  readonly arrivedAt: number;
  /** The first message of its thread, if it is a reply. */
  readonly threadTs: string | undefined;
  /** A reply that the whole channel is shown. */
  readonly isBroadcast: boolean;
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
  /** @throws SlackRefusal `thread_not_found` or `cannot_reply_to_message`. */
  post(channel: SlackChannel, content: SlackContent, at: number, place?: Place): SlackMessage;
  /** What `change` leaves out stays. @throws SlackRefusal `message_not_found`. */
  update(channel: SlackChannel, ts: unknown, change: SlackChange, at: number): SlackMessage;
  /** A page of a channel, newest first (https://docs.slack.dev/reference/methods/conversations.history). */
  history(channel: SlackChannel, args: Json): Json;
  /**
   * A page of a thread, its first message and then the replies, oldest first
   * (https://docs.slack.dev/reference/methods/conversations.replies).
   *
   * @throws SlackRefusal `thread_not_found`
   */
  replies(channel: SlackChannel, args: Json): Json;
}

/** Where in a channel a message is posted. */
export interface Place {
  readonly threadTs: string | undefined;
  readonly isBroadcast: boolean;
}
const TOP: Place = { threadTs: undefined, isBroadcast: false };

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
    post(channel, content, at, { threadTs, isBroadcast } = TOP) {
      if (threadTs !== undefined) {
        const parent = messages.find(({ channel: id, ts }) => id === channel.id && ts === threadTs);
        if (parent === undefined) throw new SlackRefusal('thread_not_found');
        if (parent.threadTs !== undefined) throw new SlackRefusal('cannot_reply_to_message');
      }
      const message: SlackMessage = {
        ...content,
        channel: channel.id,
        channelName: channel.name,
        ts: stamp(channel.id, at),
        arrivedAt: at,
        threadTs,
        isBroadcast,
        editedAt: undefined,
      };
      messages.push(message);
      return message;
    },
    update(channel, ts, change, at) {
      const index = messages.findIndex((old) => old.channel === channel.id && old.ts === ts);
      const old = messages[index];
      if (old === undefined) throw new SlackRefusal('message_not_found');
      const message = { ...old, ...change, editedAt: at };
      messages[index] = message;
      return message;
    },
    history(channel, args) {
      // A reply is in its thread, and in the channel only if it was broadcast.
      const found = messages.filter(
        ({ channel: id, threadTs, isBroadcast }) =>
          id === channel.id && (threadTs === undefined || isBroadcast),
      );
      return pageOf(found.filter(isWithin(args)).toReversed(), args, 100);
    },
    replies(channel, args) {
      const isHere = ({ channel: id }: SlackMessage) => id === channel.id;
      const asked = messages.find((message) => isHere(message) && message.ts === args.ts);
      if (asked === undefined) throw new SlackRefusal('thread_not_found');
      const first = asked.threadTs ?? asked.ts;
      const replies = messages.filter(
        (message) => isHere(message) && message.threadTs === first && isWithin(args)(message),
      );
      const parent = messages.filter((message) => isHere(message) && message.ts === first);
      return pageOf([...parent, ...replies], args, 1000);
    },
  };
}

function isWithin(args: Json): (message: SlackMessage) => boolean {
  const oldest = Number(args.oldest ?? 0);
  const latest = Number(args.latest ?? Number.POSITIVE_INFINITY);
  const inclusive = isTrue(args.inclusive);
  return ({ ts }) => {
    const isEdge = Number(ts) === oldest || Number(ts) === latest;
    return (Number(ts) > oldest && Number(ts) < latest) || (inclusive && isEdge);
  };
}

function pageOf(found: readonly SlackMessage[], args: Json, usual: number): Json {
  const offset = Number(args.cursor ?? 0);
  const limit = Math.min(Number(args.limit ?? usual), 999);
  const hasMore = offset + limit < found.length;
  const withMetadata = isTrue(args.include_all_metadata);
  return {
    messages: found
      .slice(offset, offset + limit)
      .map((message) => messageAnswer(message, { withMetadata })),
    has_more: hasMore,
    response_metadata: { next_cursor: hasMore ? String(offset + limit) : '' },
  };
}

/** A message as the Web API returns it. */
export function messageAnswer(message: SlackMessage, { withMetadata = true } = {}): Json {
  const { text, ts, threadTs, isBroadcast, blocks, metadata } = message;
  return {
    type: 'message',
    ...(isBroadcast ? { subtype: 'thread_broadcast' } : {}),
    user: 'U0CALLWIRE',
    bot_id: 'B0CALLWIRE',
    text,
    ts,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(blocks.length === 0 ? {} : { blocks }),
    ...(withMetadata && metadata !== undefined ? { metadata } : {}),
  };
}
