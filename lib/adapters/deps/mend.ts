import { unreadableFields } from '../../calls/unreadable-item.ts';
import { mendEnvSchema } from '../../config/env.ts';
import { createCount } from '../../log.ts';
import type { MendDeps } from '../../proof/mend-gaps.ts';
import { documentClient } from '../aws-clients.ts';
import { dynamoNotices } from '../dynamo-calls.ts';
import { loadConfig, loadPollStates } from '../dynamo-control.ts';
import { dynamoGaps } from '../dynamo-gaps.ts';
import { proofReaders } from './proof.ts';
import { publishDeps } from './publish.ts';

export function mendDeps(env: NodeJS.ProcessEnv): MendDeps {
  const { CALLS_TABLE, CONTROL_TABLE, DELIVERIES_TABLE } = mendEnvSchema.parse(env);
  const client = documentClient();
  const now = () => new Date();
  const { bus, log } = publishDeps(env);
  const tables = { calls: CALLS_TABLE, control: CONTROL_TABLE, deliveries: DELIVERIES_TABLE };
  return {
    ...proofReaders(client, tables, now),
    ...dynamoGaps(client, tables, (error) =>
      log('error', 'a call cannot be read', unreadableFields(error)),
    ),
    connections: () => loadConfig(client, CONTROL_TABLE, 'connections'),
    states: () => loadPollStates(client, CONTROL_TABLE),
    announce: dynamoNotices(client, CALLS_TABLE),
    bus,
    now,
    log,
    count: createCount(now),
  };
}
