import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Cached, cached } from '../../cached.ts';
import { routeEnvSchema } from '../../config/env.ts';
import { destinationBaseSchema, routeSchema } from '../../config/settings.ts';
import { createLog } from '../../log.ts';
import type { Routing, TellDeps } from '../../routing/tell.ts';
import { type Clock, SECOND_MS } from '../../time.ts';
import { CLIENT_OPTIONS, documentClient } from '../aws-clients.ts';
import { loadConfig } from '../dynamo-control.ts';
import { loadSilences } from '../dynamo-silences.ts';
import { gatheringSender } from '../queues.ts';

/** A changed route, or a silence, is followed within this time. */
const CONFIG_TTL_MS = 30 * SECOND_MS;

/** What routing reads of a destination; a fallback that is none is the delivery's affair. */
const routedSchema = destinationBaseSchema.extend({
  fallback: z.string().optional().catch(undefined),
});

/** Routes and destinations are read together, so that no route is older or newer than what it names. */
export function routingIn(
  client: DynamoDBDocumentClient,
  table: string,
  now: Clock,
): Cached<Routing> {
  const load = async () => {
    const [[list], destinations, silences] = await Promise.all([
      loadConfig(client, table, 'routes'),
      loadConfig(client, table, 'destinations'),
      loadSilences(client, table),
    ]);
    const parsed = destinations.map((written) => routedSchema.parse(written));
    return {
      routes: routeSchema.array().parse(list ?? []),
      kinds: new Map(parsed.map(({ id, kind }) => [id, kind])),
      silences,
      fallbacks: new Map(
        parsed.flatMap(({ id, fallback }) => (fallback === undefined ? [] : [[id, fallback]])),
      ),
    };
  };
  return cached(load, CONFIG_TTL_MS, now);
}

export function routeDeps(env: NodeJS.ProcessEnv): TellDeps {
  const { CONTROL_TABLE, DELIVER_QUEUES } = routeEnvSchema.parse(env);
  const sqs = new SQSClient(CLIENT_OPTIONS);
  const senders = new Map(
    Object.entries(DELIVER_QUEUES).map(([kind, url]) => [kind, gatheringSender(sqs, url)]),
  );
  const now = () => new Date();
  return {
    routing: routingIn(documentClient(), CONTROL_TABLE, now),
    now,
    log: createLog(),
    send: async (kind, message) => {
      const send = senders.get(kind);
      if (!send) throw new Error(`This deployment has no queue for destinations of kind ${kind}`);
      await send(message);
    },
  };
}
