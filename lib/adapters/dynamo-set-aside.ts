import { DeleteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { unzipText } from '../calls/raw-record.ts';
import type { ErasureStores, SetAside } from '../erasure/ports.ts';
import { fingerprint } from '../hash.ts';
import { scanAll } from './scan-all.ts';

const QUARANTINED = 'quarantine#';
const PREFIX = 'connection#';

const setAsideItemSchema = z.object({
  pk: z.string().startsWith(PREFIX),
  sk: z.string().regex(/^(quarantine|webhook)#/),
  at: z.iso.datetime(),
  raw: z.instanceof(Uint8Array).optional(),
  rawKey: z.string().optional(),
});

function setAsideOf(item: unknown): SetAside[] {
  const read = setAsideItemSchema.safeParse(item).data;
  if (!read) return [];
  const { pk, sk, at, raw, rawKey } = read;
  const text = raw && unzipText(raw);
  const id = sk.startsWith(QUARANTINED) ? sk.slice(QUARANTINED.length) : undefined;
  // Where a record has no id, its fingerprint stands for it.
  const isPrint = text !== undefined && fingerprint(JSON.parse(text)) === id;
  return [
    {
      connection: pk.slice(PREFIX.length),
      name: sk,
      callId: isPrint ? undefined : id,
      at,
      text,
      rawKey,
    },
  ];
}

/** Records in quarantine and webhooks that nobody could make out, of all connections. */
export function dynamoSetAside(
  client: DynamoDBDocumentClient,
  table: string,
): ErasureStores['setAside'] {
  return {
    all: async function* () {
      for await (const items of scanAll(client, table)) yield items.flatMap(setAsideOf);
    },
    remove: async ({ connection, name }) => {
      const Key = { pk: `${PREFIX}${connection}`, sk: name };
      await client.send(new DeleteCommand({ TableName: table, Key }));
    },
  };
}
