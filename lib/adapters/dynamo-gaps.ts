import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { OnUnreadable } from '../calls/unreadable-item.ts';
import type { StoredCall } from '../calls/version.ts';
import { gapMemorySchema } from '../proof/gap-memory.ts';
import type { MendDeps } from '../proof/mend-gaps.ts';
import { callKey, readableItems } from './call-item.ts';
import { keysInPages, refsByTime } from './call-refs.ts';
import { batchGet } from './dynamo-calls.ts';

/** In the Control table. */
const MEMORY = { pk: 'gaps', sk: 'memory' } as const;

const memoryItemSchema = z.object({ memory: gapMemorySchema });

/** DynamoDB's bound on one BatchGetItem. */
const PAGE = 100;

/** Calls to be looked at, and what is remembered of them. */
export function dynamoGaps(
  client: DynamoDBDocumentClient,
  tables: { readonly calls: string; readonly control: string },
  onUnreadable: OnUnreadable,
): Pick<MendDeps, 'load' | 'save' | 'callsOf' | 'callsNamed'> {
  /** A moment's staleness is allowed, for half the price: what was written in it is looked at again. */
  async function read(pks: readonly string[]): Promise<StoredCall[]> {
    const keys = pks.map((pk) => ({ pk }));
    const items = await batchGet(client, tables.calls, keys, { consistent: false });
    return readableItems(items, onUnreadable).flatMap((known) =>
      'call' in known ? [{ ...known.call, raw: null }] : [],
    );
  }

  return {
    load: async () => {
      const [item] = await batchGet(client, tables.control, [MEMORY], { consistent: true });
      return item && memoryItemSchema.parse(item).memory;
    },
    save: async (memory) => {
      await client.send(new PutCommand({ TableName: tables.control, Item: { ...MEMORY, memory } }));
    },
    callsOf: async function* (connection, { from, to }) {
      const refs = refsByTime(client, tables.calls, { connections: [connection], from, to });
      for await (const pks of keysInPages(refs, PAGE)) yield await read(pks);
    },
    callsNamed: (names) => read(names.map(({ connection, id }) => callKey(connection, id))),
  };
}
