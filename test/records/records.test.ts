import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCallItem } from '../../lib/adapters/call-item.ts';
import { dynamoQuarantine } from '../../lib/adapters/dynamo-control.ts';
import { dynamoDeliveries } from '../../lib/adapters/dynamo-deliveries.ts';
import { dynamoRangeJobs } from '../../lib/adapters/dynamo-ranges.ts';
import { dynamoRecords } from '../../lib/adapters/dynamo-records.ts';
import { dynamoUnattributed } from '../../lib/adapters/dynamo-webhooks.ts';
import { zipText } from '../../lib/calls/raw-record.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import type { DynamoService } from '../../lib/local/services.ts';
import { initialState } from '../../lib/polling/poll-state.ts';
import { newSweep } from '../../lib/ranges/range-job.ts';
import type { Records } from '../../lib/records/records.ts';
import { stored } from '../cli/taps.ts';
import { serve } from '../local/dynamodb/embedded.ts';
import { connection, NOW } from '../support/calls.ts';
import { callsTable } from '../support/calls-table.ts';
import { controlTable } from '../support/control-table.ts';
import { deliveriesTable } from '../support/deliveries-table.ts';
import { memoryRawBucket } from '../support/memory-calls.ts';
import { memoryRecords } from '../support/memory-records.ts';
import { LOCAL } from '../support/sdk.ts';
import { recordsContract } from './records.contract.ts';

recordsContract('the reference', async (kept) => memoryRecords(kept));

describe('on the embedded DynamoDB', () => {
  const db = openDatabase(':memory:');
  const service: DynamoService = createDynamoService({ db, now: Date.now });
  let served: Awaited<ReturnType<typeof serve>>;
  let client: DynamoDBDocumentClient;
  let made = 0;

  beforeAll(async () => {
    served = await serve(service);
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint: served.endpoint, ...LOCAL }),
      { marshallOptions: { removeUndefinedValues: true } },
    );
  });
  afterAll(() => {
    client.destroy();
    served.stop();
    db.close();
  });

  function freshTables() {
    made += 1;
    const names = {
      calls: `calls-${made}`,
      control: `control-${made}`,
      deliveries: `deliveries-${made}`,
    };
    service.createTable({ ...callsTable, name: names.calls });
    service.createTable({ ...controlTable, name: names.control });
    service.createTable({ ...deliveriesTable, name: names.deliveries });
    return names;
  }

  const recordsIn = (
    names: ReturnType<typeof freshTables>,
    objects: Readonly<Record<string, unknown>> = {},
    unreadable: unknown[] = [],
  ): Records =>
    dynamoRecords(client, names, {
      readObject: async (key) =>
        key in objects ? zipText(JSON.stringify(objects[key])) : undefined,
      onUnreadable: (error) => unreadable.push(error),
    });

  recordsContract('the tables', async ({ calls, objects }) => {
    const names = freshTables();
    await Promise.all(
      calls.map((call) =>
        client.send(new PutCommand({ TableName: names.calls, Item: toCallItem(call) })),
      ),
    );
    return recordsIn(names, objects);
  });

  it('leaves out an item that cannot be read, and says so', async () => {
    const names = freshTables();
    const unreadable: unknown[] = [];
    const good = stored({ connection: 'clinic', id: 'good', createdAt: NOW.toISOString() });
    const { pk: _pk, call: _call, ...broken } = toCallItem(good);
    await client.send(new PutCommand({ TableName: names.calls, Item: toCallItem(good) }));
    await client.send(
      new PutCommand({ TableName: names.calls, Item: { ...broken, pk: 'clinic#bad' } }),
    );
    const range = { connections: ['clinic'], from: new Date(0), to: new Date(NOW.getTime() + 1) };
    const near = { ...range, from: new Date(NOW.getTime() - 1) };
    const pages = await Array.fromAsync(recordsIn(names, {}, unreadable).calls(near));

    expect(pages.flat().map(({ call }) => call.id)).toEqual(['good']);
    expect(unreadable).toHaveLength(1);
  });

  it('reads the sweeps of a connection beside what was set aside', async () => {
    const names = freshTables();
    const at = NOW.toISOString();
    const job = newSweep({ id: '1', kind: 'daily' }, undefined, {
      ...{ settings: connection(), hot: initialState(connection(), NOW), now: NOW },
      list: { window: undefined },
    });
    await dynamoRangeJobs(client, names.control).save('clinic', { ...job, version: 1 });

    expect(await recordsIn(names).besides('clinic')).toMatchObject({
      jobs: [{ kind: 'daily', startedAt: at }],
    });
  });

  it('reads deliveries of a subject, and what was set aside', async () => {
    const names = freshTables();
    const row = {
      ...{ subject: 'clinic#a', destination: 'ops', eventId: 'e1', type: 'call.failed' as const },
      ...{ state: 'delivered' as const, createdAt: NOW.toISOString(), attempts: 1, failures: 0 },
      ...{ heldMs: 0, lease: 'l', claimedAt: NOW.toISOString(), leaseUntil: NOW.toISOString() },
      receipt: { ts: '1.2' },
    };
    await dynamoDeliveries(client, names.deliveries).save(row, NOW);
    const raws = memoryRawBucket();
    const rejected = { id: 'r1', field: 'duration', rule: 'not a number', raw: { a: 1 } };
    await dynamoQuarantine(client, names.control, raws).keep('clinic', rejected, NOW);
    const webhook = { body: '{}', encoding: 'text', rule: 'is not JSON' } as const;
    await dynamoUnattributed(client, names.control, raws).keep('clinic', webhook, NOW);
    const records = recordsIn(names);

    expect(await records.deliveriesOf('clinic#a')).toEqual([row]);
    expect(await records.deliveriesOf('clinic#b')).toEqual([]);
    const at = NOW.toISOString();
    expect(await records.quarantined('clinic')).toEqual([
      { connection: 'clinic', at, ...rejected },
    ]);
    expect(await records.unattributed('clinic')).toMatchObject([
      { connection: 'clinic', rule: 'is not JSON', at },
    ]);
    expect(await records.quarantined('lab')).toEqual([]);
    expect(await records.besides('clinic')).toEqual({ jobs: [], quarantined: 1, unattributed: 1 });
    expect(await records.besides('lab')).toEqual({ jobs: [], quarantined: 0, unattributed: 0 });
  });
});
