import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Clock, MINUTE_MS } from '../time.ts';
import { loadConfig } from './dynamo-control.ts';
import { queryAll } from './query-all.ts';

/** In the Control table: differs after each change of what the operator wrote. */
export const REVISION = { pk: 'config#revision', sk: 'revision' } as const;

const revisionSchema = z.object({ revision: z.string() });

/** Says that what the operator wrote has changed: after the change, so that nobody remembers what was before. */
export async function changeRevision(client: DynamoDBDocumentClient, table: string): Promise<void> {
  const Item = { ...REVISION, revision: randomUUID() };
  await client.send(new PutCommand({ TableName: table, Item }));
}

/** What was changed in the table by hand, or by one who died before he said so, is followed within this time. */
const KEPT_MS = 15 * MINUTE_MS;

/**
 * Reads the connections of a table again and again: all of them only when they have changed, else half a
 * unit that says they have not. The same list is given until then, and its members are the same objects.
 */
export function connectionsReader(
  client: DynamoDBDocumentClient,
  table: string,
  now: Clock,
): () => Promise<readonly unknown[]> {
  let kept: { revision: string; until: number; connections: readonly unknown[] } | undefined;
  return async () => {
    const [found] = await queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :revision',
      ExpressionAttributeValues: { ':revision': REVISION.pk },
    });
    const { revision } = revisionSchema.safeParse(found).data ?? {};
    const at = now().getTime();
    if (kept && kept.revision === revision && at < kept.until) return kept.connections;
    // For certain: what is read now is believed for as long as the revision stays.
    const connections = await loadConfig(client, table, 'connections', { fresh: true });
    kept = revision === undefined ? undefined : { revision, until: at + KEPT_MS, connections };
    return connections;
  };
}
