import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { pollEnvSchema } from '../../config/env.ts';
import { createHttpClient } from '../../http.ts';
import { createCount, createLog, printLine } from '../../log.ts';
import type { TickDeps } from '../../polling/tick.ts';
import { CLIENT_OPTIONS, documentClient } from '../aws-clients.ts';
import { dynamoCalls } from '../dynamo-calls.ts';
import { dynamoPollStates, dynamoQuarantine } from '../dynamo-control.ts';
import { s3RawBucket } from '../s3-raw.ts';
import { secretReader } from '../secrets.ts';

export type PollFunctionDeps = Omit<TickDeps, 'deadline'>;

export function pollDeps(env: NodeJS.ProcessEnv): PollFunctionDeps {
  const { CALLS_TABLE, CONTROL_TABLE, RAW_BUCKET, LOG_LEVEL } = pollEnvSchema.parse(env);
  const client = documentClient();
  const raws = s3RawBucket(RAW_BUCKET);
  const now = () => new Date();
  return {
    calls: dynamoCalls(client, CALLS_TABLE),
    states: dynamoPollStates(client, CONTROL_TABLE),
    quarantine: dynamoQuarantine(client, CONTROL_TABLE, raws),
    raws,
    http: createHttpClient(now),
    now,
    random: Math.random,
    secret: secretReader(new SecretsManagerClient(CLIENT_OPTIONS), env, now),
    log: createLog(printLine, LOG_LEVEL),
    count: createCount(now),
  };
}
