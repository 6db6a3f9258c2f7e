import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { RawBucket } from '../calls/raw-record.ts';
import { placeRaw, quarantineFolder, unzipText, zipText } from '../calls/raw-record.ts';
import { fingerprint } from '../hash.ts';
import { migrate, type PollState } from '../polling/poll-state.ts';
import type { PollStateStore, Quarantine } from '../polling/ports.ts';
import { DAY_MS } from '../time.ts';
import { batchGet, putIf } from './dynamo-calls.ts';
import { packState, stateOf, storedStateSchema } from './packed-state.ts';
import { queryAll } from './query-all.ts';

/**
 * The Control table. `config#connections`, `config#destinations` and `config#routes` hold what the
 * operator wrote, as written, and `config#revision` when that changed (config-revision.ts); `connection#<id>` holds what polling remembers of a connection, except
 * its state.
 *
 * The states of all connections lie together under `state`: dispatch reads every one of them each
 * minute, and a query is billed by what it reads in all (a dozen packed states for half a unit), where
 * single reads cost half a unit each. They are written about once per change of a call, so one
 * partition bears them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
const STATES = 'state';
const RECENTS = 'recents';
const QUARANTINED = 'quarantine#';
const QUARANTINE_DAYS = 30;

const PREFIX = 'connection#';
const keyOf = (connection: string, sk: string) => ({ pk: `${PREFIX}${connection}`, sk });
const connectionOf = (pk: string): string => pk.slice(PREFIX.length);
const stateKey = (connection: string) => ({ pk: STATES, sk: connection });

/** Where states lay at first, each in a partition of its own. */
const formerStateKey = (connection: string) => keyOf(connection, 'state#hot');

/** Fingerprints up to this size lie beside their state: one write for both, and one item to read. */
const MAX_PRINTS_BESIDE = 512;

const stateItemSchema = storedStateSchema.extend({
  sk: z.string(),
  /** As bytes, which are three quarters of their text. */
  prints: z.instanceof(Uint8Array).optional(),
  /** The fingerprints have an item of their own. */
  printsApart: z.boolean().optional(),
});
const versionSchema = z.object({ version: z.int().positive() });
const recentsItemSchema = z.object({ prints: z.instanceof(Uint8Array) });

/** Takes over a state from where states lay at first; undefined when there is none there either. */
async function moveFormerState(
  client: DynamoDBDocumentClient,
  table: string,
  connection: string,
): Promise<unknown> {
  const [former] = await batchGet(client, table, [formerStateKey(connection)], {
    consistent: true,
  });
  if (!former) return undefined;
  const { version } = versionSchema.parse(former);
  await putIf(client, {
    TableName: table,
    Item: { ...stateKey(connection), version, state: former.state },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return former.state;
}

export function dynamoPollStates(client: DynamoDBDocumentClient, table: string): PollStateStore {
  const readOne = async (key: Record<string, string>, consistent: boolean) =>
    (await batchGet(client, table, [key], { consistent }))[0];

  const printsApart = async (connection: string, consistent: boolean): Promise<string> => {
    const found = await readOne(keyOf(connection, RECENTS), consistent);
    const { data } = recentsItemSchema.safeParse(found);
    return data ? toText(data.prints) : '';
  };

  return {
    load: async (connection, { fresh } = { fresh: false }) => {
      const found = await readOne(stateKey(connection), fresh);
      if (!found) {
        const state = await moveFormerState(client, table, connection);
        return { state: state === undefined ? undefined : migrate(state), recents: '' };
      }
      const item = stateItemSchema.parse(found);
      const { prints, printsApart: apart } = item;
      const recents = apart ? await printsApart(connection, fresh) : prints ? toText(prints) : '';
      return { state: stateOf(item), recents };
    },
    save: async (connection, state, recents) => {
      const prints = Buffer.from(recents, 'base64url');
      const apart = prints.byteLength > MAX_PRINTS_BESIDE;
      const saved = await putIf(client, {
        TableName: table,
        Item: {
          ...stateKey(connection),
          version: state.version,
          packed: packState(state),
          ...(apart ? { printsApart: true } : prints.byteLength > 0 && { prints }),
        },
        ...(state.version === 1
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'version = :previous',
              ExpressionAttributeValues: { ':previous': state.version - 1 },
            }),
      });
      // After the state: what is known is not looked at again, so an open call must be remembered first.
      if (saved && apart) {
        const Item = { ...keyOf(connection, RECENTS), prints };
        await client.send(new PutCommand({ TableName: table, Item }));
      }
      return saved;
    },
  };
}

const toText = (prints: Uint8Array): string => Buffer.from(prints).toString('base64url');

/**
 * The states of all connections, by connection. Those never polled are missing, and so are those
 * that cannot be read: such a connection is due at once, and its own poll says what is wrong.
 */
export async function loadPollStates(
  client: DynamoDBDocumentClient,
  table: string,
): Promise<ReadonlyMap<string, PollState>> {
  const items = await queryAll(client, {
    TableName: table,
    KeyConditionExpression: 'pk = :states',
    ExpressionAttributeValues: { ':states': STATES },
  });
  return new Map(
    items.flatMap((item): [string, PollState][] => {
      try {
        const stored = stateItemSchema.parse(item);
        return [[stored.sk, stateOf(stored)]];
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
      const placed = await placeRaw(
        `${quarantineFolder({ connection, id: id ?? print })}${print}.json.gz`,
        raw,
        raws,
      );
      await client.send(
        new PutCommand({
          TableName: table,
          Item: {
            ...keyOf(connection, `${QUARANTINED}${id ?? print}`),
            field,
            rule,
            at: at.toISOString(),
            ...('inline' in placed ? { raw: zipText(placed.inline) } : { rawKey: placed.key }),
            expiresAt: Math.floor((at.getTime() + QUARANTINE_DAYS * DAY_MS) / 1000),
          },
        }),
      );
    },
  };
}

/** A record that was set aside, as far as it lies beside its item. */
export interface Quarantined {
  readonly connection: string;
  /** Undefined: it is so large that it lies in the bucket. */
  readonly raw: unknown;
}

const quarantinedItemSchema = z.object({
  pk: z.string(),
  sk: z.string().startsWith(QUARANTINED),
  raw: z.instanceof(Uint8Array).optional(),
});

/** Reads an item of the table; undefined for one that is no quarantined record. */
export function fromQuarantineItem(item: unknown): Quarantined | undefined {
  const read = quarantinedItemSchema.safeParse(item).data;
  if (!read) return undefined;
  return {
    connection: connectionOf(read.pk),
    raw: read.raw && (JSON.parse(unzipText(read.raw)) as unknown),
  };
}

const configItemSchema = z.object({ sk: z.string(), settings: z.unknown() });

/** What the operator wrote under one heading, in the order of its ids. */
export async function loadConfig(
  client: DynamoDBDocumentClient,
  table: string,
  heading: 'connections' | 'destinations' | 'routes',
  { fresh } = { fresh: false },
): Promise<unknown[]> {
  const items = await queryAll(client, {
    TableName: table,
    ConsistentRead: fresh,
    KeyConditionExpression: 'pk = :heading',
    ExpressionAttributeValues: { ':heading': `config#${heading}` },
  });
  return items.map((item) => configItemSchema.parse(item).settings);
}
