import { statusOf } from '../records/status.ts';
import { orWithFix } from './aws-trouble.ts';
import { connectionsOf } from './calls.ts';
import { EXIT } from './exit-status.ts';
import type { Place } from './locate.ts';
import { reachRecords } from './reach-records.ts';
import { statusLines } from './status-words.ts';
import { unreadableLine } from './unreadable.ts';

export interface StatusOptions extends Place {
  readonly connection?: string | undefined;
  readonly json: boolean;
}

const STOPPED =
  'But nothing runs on this data now: this is how it was left. `callwire run` goes on from there.';

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
    // What is read of a folder may be of a system that stopped long ago.
    const { running } = reached;
    const lines = [...statusLines(found), ...(running ? [] : [STOPPED])];
    const unreadable = reached.unreadable();
    console.log(
      json
        ? JSON.stringify({ ...found, unreadable, running })
        : [...lines, ...unreadableLine(unreadable)].join('\n'),
    );
    return found.ok && unreadable === 0 ? EXIT.allIsWell : EXIT.needsALook;
  } finally {
    await reached.close();
  }
}
