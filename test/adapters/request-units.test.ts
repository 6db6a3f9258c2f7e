import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyConfig } from '../../lib/adapters/apply-config.ts';
import { connectionsReader } from '../../lib/adapters/config-revision.ts';
import { dynamoCalls } from '../../lib/adapters/dynamo-calls.ts';
import { dynamoPollStates, loadPollStates } from '../../lib/adapters/dynamo-control.ts';
import { dynamoDeliveries } from '../../lib/adapters/dynamo-deliveries.ts';
import { dynamoPaceBook } from '../../lib/adapters/dynamo-pace.ts';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import type { Consumption } from '../../lib/local/dynamodb/capacity.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { initialState } from '../../lib/polling/poll-state.ts';
import { deliveryWorld } from '../delivery/delivery-world.ts';
import { connection, NOW } from '../support/calls.ts';
import { callsTable } from '../support/calls-table.ts';
import { controlTable } from '../support/control-table.ts';
import { deliveriesTable } from '../support/deliveries-table.ts';
import { pollWorld } from '../support/poll-world.ts';
import { LOCAL } from '../support/sdk.ts';

/** What is billed, by DynamoDB's rules: these are promises about money, kept by counting. */
let used: Consumption[] = [];
const db = openDatabase(':memory:');
const service = createDynamoService(
  { db, now: Date.now },
  { onConsumed: (consumption) => used.push(consumption) },
);
let client: DynamoDBDocumentClient;
let close: () => Promise<void>;

beforeAll(async () => {
  for (const table of [callsTable, controlTable, deliveriesTable]) service.createTable(table);
  const server = await startAwsServer({ json: [service] });
  client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: server.endpoint, ...LOCAL }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  close = server.close;
});
afterAll(async () => {
  client.destroy();
  await close();
  db.close();
});
beforeEach(() => {
  used = [];
});

/** Units by table and index, `reads` and `writes` apart; what cost nothing is not there. */
function units(): { reads: Record<string, number>; writes: Record<string, number> } {
  const sums = { reads: {} as Record<string, number>, writes: {} as Record<string, number> };
  for (const { kind, table, tableUnits, indexUnits } of used) {
    const sum = kind === 'read' ? sums.reads : sums.writes;
    const parts = [[table, tableUnits] as const, ...Object.entries(indexUnits)];
    for (const [name, amount] of parts) if (amount > 0) sum[name] = (sum[name] ?? 0) + amount;
  }
  used = [];
  return sums;
}

describe('a poll', () => {
  async function polledWorld(id: string) {
    const world = pollWorld({ id, firstRun: 'all' });
    const stores = {
      calls: dynamoCalls(client, 'calls'),
      states: dynamoPollStates(client, 'control'),
    };
    const poll = () => world.poll(stores);
    /** Polls until nothing is left to learn: how far back to look is found in a few polls. */
    const settle = async () => {
      for (let round = 0; round < 10; round += 1) {
        world.pass(60);
        await poll();
      }
      units();
    };
    await settle();
    return { world, poll, settle };
  }

  it('that finds nothing reads half a unit and writes nothing', async () => {
    const { world, poll, settle } = await polledWorld('quiet');
    for (let row = 0; row < 30; row += 1) world.server.put(`c${row}`, { status: 'FAILED' });
    await settle();
    world.pass(60);
    await poll();

    expect(units()).toEqual({ reads: { control: 0.5 }, writes: {} });
  });

  it('that finds nothing reads one unit where the list shows many calls', async () => {
    const { world, poll, settle } = await polledWorld('busy');
    for (let row = 0; row < 60; row += 1) world.server.put(`c${row}`, { status: 'FAILED' });
    await settle();
    world.pass(60);
    await poll();

    expect(units()).toEqual({ reads: { control: 1 }, writes: {} });
  });

  it('pays for a call that begins one write of it, one of each index it has a key for, and one of the state', async () => {
    const { world, poll } = await polledWorld('begins');
    world.server.put('a', { status: 'IN_PROGRESS' });
    world.pass(60);
    await poll();

    // Read before it is written, so that no condition fails; half a unit, though there is nothing yet.
    expect(units()).toEqual({
      reads: { control: 0.5, calls: 0.5 },
      writes: { calls: 1, byTime: 1, control: 1 },
    });
  });

  it('pays for a call that fails one write of it, one of the index of failures, and one of the state', async () => {
    const { world, poll } = await polledWorld('fails');
    world.server.put('a', { status: 'IN_PROGRESS' });
    await poll();
    units();
    world.server.put('a', { status: 'FAILED' });
    world.pass(60);
    await poll();

    const { writes } = units();
    expect(writes).toEqual({ calls: 1, failedByDay: 1, control: 1 });
  });
});

describe('a dispatch', () => {
  it('reads the states of two hundred connections for less than ten units, and their unchanged settings for half a one', async () => {
    const states = dynamoPollStates(client, 'control');
    const ids = Array.from({ length: 200 }, (_, at) => `clinic-${at}`);
    const state = { ...initialState(connection(), NOW), version: 1 };
    for (const id of ids) await states.save(id, state, '0123456789abcdef'.repeat(7));
    await applyConfig(client, 'control', {
      connections: ids.map((id) => ({ id, provider: 'hamsa', key: `secret:callwire/keys#${id}` })),
      destinations: [],
      routes: [],
    });
    const read = connectionsReader(client, 'control', () => NOW);
    await read();
    units();

    expect(await read()).toHaveLength(200);
    const again = units();
    expect(again).toEqual({ reads: { control: 0.5 }, writes: {} });
    expect((await loadPollStates(client, 'control')).size).toBeGreaterThanOrEqual(200);
    expect(units().reads.control).toBeLessThan(10);
  });
});

describe('a delivery', () => {
  function delivering() {
    const world = deliveryWorld({ everyMs: 1_000 });
    const stores = {
      store: dynamoDeliveries(client, 'deliveries'),
      paceBook: dynamoPaceBook(client, 'deliveries'),
    };
    Object.assign(world.deps, stores);
    return world;
  }

  it('costs a claim, its passage at a paced destination, and a receipt', async () => {
    const world = delivering();
    await world.deliver(world.messageOf('told'));

    expect(units()).toEqual({ reads: {}, writes: { deliveries: 3 } });
  });

  it('costs no claim where the receiver tells repeats apart', async () => {
    const world = delivering();
    Object.assign(world.deps.sender, { find: undefined });
    world.elapse(60_000);
    await world.deliver(world.messageOf('told-apart'));

    expect(units()).toEqual({ reads: { deliveries: 1 }, writes: { deliveries: 2 } });
  });

  it('that comes with nine others pays a write for all of their passages together', async () => {
    const book = dynamoPaceBook(client, 'deliveries');
    const passage = { key: 'crowd', everyMs: 500, now: NOW, withinMs: 2_000, hasTurn: false };
    const answers = await Promise.all(Array.from({ length: 10 }, () => book.pass(passage)));

    // Five pass within two seconds; the others know from that one write that they do not.
    expect(answers.filter((answer) => 'passAt' in answer)).toHaveLength(5);
    expect(units()).toEqual({ reads: {}, writes: { deliveries: 1 } });
  });
});
