import type { CanaryDeps } from '../../canary/send-canary.ts';
import { canaryEnvSchema } from '../../config/env.ts';
import { createLog } from '../../log.ts';
import { documentClient } from '../aws-clients.ts';
import { dynamoCanaries } from '../dynamo-canaries.ts';

export function canaryDeps(env: NodeJS.ProcessEnv): CanaryDeps {
  const { CALLS_TABLE, CONTROL_TABLE, DELIVERIES_TABLE } = canaryEnvSchema.parse(env);
  return {
    ...dynamoCanaries(documentClient(), {
      calls: CALLS_TABLE,
      control: CONTROL_TABLE,
      deliveries: DELIVERIES_TABLE,
    }),
    now: () => new Date(),
    log: createLog(),
  };
}
