import type { TableDefinition } from '../../lib/local/services.ts';

/** The Deliveries table's key and its index of what is unsettled, for suites that need no stack around it. */
export const deliveriesTable: TableDefinition = {
  name: 'deliveries',
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributeDefinitions: ['pk', 'sk', 'u', 'dueAt'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S',
  })),
  indexes: [
    {
      name: 'unsettled',
      keySchema: [
        { AttributeName: 'u', KeyType: 'HASH' },
        { AttributeName: 'dueAt', KeyType: 'RANGE' },
      ],
      projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  streamView: undefined,
  ttlAttribute: 'expiresAt',
};
