import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { canonicalJson } from '../hash.ts';
import { changeRevision } from './config-revision.ts';
import { queryAll } from './query-all.ts';

/** What the operator wrote, as written. */
export interface WrittenConfig {
  readonly connections: readonly unknown[];
  readonly destinations: readonly unknown[];
  readonly routes: readonly unknown[];
}

/** What `applyConfig` did, or would do: `connections/clinic-riyadh` and the like. */
export interface ConfigDifference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const itemSchema = z.object({ pk: z.string(), sk: z.string(), settings: z.unknown() });
type Item = z.infer<typeof itemSchema>;

/** What every connection and destination has, as it is written. */
export const withIdSchema = z.object({ id: z.string() });

const wanted = ({ connections, destinations, routes }: WrittenConfig): Item[] => [
  ...Object.entries({ connections, destinations }).flatMap(([heading, list]) =>
    list.map((settings) => ({
      pk: `config#${heading}`,
      sk: withIdSchema.parse(settings).id,
      settings,
    })),
  ),
  // One item: the order of routes is their meaning, and all of them change at once.
  { pk: 'config#routes', sk: 'routes', settings: routes },
];

const nameOf = ({ pk, sk }: Item): string => `${pk.slice('config#'.length)}/${sk}`;

async function stored(client: DynamoDBDocumentClient, table: string): Promise<Item[]> {
  const headings = ['connections', 'destinations', 'routes'];
  const lists = await Promise.all(
    headings.map((heading) =>
      queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `config#${heading}` },
        ConsistentRead: true,
      }),
    ),
  );
  return itemSchema.array().parse(lists.flat());
}

/**
 * Makes the Control table say what the file says. A connection that is not in the file any more is
 * not polled any more; what was remembered of it stays, so that it can come back. `since` is when each
 * item began to say what it does.
 */
export async function applyConfig(
  client: DynamoDBDocumentClient,
  table: string,
  config: WrittenConfig,
  { dryRun, now }: { dryRun?: boolean; now?: Date } = {},
): Promise<ConfigDifference> {
  const before = new Map((await stored(client, table)).map((item) => [nameOf(item), item]));
  const after = new Map(wanted(config).map((item) => [nameOf(item), item]));
  const added = [...after.keys()].filter((name) => !before.has(name));
  const removed = [...before.keys()].filter((name) => !after.has(name));
  const changed = [...after].flatMap(([name, { settings }]) => {
    const old = before.get(name);
    return old && canonicalJson(old.settings) !== canonicalJson(settings) ? [name] : [];
  });
  if (!dryRun) {
    for (const name of [...added, ...changed]) {
      const since = (now ?? new Date()).toISOString();
      await client.send(new PutCommand({ TableName: table, Item: { ...after.get(name), since } }));
    }
    for (const name of removed) {
      const { pk, sk } = before.get(name) ?? {};
      await client.send(new DeleteCommand({ TableName: table, Key: { pk, sk } }));
    }
    if (added.length + changed.length + removed.length > 0) await changeRevision(client, table);
  }
  return { added, changed, removed };
}
