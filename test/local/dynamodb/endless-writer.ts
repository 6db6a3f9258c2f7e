import { writeSync } from 'node:fs';
import { openDatabase } from '../../../lib/local/database.ts';
import { createDynamoService } from '../../../lib/local/dynamodb/dynamo-service.ts';
import { callsTable, key } from './calls-table.ts';

const [, , path = ''] = process.argv;
const STANDARD_OUTPUT = 1;

// Puts items until it is killed, and says one line after each; `durability.test.ts` runs it as a process.
const service = createDynamoService({ db: openDatabase(path), now: Date.now });
service.createTable(callsTable);
for (let pk = 0; ; pk += 1) {
  const Item = { ...key(String(pk)), day: { S: 'monday' }, body: { S: 'x'.repeat(500) } };
  service.handle('PutItem', { TableName: callsTable.name, Item });
  // Not console.log: an acknowledgement must have left this process before the next write begins.
  writeSync(STANDARD_OUTPUT, `${pk}\n`);
}
