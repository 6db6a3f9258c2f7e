import { existsSync, readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CLIENT_OPTIONS, documentClient } from '../adapters/aws-clients.ts';
import { loadConfig } from '../adapters/dynamo-control.ts';
import { dynamoErasure } from '../adapters/dynamo-erasure.ts';
import { loadSilences } from '../adapters/dynamo-silences.ts';
import { s3Objects } from '../adapters/s3-objects.ts';
import type { ErasureStores } from '../erasure/ports.ts';
import { type Erased, eraseRows } from '../local/erase-rows.ts';
import { serveStores } from '../local/stores.ts';
import { dataFile, isTaken, storesFile, takeDataFolder } from './data-folder.ts';
import { outputOf } from './deployment.ts';
import { UserError } from './failure.ts';
import { keptSchema, type RecordsPlace, type StoreNames } from './reach-records.ts';
import { attachedSystem } from './reach-system.ts';
import { LOCAL_AWS } from './session.ts';

/** Everything that is kept of a system, to be erased; nothing runs because of that. */
export interface ReachedErasure {
  readonly stores: ErasureStores;
  configured(heading: 'connections' | 'destinations' | 'routes'): Promise<readonly unknown[]>;
  silences(): Promise<readonly unknown[]>;
  /** Where it runs: on AWS, in another process on this machine, or not at all. */
  readonly where: 'aws' | 'running' | 'at rest';
  /**
   * Ends it, and erases what only the file of the local system has.
   *
   * @returns how many messages of its queues that were
   */
  finish(erased: Erased): Promise<{ readonly messages: number }>;
  close(): Promise<void>;
}

/** @throws UserError when there is no such system */
export async function reachErasure({ data, stack }: RecordsPlace): Promise<ReachedErasure> {
  if (stack !== undefined) {
    const names = {
      CallsTableName: await outputOf(stack, 'CallsTableName'),
      ControlTableName: await outputOf(stack, 'ControlTableName'),
      DeliveriesTableName: await outputOf(stack, 'DeliveriesTableName'),
      RawBucketName: await outputOf(stack, 'RawBucketName'),
    };
    const s3 = new S3Client({ ...CLIENT_OPTIONS, forcePathStyle: true });
    return {
      ...reached(documentClient(), s3, names),
      where: 'aws',
      finish: async () => ({ messages: 0 }),
    };
  }
  const file = dataFile(data);
  if (isTaken(data)) {
    const { endpoint, ...names } = attachedSystem(data);
    return {
      ...local(endpoint, names),
      where: 'running',
      finish: async (erased) => eraseRows(file, erased, { rewrite: false }),
    };
  }
  if (!existsSync(file) || !existsSync(storesFile(data))) {
    throw new UserError(
      `There are no records in ${data}. Name the folder of \`callwire run\` with --data, or a deployment with --stack.`,
    );
  }
  const { release } = takeDataFolder(data);
  const { outputs, stores } = keptSchema.parse(JSON.parse(readFileSync(storesFile(data), 'utf8')));
  const served = await serveStores(file, stores);
  const { close, ...system } = local(served.endpoint, outputs);
  let isServed = true;
  const stop = async () => {
    if (!isServed) return;
    isServed = false;
    await close();
    await served.close();
  };
  return {
    ...system,
    where: 'at rest',
    finish: async (erased) => {
      await stop();
      return eraseRows(file, erased, { rewrite: true });
    },
    close: async () => {
      await stop();
      release();
    },
  };
}

function local(endpoint: string, names: StoreNames) {
  const aws = { ...LOCAL_AWS, endpoint };
  const tables = DynamoDBDocumentClient.from(new DynamoDBClient(aws), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return reached(tables, new S3Client({ ...aws, forcePathStyle: true }), names);
}

function reached(tables: DynamoDBDocumentClient, s3: S3Client, names: StoreNames) {
  const { CallsTableName: calls, ControlTableName: control } = names;
  const objects = s3Objects(s3, names.RawBucketName);
  return {
    stores: dynamoErasure(
      tables,
      { calls, control, deliveries: names.DeliveriesTableName },
      objects,
    ),
    configured: (heading: 'connections' | 'destinations' | 'routes') =>
      loadConfig(tables, control, heading),
    silences: () => loadSilences(tables, control),
    close: async () => {
      tables.destroy();
      s3.destroy();
    },
  };
}
