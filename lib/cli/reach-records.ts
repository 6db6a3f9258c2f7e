import { dynamoRecords } from '../adapters/dynamo-records.ts';
import { s3ReadObject } from '../adapters/s3-raw.ts';
import type { Records } from '../records/records.ts';
import { locateStores, type Place, type Stores } from './locate.ts';
import { namingUnreadable } from './unreadable.ts';

/** The records of a system, wherever it runs, and also where it does not. */
export interface ReachedRecords {
  readonly records: Records;
  /** False: they lie at rest, as whoever ran last has left them. */
  readonly running: boolean;
  /** How many items could not be read, and so are in no answer; each is named on stderr. */
  unreadable(): number;
  close(): Promise<void>;
}

/** @throws UserError when there is no such system */
export const reachRecords = async (place: Place): Promise<ReachedRecords> =>
  recordsIn(await locateStores(place));

/** The records in these stores, which are closed with them. */
export async function recordsIn({
  state,
  tables,
  objects,
  output,
  close,
}: Stores): Promise<ReachedRecords> {
  const { onUnreadable, unreadable } = namingUnreadable();
  const records = dynamoRecords(
    tables,
    {
      calls: await output('CallsTableName'),
      control: await output('ControlTableName'),
      deliveries: await output('DeliveriesTableName'),
    },
    {
      readObject: s3ReadObject(await output('RawBucketName'), objects),
      onUnreadable,
    },
  );
  return { records, running: state !== 'at rest', unreadable, close };
}
