import { setTimeout as wait } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { publishEnvSchema } from '../../config/env.ts';
import { createLog } from '../../log.ts';
import { CLIENT_OPTIONS } from '../aws-clients.ts';
import { eventBridge } from '../event-bridge.ts';

export function publishDeps(env: NodeJS.ProcessEnv) {
  const { BUS_NAME } = publishEnvSchema.parse(env);
  return {
    bus: eventBridge(new EventBridgeClient(CLIENT_OPTIONS), BUS_NAME, wait),
    log: createLog(),
  };
}
