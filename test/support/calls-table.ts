import type { TableDefinition } from '../../lib/local/services.ts';

/** The Calls table's key and its index by time, for suites that need no stack around it. */
export const callsTable: TableDefinition = {
  name: 'calls',
  keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  attributeDefinitions: ['pk', 't', 'at'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S',
  })),
  indexes: [
    {
      name: 'byTime',
      keySchema: [
        { AttributeName: 't', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
      projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  streamView: undefined,
  ttlAttribute: 'expiresAt',
};
