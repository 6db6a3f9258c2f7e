import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { unzipText } from '../calls/raw-record.ts';
import type { OnUnreadable } from '../calls/unreadable-item.ts';
import type { StoredCall } from '../calls/version.ts';
import { connectionSchema, destinationBaseSchema, routeSchema } from '../config/settings.ts';
import { deliverySchema } from '../delivery/delivery.ts';
import { isRecovery } from '../delivery/incident.ts';
import { migrateJob } from '../ranges/range-job.ts';
import type { Records } from '../records/records.ts';
import { callKey, callOfKey } from './call-item.ts';
import {
  type CallRef,
  countByTime,
  keysInPages,
  REFS_AT_ONCE,
  refsByNumber,
  refsByTime,
  refsOfFailed,
} from './call-refs.ts';
import { dynamoBreakers } from './dynamo-breakers.ts';
import { loadConfig, loadPollStates } from './dynamo-control.ts';
import { readUnsettled } from './dynamo-delivery-lists.ts';
import { loadSilences } from './dynamo-silences.ts';
import { queryAll } from './query-all.ts';
import { readCallsItems } from './stream-records.ts';

export interface RecordTables {
  readonly calls: string;
  readonly control: string;
  readonly deliveries: string;
}

/** Reads an object of the bucket of raw records; undefined: it is not there any more. */
export type ReadObject = (key: string) => Promise<Uint8Array | undefined>;

const readJson = (text: string): unknown => JSON.parse(text);

const keptSchema = z.object({
  sk: z.string(),
  rule: z.string(),
  at: z.string(),
  field: z.string().default(''),
  raw: z.instanceof(Uint8Array).optional(),
});

const besidesSchema = z.object({ sk: z.string(), job: z.unknown().optional() });

/** A route list lies in one item. */
const routesSchema = z.tuple([routeSchema.array()]).rest(z.unknown()).or(z.tuple([]));

/**
 * The three tables and the bucket, read only.
 *
 * @param onUnreadable told of each item of the Calls table that is none of ours, which is left out
 */
export function dynamoRecords(
  client: DynamoDBDocumentClient,
  { calls, control, deliveries }: RecordTables,
  { readObject, onUnreadable }: { readObject: ReadObject; onUnreadable: OnUnreadable },
): Records {
  async function readCalls(pks: readonly string[]): Promise<StoredCall[]> {
    const items = await readCallsItems(client, calls, pks, onUnreadable);
    const byKey = new Map(
      items.flatMap((item) =>
        'call' in item
          ? [[callKey(item.call.call.connection, item.call.call.id), item.call] as const]
          : [],
      ),
    );
    // In the order in which they were asked for: an answer has its own.
    return pks.flatMap((pk) => byKey.get(pk) ?? []);
  }

  async function* pagesOf(refs: AsyncGenerator<CallRef>): AsyncGenerator<StoredCall[]> {
    for await (const pks of keysInPages(refs, REFS_AT_ONCE)) yield await readCalls(pks);
  }

  /** What is kept of a connection under one kind of key in the Control table. */
  async function keptOf(connection: string, prefix: string) {
    const items = await queryAll(client, {
      TableName: control,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': `connection#${connection}`, ':prefix': prefix },
    });
    return keptSchema
      .array()
      .parse(items)
      .map(({ sk, ...kept }) => ({ connection, id: sk.slice(prefix.length), ...kept }));
  }

  return {
    connections: async () =>
      connectionSchema.array().parse(await loadConfig(client, control, 'connections')),
    destinations: async () =>
      destinationBaseSchema.array().parse(await loadConfig(client, control, 'destinations')),
    routes: async () => routesSchema.parse(await loadConfig(client, control, 'routes'))[0] ?? [],
    silences: () => loadSilences(client, control),
    pollStates: () => loadPollStates(client, control),
    besides: async (connection) => {
      const items = await queryAll(client, {
        TableName: control,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `connection#${connection}` },
        ProjectionExpression: 'sk, job',
      });
      const kept = besidesSchema.array().parse(items);
      const count = (prefix: string) => kept.filter(({ sk }) => sk.startsWith(prefix)).length;
      return {
        jobs: kept.flatMap(({ job }) => (job === undefined ? [] : [migrateJob(job)])),
        quarantined: count('quarantine#'),
        unattributed: count('webhook#'),
      };
    },
    call: async (connection, id) => (await readCalls([callKey(connection, id)]))[0],
    calls: (range) => pagesOf(refsByTime(client, calls, range)),
    callKeys: async function* (range) {
      for await (const pks of keysInPages(refsByTime(client, calls, range), REFS_AT_ONCE)) {
        yield pks.map(callOfKey);
      }
    },
    countCalls: (range) => countByTime(client, calls, range),
    failedCalls: (range) => pagesOf(refsOfFailed(client, calls, range)),
    callsOf: (number) => pagesOf(refsByNumber(client, calls, number)),
    rawOf: async ({ raw }) => {
      if (raw === null) return undefined;
      if ('inline' in raw) return readJson(raw.inline);
      const packed = await readObject(raw.key);
      return packed && readJson(unzipText(packed));
    },
    deliveriesOf: async (subject) => {
      const items = await queryAll(client, {
        TableName: deliveries,
        KeyConditionExpression: 'pk = :subject',
        ExpressionAttributeValues: { ':subject': subject },
      });
      const rows = items.flatMap((item) => deliverySchema.safeParse(item).data ?? []);
      // One of no event says that what was told of others is over.
      return rows.filter(({ eventId }) => !isRecovery(eventId));
    },
    unsettled: () => readUnsettled(client, deliveries, onUnreadable),
    breaker: (destination) =>
      dynamoBreakers(client, deliveries).read(destination, { fresh: false }),
    quarantined: async (connection) =>
      (await keptOf(connection, 'quarantine#')).map(({ raw, ...kept }) => ({
        ...kept,
        raw: raw && readJson(unzipText(raw)),
      })),
    unattributed: async (connection) =>
      (await keptOf(connection, 'webhook#')).map(({ id, rule, at }) => ({
        ...{ connection, id, rule, at },
      })),
  };
}
