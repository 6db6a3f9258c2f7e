import { existsSync, readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { CLIENT_OPTIONS, documentClient } from '../adapters/aws-clients.ts';
import { dynamoRecords } from '../adapters/dynamo-records.ts';
import { s3ReadObject } from '../adapters/s3-raw.ts';
import { serveStores, storesSchema } from '../local/stores.ts';
import type { Records } from '../records/records.ts';
import { dataFile, isTaken, storesFile } from './data-folder.ts';
import { outputOf } from './deployment.ts';
import { UserError } from './failure.ts';
import { attachedSystem } from './reach-system.ts';
import { LOCAL_AWS, type Outputs, outputsSchema } from './session.ts';

/** The records of a system, wherever it runs, and also where it does not. */
export interface ReachedRecords {
  readonly records: Records;
  /** Items that could not be read, and so are in no answer. */
  unreadable(): number;
  close(): Promise<void>;
}

/** Where everything lies. */
export type StoreNames = Pick<
  Outputs,
  'CallsTableName' | 'ControlTableName' | 'DeliveriesTableName' | 'RawBucketName'
>;

/** What is written down of the stores of a data folder. */
export const keptSchema = z.object({ outputs: outputsSchema, stores: storesSchema });

/** Which system: a deployment, or the one on a data folder. */
export interface RecordsPlace {
  readonly data: string;
  readonly stack?: string | undefined;
}

/**
 * Reads records and starts nothing: of a data folder, those of the system that is running on it, or else
 * those that lie there.
 *
 * @throws UserError when there are none there
 */
export async function reachRecords({ data, stack }: RecordsPlace): Promise<ReachedRecords> {
  if (stack !== undefined) {
    const names = {
      CallsTableName: await outputOf(stack, 'CallsTableName'),
      ControlTableName: await outputOf(stack, 'ControlTableName'),
      DeliveriesTableName: await outputOf(stack, 'DeliveriesTableName'),
      RawBucketName: await outputOf(stack, 'RawBucketName'),
    };
    return recordsOf(documentClient(), new S3Client(CLIENT_OPTIONS), names);
  }
  if (isTaken(data)) {
    const { endpoint, ...names } = attachedSystem(data);
    return localRecords(endpoint, names);
  }
  if (!existsSync(dataFile(data)) || !existsSync(storesFile(data))) {
    throw new UserError(
      `There are no records in ${data}. Name the folder of \`callwire run\` with --data, or a deployment with --stack.`,
    );
  }
  const { outputs, stores } = keptSchema.parse(JSON.parse(readFileSync(storesFile(data), 'utf8')));
  const served = await serveStores(dataFile(data), stores);
  const reached = localRecords(served.endpoint, outputs);
  return {
    ...reached,
    close: async () => {
      await reached.close();
      await served.close();
    },
  };
}

/** The records of a local system at an endpoint. */
export function localRecords(endpoint: string, names: StoreNames): ReachedRecords {
  const aws = { ...LOCAL_AWS, endpoint };
  const tables = DynamoDBDocumentClient.from(new DynamoDBClient(aws));
  return recordsOf(tables, new S3Client({ ...aws, forcePathStyle: true }), names);
}

function recordsOf(
  tables: DynamoDBDocumentClient,
  s3: S3Client,
  names: StoreNames,
): ReachedRecords {
  let unreadable = 0;
  const records = dynamoRecords(
    tables,
    {
      calls: names.CallsTableName,
      control: names.ControlTableName,
      deliveries: names.DeliveriesTableName,
    },
    {
      readObject: s3ReadObject(names.RawBucketName, s3),
      onUnreadable: () => {
        unreadable += 1;
      },
    },
  );
  return {
    records,
    unreadable: () => unreadable,
    close: async () => {
      tables.destroy();
      s3.destroy();
    },
  };
}
