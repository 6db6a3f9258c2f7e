import { SQSClient } from '@aws-sdk/client-sqs';
import { dispatchEnvSchema } from '../../config/env.ts';
import { createCount, createLog } from '../../log.ts';
import type { DispatchDeps } from '../../polling/dispatch-polls.ts';
import { CLIENT_OPTIONS, documentClient } from '../aws-clients.ts';
import { connectionsReader } from '../config-revision.ts';
import { loadPollStates } from '../dynamo-control.ts';
import { sendJsonBatch } from '../queues.ts';

export function dispatchDeps(env: NodeJS.ProcessEnv): DispatchDeps {
  const { CONTROL_TABLE, POLL_QUEUE_URL, SWEEP_QUEUE_URL } = dispatchEnvSchema.parse(env);
  const client = documentClient();
  const sqs = new SQSClient(CLIENT_OPTIONS);
  const now = () => new Date();
  return {
    connections: connectionsReader(client, CONTROL_TABLE, now),
    states: () => loadPollStates(client, CONTROL_TABLE),
    send: (ticks) =>
      sendJsonBatch(
        sqs,
        POLL_QUEUE_URL,
        ticks.map(({ tick, ...options }) => ({ message: tick, ...options })),
      ),
    sendSweeps: (sweeps) => sendJsonBatch(sqs, SWEEP_QUEUE_URL, sweeps),
    now,
    log: createLog(),
    count: createCount(now),
  };
}
