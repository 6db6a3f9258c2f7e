import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../lib/local/database.ts';
import { createDynamoService } from '../../../lib/local/dynamodb/dynamo-service.ts';
import type { DynamoService } from '../../../lib/local/services.ts';
import { callsTable, key, streamOf } from './calls-table.ts';

/** Far enough in for the write-ahead log to have been folded into the file some times. */
const ENOUGH = 3_000;

it('has every acknowledged item with its stream record after SIGKILL', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'callwire-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'local.sqlite');

  const acknowledged = await writeUntilKilled(path);
  const service = createDynamoService({ db: openDatabase(path), now: Date.now });
  service.createTable(callsTable);

  const recorded = new Set(streamOf(service).map(({ dynamodb }) => dynamodb.Keys.pk?.S));
  const lost = Array.from({ length: acknowledged }, (_, pk) => String(pk)).filter(
    (pk) => !recorded.has(pk) || !isStored(service, pk),
  );
  expect(acknowledged).toBeGreaterThanOrEqual(ENOUGH);
  expect(lost).toEqual([]);
  // The killed write may be there as well, unacknowledged: then both of it, too.
  expect(service.handle('DescribeTable', { TableName: 'calls' })).toMatchObject({
    Table: { ItemCount: recorded.size },
  });
});

function isStored(service: DynamoService, pk: string): boolean {
  const answer = service.handle('GetItem', { TableName: 'calls', Key: key(pk) });
  return typeof answer === 'object' && answer !== null && 'Item' in answer;
}

/** Runs the writer, kills it without warning in the middle of its work, and counts its acknowledgements. */
async function writeUntilKilled(path: string): Promise<number> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'endless-writer.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = 0;
  for await (const _ of createInterface({ input: writer.stdout })) {
    acknowledged += 1;
    if (acknowledged === ENOUGH) writer.kill('SIGKILL');
  }
  if (writer.signalCode === null && writer.exitCode === null) await once(writer, 'exit');
  expect(writer.signalCode).toBe('SIGKILL');
  return acknowledged;
}
