import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { RawBucket } from '../calls/raw-record.ts';
import { packRaw } from '../calls/raw-record.ts';
import { fingerprint, stableId } from '../hash.ts';
import { migrate, type PollState } from '../polling/poll-state.ts';
import type { PollStateStore, Quarantine } from '../polling/ports.ts';
import { DAY_MS } from '../time.ts';
import { batchGet, putIf } from './dynamo-calls.ts';
import { queryAll } from './query-all.ts';

/**
 * The Control table. `config#connections`, `config#destinations` and `config#routes` hold what the
 * operator wrote, as written; `connection#<id>` holds what polling remembers of a connection.
 */
const HOT = 'state#hot';
const RECENTS = 'recents';
const QUARANTINE_DAYS = 30;

const keyOf = (connection: string, sk: string) => ({ pk: `connection#${connection}`, sk });

const hotItemSchema = z.object({ pk: z.string(), sk: z.literal(HOT), state: z.unknown() });
const recentsItemSchema = z.object({ sk: z.literal(RECENTS), prints: z.string() });

export function dynamoPollStates(client: DynamoDBDocumentClient, table: string): PollStateStore {
  return {
    load: async (connection, { fresh } = { fresh: false }) => {
      const keys = [keyOf(connection, HOT), keyOf(connection, RECENTS)];
      const items = await batchGet(client, table, keys, { consistent: fresh });
      const hot = hotItemSchema.safeParse(items.find(({ sk }) => sk === HOT)).data;
      const recents = recentsItemSchema.safeParse(items.find(({ sk }) => sk === RECENTS)).data;
      return { state: hot && migrate(hot.state), recents: recents?.prints ?? '' };
    },
    save: (connection, state) =>
      putIf(client, {
        TableName: table,
        Item: { ...keyOf(connection, HOT), version: state.version, state },
        ...(state.version === 1
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'version = :previous',
              ExpressionAttributeValues: { ':previous': state.version - 1 },
            }),
      }),
    saveRecents: async (connection, prints) => {
      await client.send(
        new PutCommand({ TableName: table, Item: { ...keyOf(connection, RECENTS), prints } }),
      );
    },
  };
}

/**
 * The hot states of many connections, by connection. Those never polled are missing, and so are those
 * that cannot be read: such a connection is due at once, and its own poll says what is wrong.
 */
export async function loadPollStates(
  client: DynamoDBDocumentClient,
  table: string,
  connections: readonly string[],
): Promise<ReadonlyMap<string, PollState>> {
  const keys = connections.map((connection) => keyOf(connection, HOT));
  const items = await batchGet(client, table, keys, { consistent: false });
  return new Map(
    items.flatMap((item): [string, PollState][] => {
      try {
        const { pk, state } = hotItemSchema.parse(item);
        return [[pk.slice('connection#'.length), migrate(state)]];
      } catch {
        return [];
      }
    }),
  );
}

export function dynamoQuarantine(
  client: DynamoDBDocumentClient,
  table: string,
  raws: RawBucket,
): Quarantine {
  return {
    keep: async (connection, { id, field, rule, raw }, at) => {
      const print = fingerprint(raw);
      const packed = await packRaw(
        `quarantine/${connection}/${stableId(id ?? print, print)}.json.gz`,
        raw,
        raws,
      );
      await client.send(
        new PutCommand({
          TableName: table,
          Item: {
            ...keyOf(connection, `quarantine#${id ?? print}`),
            field,
            rule,
            at: at.toISOString(),
            ...('inline' in packed ? { raw: packed.inline } : { rawKey: packed.key }),
            expiresAt: Math.floor((at.getTime() + QUARANTINE_DAYS * DAY_MS) / 1000),
          },
        }),
      );
    },
  };
}

const configItemSchema = z.object({ sk: z.string(), settings: z.unknown() });

/** What the operator wrote under one heading, in the order of its ids. */
export async function loadConfig(
  client: DynamoDBDocumentClient,
  table: string,
  heading: 'connections' | 'destinations' | 'routes',
): Promise<unknown[]> {
  const items = await queryAll(client, {
    TableName: table,
    KeyConditionExpression: 'pk = :heading',
    ExpressionAttributeValues: { ':heading': `config#${heading}` },
  });
  return items.map((item) => configItemSchema.parse(item).settings);
}
