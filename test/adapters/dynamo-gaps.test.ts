import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoCalls } from '../../lib/adapters/dynamo-calls.ts';
import { dynamoGaps } from '../../lib/adapters/dynamo-gaps.ts';
import { type UnreadableItem, unreadableFields } from '../../lib/calls/unreadable-item.ts';
import { nextVersion } from '../../lib/calls/version.ts';
import { openDatabase } from '../../lib/local/database.ts';
import type { Consumption } from '../../lib/local/dynamodb/capacity.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { serve } from '../local/dynamodb/embedded.ts';
import { FAILED, look, policy } from '../support/calls.ts';
import { callsTable } from '../support/calls-table.ts';
import { controlTable } from '../support/control-table.ts';
import { LOCAL } from '../support/sdk.ts';

const [FROM, TO] = [new Date('2026-11-19T23:00:00.000Z'), new Date('2026-11-20T11:00:00.000Z')];

describe('calls that are looked at for gaps', () => {
  const db = openDatabase(':memory:');
  const consumed: Consumption[] = [];
  const service = createDynamoService(
    { db, now: Date.now },
    { onConsumed: (one) => consumed.push(one) },
  );
  const tables = { calls: callsTable.name, control: controlTable.name };
  const unreadable: UnreadableItem[] = [];
  let served: Awaited<ReturnType<typeof serve>>;
  let client: DynamoDBDocumentClient;
  let gaps: ReturnType<typeof dynamoGaps>;

  beforeAll(async () => {
    served = await serve(service);
    for (const table of [callsTable, controlTable]) service.createTable(table);
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ ...LOCAL, endpoint: served.endpoint }),
      { marshallOptions: { removeUndefinedValues: true } },
    );
    gaps = dynamoGaps(client, tables, (error) => unreadable.push(error));
    const store = dynamoCalls(client, tables.calls);
    for (let call = 0; call < 130; call += 1) {
      // Half of them on the day before, a few too late.
      const createdAt = new Date(FROM.getTime() + call * 360_000).toISOString();
      const stored = nextVersion(
        undefined,
        look(0, { id: `c${call}`, createdAt, ...FAILED }),
        policy(),
      );
      if (stored) await store.write(stored);
    }
  });
  afterAll(() => {
    client.destroy();
    served.stop();
    db.close();
  });

  it('are those that were created in the range, over midnight, for little more than half a unit each', async () => {
    consumed.length = 0;
    const ids: string[] = [];
    for await (const page of gaps.callsOf('clinic', { from: FROM, to: TO })) {
      ids.push(...page.map(({ call }) => call.id));
    }

    expect(ids.toSorted()).toEqual(Array.from({ length: 120 }, (_, call) => `c${call}`).toSorted());
    const units = consumed.reduce(
      (sum, { tableUnits, indexUnits }) => sum + tableUnits + (indexUnits.byTime ?? 0),
      0,
    );
    expect(units / ids.length).toBeLessThan(0.55);
  });

  it('are found by their names, but for what cannot be read, which is told', async () => {
    await client.send(
      new PutCommand({ TableName: tables.calls, Item: { pk: 'clinic#odd', call: 7 } }),
    );
    const named = ['c1', 'odd', 'nobody'].map((id) => ({
      ...{ connection: 'clinic', id, since: FROM.toISOString(), tries: 0, lackedBy: [] },
    }));

    expect((await gaps.callsNamed(named)).map(({ call }) => call.id)).toEqual(['c1']);
    expect(unreadable.map(unreadableFields)).toMatchObject([
      { connection: 'clinic', callId: 'odd', error: 'UnreadableItem' },
    ]);
  });

  it('are remembered', async () => {
    expect(await gaps.load()).toBeUndefined();
    const at = TO.toISOString();
    const memory = {
      at,
      again: [{ connection: 'clinic', id: 'c1', since: at, tries: 2, lackedBy: ['crm'] }],
      failing: { crm: at },
    };
    await gaps.save(memory);

    expect(await gaps.load()).toEqual(memory);
  });
});
