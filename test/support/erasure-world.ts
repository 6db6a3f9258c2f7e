import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoQuarantine } from '../../lib/adapters/dynamo-control.ts';
import { dynamoDeliveries } from '../../lib/adapters/dynamo-deliveries.ts';
import { dynamoErasure } from '../../lib/adapters/dynamo-erasure.ts';
import { dynamoIncidents } from '../../lib/adapters/dynamo-incidents.ts';
import { dynamoUnattributed } from '../../lib/adapters/dynamo-webhooks.ts';
import { s3Objects } from '../../lib/adapters/s3-objects.ts';
import type { Call } from '../../lib/calls/call.ts';
import type { RawBucket } from '../../lib/calls/raw-record.ts';
import { recordObservation } from '../../lib/calls/record-observation.ts';
import type { StoredCall } from '../../lib/calls/version.ts';
import { serveStores } from '../../lib/local/stores.ts';
import { look, policy } from './calls.ts';
import { callsTable } from './calls-table.ts';
import { controlTable } from './control-table.ts';
import { deliveriesTable } from './deliveries-table.ts';
import { LOCAL } from './sdk.ts';

const BUCKET = 'raw';

/** All stores of a local system in one data file, with nothing that runs on them. */
export async function erasureWorld(dataFile: string) {
  const served = await serveStores(dataFile, {
    tables: [{ ...callsTable, streamView: 'NEW_AND_OLD_IMAGES' }, controlTable, deliveriesTable],
    buckets: [BUCKET],
  });
  const aws = { ...LOCAL, endpoint: served.endpoint };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(aws), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const s3 = new S3Client({ ...aws, forcePathStyle: true });
  const raws: RawBucket = {
    put: async (Key, Body) => {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    },
  };
  const stores = dynamoErasure(
    client,
    { calls: callsTable.name, control: controlTable.name, deliveries: deliveriesTable.name },
    s3Objects(s3, BUCKET),
  );
  return {
    stores,
    deliveries: dynamoDeliveries(client, deliveriesTable.name),
    incidents: dynamoIncidents(client, deliveriesTable.name),
    quarantine: dynamoQuarantine(client, controlTable.name, raws),
    unattributed: dynamoUnattributed(client, controlTable.name, raws),
    /** Records a look at a call as polls do. */
    record: async (
      seconds: number,
      facts: Partial<Call>,
      raw: readonly unknown[] = [],
    ): Promise<{ stored: StoredCall; written: boolean }> => {
      const seen = { ...look(seconds, facts), raw };
      const { connection, id } = seen.call;
      const known = (await stores.calls.get(connection, [id], { fresh: true })).get(id);
      return recordObservation(seen, known, policy(), { calls: stores.calls, raws });
    },
    /** Puts an item into the table of calls, whatever it is. */
    putItem: async (Item: Record<string, unknown>): Promise<void> => {
      await client.send(new PutCommand({ TableName: callsTable.name, Item }));
    },
    /** Ends it; the file stays. */
    close: async () => {
      client.destroy();
      s3.destroy();
      await served.close();
    },
  };
}
export type ErasureWorld = Awaited<ReturnType<typeof erasureWorld>>;
