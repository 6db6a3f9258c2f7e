import { DAY_MS, SECOND_MS } from '../../time.ts';
import { AwsError, type DynamoService, type ServiceContext } from '../services.ts';
import type { Consumption } from './capacity.ts';
import { Catalogue } from './catalogue.ts';
import { ChangeStream, SHARDS } from './change-stream.ts';
import { ItemWriter } from './item-writer.ts';
import { Meter } from './meter.ts';
import { pageOperations } from './page-operations.ts';
import { readOperations } from './read-operations.ts';
import { RowStore } from './row-store.ts';
import type { Table } from './table.ts';
import { tableOperations } from './table-operations.ts';
import { transactOperations } from './transact-operations.ts';
import { writeOperations } from './write-operations.ts';

/** Streams keep a record this long (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html). */
const STREAM_RETENTION_MS = DAY_MS;
/** A time to live further back is taken for a mistake, and the item kept (the documentation of TTL). */
const OLDEST_EXPIRY_SECONDS = (5 * 365 * DAY_MS) / SECOND_MS;

export interface DynamoOptions {
  readonly region?: string;
  readonly accountId?: string;
  /** Told what each operation used, failed conditions included (whose answers on the wire do not say it). */
  readonly onConsumed?: (consumption: Consumption) => void;
}

/**
 * DynamoDB on SQLite: the operations this app uses, held to the behaviour of the real one by the store suite.
 *
 * Not emulated: throttling, eventual consistency, local indexes, binary keys, PartiQL, parallel scans, reserved
 * words, resharding, and idempotency tokens (a repeated transaction runs again).
 */
export function createDynamoService(
  { db, now }: ServiceContext,
  { region = 'us-east-1', accountId = '000000000000', onConsumed }: DynamoOptions = {},
): DynamoService {
  const tableArn = ({ definition }: Table): string =>
    `arn:aws:dynamodb:${region}:${accountId}:table/${definition.name}`;
  const streamArn = (table: Table): string =>
    `${tableArn(table)}/stream/${new Date(table.createdAt).toISOString().slice(0, -1)}`;

  const rows = new RowStore(db);
  const catalogue = new Catalogue(db, rows);
  const stream = new ChangeStream(db, region, streamArn);
  const writer = new ItemWriter(db, rows, stream, now);
  const meter = new Meter(onConsumed);

  const { putItem, updateItem, deleteItem, batchWriteItem } = writeOperations(
    catalogue,
    writer,
    meter,
  );
  const { transactWriteItems } = transactOperations(catalogue, writer, meter);
  const { getItem, batchGetItem, transactGetItems } = readOperations(catalogue, rows, meter);
  const { query, scan } = pageOperations(catalogue, rows, meter);
  const { describeTable, listTables } = tableOperations(catalogue, rows, {
    table: tableArn,
    stream: streamArn,
  });
  const operations = new Map<string, (input: unknown) => unknown>([
    ['PutItem', putItem],
    ['UpdateItem', updateItem],
    ['DeleteItem', deleteItem],
    ['BatchWriteItem', batchWriteItem],
    ['TransactWriteItems', transactWriteItems],
    ['GetItem', getItem],
    ['BatchGetItem', batchGetItem],
    ['TransactGetItems', transactGetItems],
    ['Query', query],
    ['Scan', scan],
    ['DescribeTable', describeTable],
    ['ListTables', listTables],
  ]);

  return {
    target: 'DynamoDB_20120810',
    shards: SHARDS,

    handle(operation, input) {
      const run = operations.get(operation);
      if (run) return run(input);
      throw new AwsError(
        'UnknownOperationException',
        `The local DynamoDB does not know the operation ${operation}`,
      );
    },

    createTable(definition) {
      writer.transaction(() => catalogue.create(definition, now()));
    },

    readStream(table, shard, after, limit) {
      return stream.read(catalogue.table(table), shard, after, limit);
    },

    onChange(listener) {
      writer.onChange(listener);
    },

    expire() {
      const nowSeconds = Math.floor(now() / SECOND_MS);
      writer.transaction(() => {
        for (const table of catalogue.all()) {
          const since = nowSeconds - OLDEST_EXPIRY_SECONDS;
          for (const before of rows.expired(table.id, since, nowSeconds)) {
            writer.commit({ table, before, after: undefined }, { expired: true });
          }
        }
        stream.trim(now() - STREAM_RETENTION_MS);
      });
    },
  };
}
