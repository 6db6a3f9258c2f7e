import { statusOf } from '../records/status.ts';
import { orWithFix } from './aws-trouble.ts';
import { connectionsOf } from './calls.ts';
import { EXIT } from './exit-status.ts';
import { type RecordsPlace, reachRecords } from './reach-records.ts';
import { statusLines } from './status-words.ts';

export interface StatusOptions extends RecordsPlace {
  readonly connection?: string | undefined;
  readonly json: boolean;
}

/** Says how connections and destinations do. Returns the exit status. */
export async function status(options: StatusOptions): Promise<number> {
  const { connection, json } = options;
  const reached = await orWithFix(reachRecords(options));
  try {
    const { records } = reached;
    const only =
      connection === undefined
        ? undefined
        : new Set(await orWithFix(connectionsOf(records, connection)));
    const found = await orWithFix(statusOf(records, new Date(), only));
    console.log(json ? JSON.stringify(found) : statusLines(found).join('\n'));
    return found.ok ? EXIT.allIsWell : EXIT.needsALook;
  } finally {
    await reached.close();
  }
}
