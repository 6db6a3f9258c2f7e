import type { TableDefinition } from '../../lib/local/services.ts';

/** The Control table's shape, for suites that need no stack around it. */
export const controlTable: TableDefinition = {
  name: 'control',
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  indexes: [],
  streamView: undefined,
  ttlAttribute: 'expiresAt',
};
