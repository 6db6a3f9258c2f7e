import { loadConfig } from '../adapters/dynamo-control.ts';
import { dynamoErasure } from '../adapters/dynamo-erasure.ts';
import { loadSilences } from '../adapters/dynamo-silences.ts';
import { s3Objects } from '../adapters/s3-objects.ts';
import type { ErasureStores } from '../erasure/ports.ts';
import { type Erased, eraseRows } from '../local/erase-rows.ts';
import { dataFile } from './data-folder.ts';
import { locateStores, type Place, placeAtRest, type Stores, takeStores } from './locate.ts';

/** Everything that is kept of a system, to be erased; nothing runs because of that. */
export interface ReachedErasure {
  readonly stores: ErasureStores;
  configured(heading: 'connections' | 'destinations' | 'routes'): Promise<readonly unknown[]>;
  silences(): Promise<readonly unknown[]>;
  readonly state: Stores['state'];
  /**
   * Ends it, and erases what only the file of the local system has.
   *
   * @returns how many messages of its queues that were
   */
  finish(erased: Erased): Promise<{ readonly messages: number }>;
  close(): Promise<void>;
}

/** @throws UserError when there is no such system */
export async function reachErasure(place: Place): Promise<ReachedErasure> {
  // What is at rest stays so: a system that started now would write what is being erased.
  const { stores: located, release } = placeAtRest(place)
    ? await takeStores(place)
    : { stores: await locateStores(place), release: () => {} };
  let isOpen = true;
  const end = async () => {
    if (isOpen) await located.close();
    isOpen = false;
  };
  return {
    ...(await erasureIn(located)),
    state: located.state,
    finish: async (erased) => {
      if (located.state === 'aws') return { messages: 0 };
      const rewrite = located.state === 'at rest';
      if (rewrite) await end();
      return eraseRows(dataFile(place.data), erased, { rewrite });
    },
    close: async () => {
      await end();
      release();
    },
  };
}

async function erasureIn({ tables, objects, output }: Stores) {
  const [calls, control] = [await output('CallsTableName'), await output('ControlTableName')];
  const deliveries = await output('DeliveriesTableName');
  const bucket = s3Objects(objects, await output('RawBucketName'));
  return {
    stores: dynamoErasure(tables, { calls, control, deliveries }, bucket),
    configured: (heading: 'connections' | 'destinations' | 'routes') =>
      loadConfig(tables, control, heading),
    silences: () => loadSilences(tables, control),
  };
}
