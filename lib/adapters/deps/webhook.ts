import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { cachedByKey } from '../../cached.ts';
import { webhookEnvSchema } from '../../config/env.ts';
import { connectionSchema } from '../../config/settings.ts';
import { createCount, createLog, printLine } from '../../log.ts';
import { providerById } from '../../providers/index.ts';
import { MINUTE_MS } from '../../time.ts';
import { pollAtOnce } from '../../webhooks/poll-at-once.ts';
import type { Target } from '../../webhooks/ports.ts';
import type { TakeDeps } from '../../webhooks/take-webhook.ts';
import { CLIENT_OPTIONS, documentClient } from '../aws-clients.ts';
import { dynamoCalls } from '../dynamo-calls.ts';
import { loadConnection } from '../dynamo-ranges.ts';
import { dynamoHintWindows, dynamoUnattributed, loadBaseline } from '../dynamo-webhooks.ts';
import { sendJson } from '../queues.ts';
import { s3RawBucket } from '../s3-raw.ts';
import { secretReader } from '../secrets.ts';

/** A changed connection is followed within this time. */
const CONFIG_TTL_MS = MINUTE_MS;

async function loadTarget(
  client: DynamoDBDocumentClient,
  table: string,
  id: string,
): Promise<Target | undefined> {
  const written = await loadConnection(client, table, id);
  if (written === undefined) return undefined;
  const settings = connectionSchema.parse(written);
  if (!settings.webhook) return undefined;
  return { settings, provider: providerById(settings.provider), written };
}

export function webhookDeps(env: NodeJS.ProcessEnv): TakeDeps {
  const { CALLS_TABLE, CONTROL_TABLE, RAW_BUCKET, POLL_QUEUE_URL, DEPLOYMENT, LOG_LEVEL } =
    webhookEnvSchema.parse(env);
  const client = documentClient();
  const sqs = new SQSClient(CLIENT_OPTIONS);
  const raws = s3RawBucket(RAW_BUCKET);
  const now = () => new Date();
  const hints = {
    windows: dynamoHintWindows(client, CONTROL_TABLE),
    sendTick: (tick: unknown, options: { delaySeconds: number; group: string }) =>
      sendJson(sqs, POLL_QUEUE_URL, tick, options),
    now,
  };
  return {
    ...hints,
    deployment: DEPLOYMENT,
    target: cachedByKey((id) => loadTarget(client, CONTROL_TABLE, id), CONFIG_TTL_MS, now),
    baselineOf: cachedByKey((id) => loadBaseline(client, CONTROL_TABLE, id), CONFIG_TTL_MS, now),
    secret: secretReader(new SecretsManagerClient(CLIENT_OPTIONS), env, now),
    calls: dynamoCalls(client, CALLS_TABLE),
    raws,
    unattributed: dynamoUnattributed(client, CONTROL_TABLE, raws),
    pollAtOnce: pollAtOnce(hints),
    log: createLog(printLine, LOG_LEVEL),
    count: createCount(now),
  };
}
