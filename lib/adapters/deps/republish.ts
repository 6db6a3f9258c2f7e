import { republishEnvSchema } from '../../config/env.ts';
import { documentClient } from '../aws-clients.ts';
import type { CallsItem } from '../call-item.ts';
import { keysOfFailedBatch, readCallsItems } from '../stream-records.ts';
import { publishDeps } from './publish.ts';

export function republishDeps(env: NodeJS.ProcessEnv) {
  const { CALLS_TABLE } = republishEnvSchema.parse(env);
  const client = documentClient();
  return {
    ...publishDeps(env),
    /** The items, as they are now, that a batch was about which Lambda gave up on. */
    itemsOf: async (failedBatch: unknown): Promise<CallsItem[]> =>
      readCallsItems(client, CALLS_TABLE, await keysOfFailedBatch(failedBatch)),
  };
}
