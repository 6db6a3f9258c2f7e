import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { maskNumbers } from '../calls/mask-number.ts';
import type { StoredCall } from '../calls/version.ts';
import { csvHead, csvLine } from '../records/csv.ts';
import type { Records } from '../records/records.ts';
import { type CallFilter, selectCalls } from '../records/select-calls.ts';
import { orWithFix } from './aws-trouble.ts';
import { connectionsOf, rangeOf } from './calls.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import type { Place } from './locate.ts';
import { reachRecords } from './reach-records.ts';
import { handleSignals } from './stopping.ts';

export interface ExportOptions extends Place {
  readonly format: 'jsonl' | 'csv';
  readonly from: Date;
  readonly to: Date;
  readonly connection?: string | undefined;
  readonly out?: string | undefined;
  readonly numbers: boolean;
  readonly json: boolean;
}

type Written = Pick<ExportOptions, 'format' | 'numbers'>;

/** Calls whose progress is told together. */
const TELL_EVERY = 1_000;

function jsonLine({ call, raw: _where, rowPrint: _print, ...about }: StoredCall): string {
  return `${JSON.stringify({ ...call, ...about })}\n`;
}

/** The lines of an export, one call at a time; counts them. */
async function* linesOf(
  records: Records,
  filter: CallFilter,
  { format, numbers }: Written,
  sum: { calls: number },
): AsyncGenerator<string> {
  if (format === 'csv') yield csvHead();
  for await (const stored of selectCalls(records, filter)) {
    const shown = numbers ? stored : { ...stored, call: maskNumbers(stored.call) };
    yield format === 'csv' ? csvLine(shown) : jsonLine(shown);
    sum.calls += 1;
    if (sum.calls % TELL_EVERY === 0) console.error(`${sum.calls} calls written`);
  }
}

/** Writes a file that is there as a whole or not at all; for its owner alone, since it tells of people. */
async function writeFile(lines: Readable, out: string, signal: AbortSignal): Promise<void> {
  if (!existsSync(dirname(out))) throw new UserError(`There is no folder ${dirname(out)}.`);
  const part = `${out}.${process.pid}.part`;
  try {
    await pipeline(lines, createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }), {
      signal,
    });
    await rename(part, out);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Writes out stored calls. Returns the exit status. */
export async function exportCalls(options: ExportOptions): Promise<number> {
  const { connection, out, json } = options;
  const range = rangeOf(options);
  const { untilTimeOrSignal } = handleSignals();
  const stop = new AbortController();
  const reached = await orWithFix(reachRecords(options));
  void untilTimeOrSignal(undefined).then(() => stop.abort());
  const sum = { calls: 0 };
  try {
    const { records } = reached;
    const connections = await orWithFix(connectionsOf(records, connection));
    const lines = Readable.from(linesOf(records, { ...range, connections }, options, sum));
    await orWithFix(
      out === undefined
        ? pipeline(lines, process.stdout, { signal: stop.signal, end: false })
        : writeFile(lines, out, stop.signal),
    );
    const unreadable = reached.unreadable();
    if (unreadable > 0) console.error(`${unreadable} items cannot be read, and are left out.`);
    if (out !== undefined && json) console.log(JSON.stringify({ ...sum, unreadable, file: out }));
    else console.error(`${sum.calls} calls${out === undefined ? '' : ` in ${out}`}.`);
    return unreadable === 0 ? EXIT.allIsWell : EXIT.needsALook;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error('Stopped: nothing was kept of it.');
    return EXIT.interrupted;
  } finally {
    await reached.close();
  }
}
