import { SQSClient } from '@aws-sdk/client-sqs';
import { cached } from '../../cached.ts';
import { routeEnvSchema } from '../../config/env.ts';
import { destinationBaseSchema, routeSchema } from '../../config/settings.ts';
import { createLog } from '../../log.ts';
import type { TellDeps } from '../../routing/tell.ts';
import { SECOND_MS } from '../../time.ts';
import { CLIENT_OPTIONS, documentClient } from '../aws-clients.ts';
import { loadConfig } from '../dynamo-control.ts';
import { sendJson } from '../queues.ts';

/** A changed route is followed within this time. */
const CONFIG_TTL_MS = 30 * SECOND_MS;

export function routeDeps(env: NodeJS.ProcessEnv): TellDeps {
  const { CONTROL_TABLE, DELIVER_QUEUES } = routeEnvSchema.parse(env);
  const client = documentClient();
  const sqs = new SQSClient(CLIENT_OPTIONS);
  const now = () => new Date();
  const routes = async () => {
    const [list] = await loadConfig(client, CONTROL_TABLE, 'routes');
    return routeSchema.array().parse(list ?? []);
  };
  const kinds = async () => {
    const destinations = await loadConfig(client, CONTROL_TABLE, 'destinations');
    return new Map(
      destinations
        .map((written) => destinationBaseSchema.parse(written))
        .map(({ id, kind }) => [id, kind]),
    );
  };
  const kindsOf = cached(kinds, CONFIG_TTL_MS, now);
  return {
    routes: cached(routes, CONFIG_TTL_MS, now),
    kindOf: async (destination) => (await kindsOf()).get(destination),
    send: (kind, message) => {
      const queueUrl = DELIVER_QUEUES[kind];
      if (!queueUrl)
        throw new Error(`This deployment has no queue for destinations of kind ${kind}`);
      return sendJson(sqs, queueUrl, message);
    },
    log: createLog(),
  };
}
