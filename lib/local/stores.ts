import * as z from 'zod';
import { startAwsServer } from './aws-server.ts';
import { openDatabase } from './database.ts';
import { createDynamoService } from './dynamodb/dynamo-service.ts';
import { createObjectService } from './s3.ts';
import type { TableDefinition } from './services.ts';

const keySchema = z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) });

const tableSchema = z
  .object({
    name: z.string(),
    keySchema: keySchema.array(),
    attributeDefinitions: z
      .object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })
      .array(),
    indexes: z
      .object({
        name: z.string(),
        keySchema: keySchema.array(),
        projection: z.object({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.string().array().optional(),
        }),
      })
      .array(),
    streamView: z.enum(['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY']).optional(),
    ttlAttribute: z.string().optional(),
  })
  // As JSON leaves out what is undefined.
  .transform(
    (table): TableDefinition => ({
      ...table,
      streamView: table.streamView,
      ttlAttribute: table.ttlAttribute,
    }),
  );

/** What a local system keeps its records in; can be written down as JSON. */
export const storesSchema = z.object({ tables: tableSchema.array(), buckets: z.string().array() });
export interface Stores {
  readonly tables: readonly TableDefinition[];
  readonly buckets: readonly string[];
}

/**
 * Serves the tables and buckets in a data file, and nothing else: no function runs and no message moves, so
 * looking at records changes nothing. A system may start on the file meanwhile.
 *
 * @throws DataFileError when another version of Callwire wrote the file
 */
export async function serveStores(
  dataFile: string,
  { tables, buckets }: Stores,
): Promise<{ readonly endpoint: string; close(): Promise<void> }> {
  const db = openDatabase(dataFile);
  try {
    const context = { db, now: Date.now };
    const dynamo = createDynamoService(context);
    const objects = createObjectService(context);
    for (const table of tables) dynamo.createTable(table);
    for (const bucket of buckets) objects.createBucket(bucket);
    const server = await startAwsServer({ json: [dynamo], objects });
    return {
      endpoint: server.endpoint,
      close: async () => {
        await server.close();
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
