import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { cached } from '../../cached.ts';
import { CANARY_DESTINATION } from '../../canary/canary.ts';
import { deliverEnvSchema } from '../../config/env.ts';
import { type DestinationSettings, destinationBaseSchema } from '../../config/settings.ts';
import { watchBreakers } from '../../delivery/breaker-book.ts';
import type { DeliverDeps } from '../../delivery/deliver-deps.ts';
import type { Sender } from '../../destinations/destination.ts';
import { createCount, createLog } from '../../log.ts';
import { type Clock, SECOND_MS } from '../../time.ts';
import { CLIENT_OPTIONS, documentClient } from '../aws-clients.ts';
import { dynamoBreakers } from '../dynamo-breakers.ts';
import { loadConfig } from '../dynamo-control.ts';
import { dynamoDeliveries } from '../dynamo-deliveries.ts';
import { dynamoIncidents } from '../dynamo-incidents.ts';
import { dynamoPaceBook } from '../dynamo-pace.ts';
import { queuesByKind } from '../queues.ts';
import { secretReader } from '../secrets.ts';

/** A changed destination is used within this time, and before a delivery is given up for its settings. */
const CONFIG_TTL_MS = 30 * SECOND_MS;

export const loadDestinations = async (
  client: DynamoDBDocumentClient,
  table: string,
): Promise<DestinationSettings[]> =>
  destinationBaseSchema.array().parse(await loadConfig(client, table, 'destinations'));

/** In no configuration, and in every deployment. */
const NULL_DESTINATION: DestinationSettings = { id: CANARY_DESTINATION, kind: CANARY_DESTINATION };

export function settingsIn(
  client: DynamoDBDocumentClient,
  table: string,
  now: Clock,
): DeliverDeps['settingsOf'] {
  const load = async () =>
    new Map(
      [NULL_DESTINATION, ...(await loadDestinations(client, table))].map((each) => [each.id, each]),
    );
  const settings = cached(load, CONFIG_TTL_MS, now);
  return async (destination, freshness) => (await settings(freshness)).get(destination);
}

/** What delivering to one kind of destination needs; `sender` is the kind's own. */
export function deliverDeps(env: NodeJS.ProcessEnv, sender: Sender): DeliverDeps {
  const { CONTROL_TABLE, DELIVERIES_TABLE, DELIVER_QUEUES } = deliverEnvSchema.parse(env);
  const client = documentClient();
  const sqs = new SQSClient(CLIENT_OPTIONS);
  const now = () => new Date();
  const count = createCount(now);
  const queueOf = queuesByKind(sqs, DELIVER_QUEUES);
  const { kind } = sender.definition;
  const queue = queueOf(kind);
  if (queue === undefined) throw new Error(`DELIVER_QUEUES has no queue for kind ${kind}`);
  return {
    store: dynamoDeliveries(client, DELIVERIES_TABLE),
    paceBook: dynamoPaceBook(client, DELIVERIES_TABLE),
    breakers: watchBreakers(dynamoBreakers(client, DELIVERIES_TABLE), now),
    incidents: dynamoIncidents(client, DELIVERIES_TABLE),
    sender,
    queue,
    queueOf,
    settingsOf: settingsIn(client, CONTROL_TABLE, now),
    secretOf: secretReader(new SecretsManagerClient(CLIENT_OPTIONS), env, now),
    now,
    sleep: async (ms) => {
      await sleep(ms);
    },
    random: Math.random,
    log: createLog(),
    count: (metric) => count(metric, 1),
  };
}
