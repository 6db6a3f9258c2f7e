import { unreadableFields } from '../../calls/unreadable-item.ts';
import { republishEnvSchema } from '../../config/env.ts';
import { documentClient } from '../aws-clients.ts';
import type { CallsItem } from '../call-item.ts';
import { keysOfFailedBatch, readCallsItems } from '../stream-records.ts';
import { publishDeps } from './publish.ts';

export function republishDeps(env: NodeJS.ProcessEnv) {
  const { CALLS_TABLE } = republishEnvSchema.parse(env);
  const client = documentClient();
  const deps = publishDeps(env);
  return {
    ...deps,
    /** The items, as they are now, that a batch was about which Lambda gave up on; and how many cannot be read. */
    itemsOf: async (failedBatch: unknown): Promise<{ items: CallsItem[]; unreadable: number }> => {
      const keys = await keysOfFailedBatch(failedBatch);
      let unreadable = 0;
      const items = await readCallsItems(client, CALLS_TABLE, keys, (error) => {
        unreadable += 1;
        deps.log('error', 'a call cannot be read', unreadableFields(error));
      });
      return { items, unreadable };
    },
  };
}
