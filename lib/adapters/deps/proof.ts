import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { cached } from '../../cached.ts';
import { deliverySchema } from '../../delivery/delivery.ts';
import type { ProofDeps } from '../../proof/judge-calls.ts';
import { type Clock, SECOND_MS } from '../../time.ts';
import { batchGet } from '../dynamo-calls.ts';
import { keyOf } from '../dynamo-deliveries.ts';
import { routingIn } from './route.ts';

/** One sweep after the other is proven by the same routes. */
const ROUTES_TTL_MS = 30 * SECOND_MS;

const datedSchema = z.object({ since: z.iso.datetime().nullable().default(null) });

const rowSchema = deliverySchema.pick({
  subject: true,
  destination: true,
  eventId: true,
  state: true,
});

/** Reads what a proof needs: routes and silences from the Control table, receipts from that of deliveries. */
export function proofReaders(
  client: DynamoDBDocumentClient,
  tables: { readonly control: string; readonly deliveries: string },
  now: Clock,
): Pick<ProofDeps, 'routing' | 'deliveries'> {
  const routing = routingIn(client, tables.control, now);
  const routesSince = async (): Promise<string | null> => {
    const key = { pk: 'config#routes', sk: 'routes' };
    const [item] = await batchGet(client, tables.control, [key], { consistent: false });
    return datedSchema.parse(item ?? {}).since;
  };
  return {
    routing: cached(
      async () => {
        const [current, since] = await Promise.all([routing(), routesSince()]);
        return { ...current, routesSince: since };
      },
      ROUTES_TTL_MS,
      now,
    ),
    deliveries: async (keys) => {
      const names = keys.map(keyOf);
      const items = await batchGet(client, tables.deliveries, names, { consistent: false });
      return items.map((item) => rowSchema.parse(item));
    },
  };
}
