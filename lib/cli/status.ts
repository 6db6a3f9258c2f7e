import { statusOf } from '../records/status.ts';
import { connectionsOf } from './calls.ts';
import { EXIT } from './exit-status.ts';
import { type Place, withLocated } from './locate.ts';
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
  return withLocated(reachRecords(options), async (reached) => {
    const { records } = reached;
    const only =
      connection === undefined ? undefined : new Set(await connectionsOf(records, connection));
    const found = await statusOf(records, new Date(), only);
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
  });
}
