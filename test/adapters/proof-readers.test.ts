import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyConfig } from '../../lib/adapters/apply-config.ts';
import { proofReaders } from '../../lib/adapters/deps/proof.ts';
import { dynamoDeliveries } from '../../lib/adapters/dynamo-deliveries.ts';
import { openDatabase } from '../../lib/local/database.ts';
import type { Consumption } from '../../lib/local/dynamodb/capacity.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { serve } from '../local/dynamodb/embedded.ts';
import { controlTable } from '../support/control-table.ts';
import { deliveriesTable } from '../support/deliveries-table.ts';
import { LOCAL } from '../support/sdk.ts';

const [FIRST, SECOND] = ['2026-01-31T09:00:00.000Z', '2026-01-31T10:00:00.000Z'] as const;

describe('what a proof reads', () => {
  const db = openDatabase(':memory:');
  const consumed: Consumption[] = [];
  const service = createDynamoService(
    { db, now: Date.now },
    { onConsumed: (one) => consumed.push(one) },
  );
  const tables = { control: controlTable.name, deliveries: deliveriesTable.name };
  let served: Awaited<ReturnType<typeof serve>>;
  let client: DynamoDBDocumentClient;

  beforeAll(async () => {
    served = await serve(service);
    for (const table of [controlTable, deliveriesTable]) service.createTable(table);
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ ...LOCAL, endpoint: served.endpoint }),
      { marshallOptions: { removeUndefinedValues: true } },
    );
  });
  afterAll(() => {
    client.destroy();
    served.stop();
    db.close();
  });

  it('is the routes, and since when they are as they are, whatever else was applied', async () => {
    let time = Date.parse(FIRST);
    const { routing } = proofReaders(client, tables, () => new Date(time));
    const ops = { id: 'ops', kind: 'slack', channel: '#ops' };
    const config = { connections: [], destinations: [ops], routes: [{ id: 'all', to: ['ops'] }] };
    const apply = (now: string, change: Partial<typeof config> = {}) =>
      applyConfig(client, tables.control, { ...config, ...change }, { now: new Date(now) });

    await apply(FIRST);
    expect(await routing()).toMatchObject({ routes: [{ id: 'all' }], routesSince: FIRST });

    await apply(SECOND, { destinations: [{ ...ops, channel: '#else' }] });
    time += MINUTE_MS;
    expect(await routing()).toMatchObject({ routesSince: FIRST });

    await apply(SECOND, { routes: [{ id: 'none', to: [] }] });
    time += MINUTE_MS;
    expect(await routing()).toMatchObject({ routes: [{ id: 'none' }], routesSince: SECOND });
  });

  it('is the deliveries that there are, half a unit each', async () => {
    const { deliveries } = proofReaders(client, tables, () => new Date(FIRST));
    const keyOf = (eventId: string) => ({ subject: 'clinic#a', destination: 'ops', eventId });
    const row = {
      ...{ type: 'call.failed' as const, createdAt: FIRST, attempts: 1, failures: 0, heldMs: 0 },
      ...{ state: 'delivered' as const, lease: 'one', claimedAt: FIRST, leaseUntil: FIRST },
    };
    await dynamoDeliveries(client, tables.deliveries).save(
      { ...keyOf('there'), ...row },
      new Date(FIRST),
    );
    consumed.length = 0;

    expect(await deliveries([keyOf('there'), keyOf('not there')])).toEqual([
      { ...keyOf('there'), state: 'delivered' },
    ]);
    expect(consumed.map(({ kind, tableUnits }) => [kind, tableUnits])).toEqual([['read', 1]]);
  });
});
