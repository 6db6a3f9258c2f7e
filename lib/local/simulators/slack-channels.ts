import { isTrue, type Json } from './json.ts';
import { SlackRefusal } from './slack-request.ts';
import { requireScopes, type SlackScope } from './slack-scopes.ts';

/** A channel of the simulated workspace. */
export interface SlackChannel {
  /** Begins with C. */
  readonly id: string;
  /** Without #. */
  readonly name: string;
  readonly archived?: boolean;
  /** Whether the bot may post there. Default true. */
  readonly member?: boolean;
  /** Default false: everybody may find it. */
  readonly private?: boolean;
}

// The page says "under 1000"; 1,000 itself is accepted, as users report.
const MAX_LIMIT = 1000;

/** Which scope shows which type. The other two types have no channels here. */
const SCOPE_OF_TYPE: Readonly<Record<string, SlackScope | undefined>> = {
  public_channel: 'channels:read',
  private_channel: 'groups:read',
  mpim: undefined,
  im: undefined,
};

/**
 * A page of the channels that the bot can see (https://docs.slack.dev/reference/methods/conversations.list).
 * @throws SlackRefusal `invalid_types`, `missing_scope`, `invalid_limit` or `invalid_cursor`.
 */
export function listChannels(
  channels: readonly SlackChannel[],
  args: Json,
  scopes: readonly SlackScope[],
): Json {
  const types = String(args.types ?? 'public_channel').split(',');
  if (!types.every((type) => type in SCOPE_OF_TYPE)) throw new SlackRefusal('invalid_types');
  requireScopes(scopes, ...types.flatMap((type) => SCOPE_OF_TYPE[type] ?? []));

  const limit = Number(args.limit ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new SlackRefusal('invalid_limit');
  }
  // An empty one is that of the last page, and asks for the first.
  const offset = Number(args.cursor ?? 0);
  if (!Number.isInteger(offset) || offset < 0) throw new SlackRefusal('invalid_cursor');

  const visible = channels.filter(({ private: isPrivate = false, member = true }) =>
    isPrivate ? member && types.includes('private_channel') : types.includes('public_channel'),
  );
  // Left out only now: a page may be shorter than `limit`, or empty, and not be the last.
  const page = visible
    .slice(offset, offset + limit)
    .filter(({ archived = false }) => !(archived && isTrue(args.exclude_archived)));
  return {
    channels: page.map(channelAnswer),
    response_metadata: {
      next_cursor: offset + limit < visible.length ? String(offset + limit) : '',
    },
  };
}

function channelAnswer({
  id,
  name,
  private: isPrivate = false,
  archived = false,
  member = true,
}: SlackChannel): Json {
  return { id, name, is_private: isPrivate, is_archived: archived, is_member: member };
}
