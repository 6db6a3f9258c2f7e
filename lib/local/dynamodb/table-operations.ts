import type { Catalogue } from './catalogue.ts';
import * as requests from './requests.ts';
import type { RowStore } from './row-store.ts';
import type { Table } from './table.ts';

const MAX_NAMES = 100;

/** DescribeTable and ListTables. */
export function tableOperations(
  catalogue: Catalogue,
  rows: RowStore,
  arns: { table: (table: Table) => string; stream: (table: Table) => string },
) {
  function describeTable(input: unknown) {
    const { TableName } = requests.readRequest(requests.describeTable, input);
    const table = catalogue.table(TableName);
    const { definition } = table;
    return {
      Table: {
        TableName,
        TableArn: arns.table(table),
        TableStatus: 'ACTIVE',
        CreationDateTime: table.createdAt / 1_000,
        KeySchema: definition.keySchema,
        AttributeDefinitions: definition.attributeDefinitions,
        BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
        ItemCount: rows.count(table.id),
        ...(definition.indexes.length > 0 && {
          GlobalSecondaryIndexes: definition.indexes.map(({ name, keySchema, projection }) => ({
            IndexName: name,
            IndexStatus: 'ACTIVE',
            KeySchema: keySchema,
            Projection: projection,
          })),
        }),
        ...(definition.streamView && {
          StreamSpecification: { StreamEnabled: true, StreamViewType: definition.streamView },
          LatestStreamArn: arns.stream(table),
        }),
      },
    };
  }

  function listTables(input: unknown) {
    const request = requests.readRequest(requests.listTables, input);
    const { ExclusiveStartTableName: after = '', Limit: limit = MAX_NAMES } = request;
    const names = catalogue.names.filter((name) => name > after);
    const TableNames = names.slice(0, limit);
    return {
      TableNames,
      ...(names.length > limit && { LastEvaluatedTableName: TableNames.at(-1) }),
    };
  }

  return { describeTable, listTables };
}
