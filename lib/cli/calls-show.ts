import { maskNumbers, maskNumbersIn, numbersOf } from '../calls/mask-number.ts';
import type { StoredCall } from '../calls/version.ts';
import { readTraceWorld } from '../records/read-trace.ts';
import type { Records } from '../records/records.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import { type Place, withLocated } from './locate.ts';
import { reachRecords } from './reach-records.ts';
import { safeJson } from './safe-json.ts';
import { asOneLine } from './telling.ts';
import { meantCall } from './trace.ts';

export interface CallsShowOptions extends Place {
  /** `<connection>/<id>`, or an id alone. */
  readonly call: string;
  readonly raw: boolean;
  readonly numbers: boolean;
  readonly json: boolean;
}

/** All that is kept of a call, but for what only the program needs. */
async function recordOf(
  records: Records,
  stored: StoredCall,
  { raw, numbers }: CallsShowOptions,
): Promise<unknown> {
  const { call, raw: _where, rowPrint: _print, ...about } = stored;
  const sent = raw ? ((await records.rawOf(stored)) ?? null) : null;
  return {
    call: numbers ? call : maskNumbers(call),
    ...about,
    ...(raw && { raw: numbers ? sent : maskNumbersIn(sent, numbersOf(call)) }),
  };
}

/** Shows one record in full. Returns the exit status. */
export async function callsShow(options: CallsShowOptions): Promise<number> {
  return withLocated(reachRecords(options), async ({ records }) => {
    const world = await readTraceWorld(records);
    const key = await meantCall(records, options.call, world);
    const stored = await records.call(key.connection, key.id);
    if (!stored) {
      throw new UserError(
        `No such call is stored: callwire trace ${key.connection}/${asOneLine(key.id)} says what is known.`,
      );
    }
    const record = await recordOf(records, stored, options);
    console.log(options.json ? JSON.stringify(record) : safeJson(record));
    return EXIT.allIsWell;
  });
}
