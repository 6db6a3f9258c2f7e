import type { DynamoService, TableDefinition } from '../../../lib/local/services.ts';

/** A table with a key of two parts, an index on `day` with `note` in it, and a stream. */
export const callsTable: TableDefinition = {
  name: 'calls',
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'day', AttributeType: 'S' },
  ],
  indexes: [
    {
      name: 'byDay',
      keySchema: [{ AttributeName: 'day', KeyType: 'HASH' }],
      projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
    },
  ],
  streamView: 'NEW_AND_OLD_IMAGES',
  ttlAttribute: 'expiresAt',
};

export const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'a' } });

/** All stream records of the table, shard after shard. */
export const streamOf = (service: DynamoService, table = callsTable.name) =>
  Array.from(
    { length: service.shards },
    (_, shard) => service.readStream(table, shard, 0, 100_000).records,
  ).flat();
