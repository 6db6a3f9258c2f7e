import type { TableDefinition } from '../../lib/local/services.ts';

const INDEXES = { byTime: 't', failedByDay: 'f', byNumber: 'n' };

/** The Calls table's key and its indexes, for suites that need no stack around it. */
export const callsTable: TableDefinition = {
  name: 'calls',
  keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  attributeDefinitions: ['pk', 'at', ...Object.values(INDEXES)].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S',
  })),
  indexes: Object.entries(INDEXES).map(([name, AttributeName]) => ({
    name,
    keySchema: [
      { AttributeName, KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    projection: { ProjectionType: 'KEYS_ONLY' },
  })),
  streamView: undefined,
  ttlAttribute: 'expiresAt',
};
