import { setTimeout as sleep } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { sweepEnvSchema } from '../../config/env.ts';
import type { RangeDeps } from '../../ranges/ports.ts';
import { CLIENT_OPTIONS, documentClient } from '../aws-clients.ts';
import { dynamoRangeJobs, loadConnection } from '../dynamo-ranges.ts';
import { sendJson } from '../queues.ts';
import { pollDeps } from './poll.ts';
import { proofReaders } from './proof.ts';

export type SweepFunctionDeps = Omit<RangeDeps, 'deadline'>;

export function sweepDeps(env: NodeJS.ProcessEnv): SweepFunctionDeps {
  const { CONTROL_TABLE, DELIVERIES_TABLE, SWEEP_QUEUE_URL } = sweepEnvSchema.parse(env);
  const client = documentClient();
  const now = () => new Date();
  const sqs = new SQSClient(CLIENT_OPTIONS);
  return {
    ...pollDeps(env),
    jobs: dynamoRangeJobs(client, CONTROL_TABLE),
    connection: (id) => loadConnection(client, CONTROL_TABLE, id),
    send: (message, delayMs) =>
      sendJson(sqs, SWEEP_QUEUE_URL, message, {
        delaySeconds: Math.ceil(delayMs / 1000),
        group: message.connection,
      }),
    sleep,
    ...proofReaders(client, { control: CONTROL_TABLE, deliveries: DELIVERIES_TABLE }, now),
  };
}
