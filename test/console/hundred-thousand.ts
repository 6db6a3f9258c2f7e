import type { DatabaseSync } from 'node:sqlite';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { applyConfig } from '../../lib/adapters/apply-config.ts';
import { toCallItem } from '../../lib/adapters/call-item.ts';
import { dynamoRecords } from '../../lib/adapters/dynamo-records.ts';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { stored } from '../cli/taps.ts';
import { callsTable } from '../support/calls-table.ts';
import { controlTable } from '../support/control-table.ts';
import { deliveriesTable } from '../support/deliveries-table.ts';
import { LOCAL } from '../support/sdk.ts';

const DAY = '2026-11-20';
const AT = `${DAY}T12:00:00.000Z`;

/** Just after the last of the calls. */
export const DAY_END = new Date(`${DAY}T23:59:59.999Z`);

export const CONNECTIONS = ['clinic-jeddah', 'clinic-riyadh'];

const TIMES = 24_999;

/** What is not packed may be copied: what is packed leans on the keys beside it. */
const plain = (connection: string, outcome: 'completed' | 'failed', id: string) =>
  stored({
    ...{ connection, id, createdAt: AT, outcome, status: outcome, attributes: {} },
    ...{ reason: outcome === 'failed' ? 'no_answer' : null, summary: null, agentNumber: null },
    ...{ recordingUrl: null, transcriptUrl: null, url: null },
  });

const firstOf = (name: string): string => `${name}-000000`;

/** Copies every row so often, each with an id and an instant of its own: one by one would take half a minute. */
function multiply(db: DatabaseSync, connection: string, name: string): void {
  const first = firstOf(name);
  const renamed = (column: string): string =>
    `unhex(replace(replace(hex(${column}), hex('${first}'), hex(id)), hex('${AT}'), hex(at)))`;
  db.exec(`
    INSERT OR REPLACE INTO dynamodb_row
    WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < ${TIMES}),
      named AS (
        SELECT printf('${name}-%06d', n) AS id,
          strftime('%Y-%m-%dT%H:%M:%f', '${DAY}', (n * 86400.0 / ${TIMES + 1}) || ' seconds') || 'Z' AS at
        FROM copy
      )
    SELECT collection, ${renamed('hash_key')}, ${renamed('range_key')}, ${renamed('tie')},
      replace(replace(item, '${first}', id), '${AT}', at), expires_at
    FROM (SELECT * FROM dynamodb_row WHERE instr(item, '${connection}#${first}') > 0), named`);
}

/** Tables with 100,000 calls of one day, of two connections. */
export async function hundredThousandCalls() {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: Date.now });
  for (const table of [callsTable, controlTable, deliveriesTable]) service.createTable(table);
  const { endpoint, close } = await startAwsServer({ json: [service] });
  const plainClient = new DynamoDBClient({ endpoint, ...LOCAL });
  const client = DynamoDBDocumentClient.from(plainClient);
  for (const connection of CONNECTIONS) {
    for (const outcome of ['completed', 'failed'] as const) {
      const Item = marshall(toCallItem(plain(connection, outcome, firstOf(outcome))));
      await plainClient.send(new PutItemCommand({ TableName: callsTable.name, Item }));
      multiply(db, connection, outcome);
    }
  }
  await applyConfig(client, controlTable.name, {
    connections: CONNECTIONS.map((id) => ({ id, provider: 'hamsa', key: 'env:KEY' })),
    destinations: [],
    routes: [],
  });
  const names = {
    calls: callsTable.name,
    control: controlTable.name,
    deliveries: deliveriesTable.name,
  };
  const records = dynamoRecords(client, names, {
    readObject: async () => undefined,
    onUnreadable: (error) => {
      throw error;
    },
  });
  return {
    records,
    close: async () => {
      client.destroy();
      await close();
      db.close();
    },
  };
}
