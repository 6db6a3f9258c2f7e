import type { Outcome } from '../calls/call.ts';
import { maskNumber, maskNumbers } from '../calls/mask-number.ts';
import { createdAt, type StoredCall } from '../calls/version.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import { normalizePhone } from '../phone.ts';
import { connectionIds } from '../records/connection-health.ts';
import type { Records } from '../records/records.ts';
import { firstCalls } from '../records/select-calls.ts';
import { addMs, DAY_MS, SECOND_MS } from '../time.ts';
import { inWords as lengthInWords } from './backfill-report.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import { type Place, withLocated } from './locate.ts';
import { reachRecords } from './reach-records.ts';
import { tableLines } from './table.ts';
import { asOneLine, inWords } from './telling.ts';

export interface CallsOptions extends Place {
  readonly connection?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly outcome?: Outcome | undefined;
  readonly reason?: string | undefined;
  readonly number?: string | undefined;
  readonly limit: number;
  /** Numbers are shown whole. */
  readonly numbers: boolean;
  readonly json: boolean;
}

/** The range that is meant: the last day, where nobody says. */
export function rangeOf({ from, to }: Pick<CallsOptions, 'from' | 'to'>): { from: Date; to: Date } {
  const now = new Date();
  // A clock of a provider's may be ahead of ours.
  const end = to ?? addMs(now, DAY_MS);
  const begin = from ?? addMs(to ?? now, -DAY_MS);
  if (begin < end) return { from: begin, to: end };
  throw new UserError('--from is not before --to: no call can be in between.');
}

/** The connections whose calls are meant. @throws UserError when there is no such one */
export async function connectionsOf(
  records: Records,
  connection: string | undefined,
): Promise<readonly string[]> {
  const connections = await connectionIds(records);
  if (connection === undefined) return connections;
  if (connections.includes(connection)) return [connection];
  throw new UserError(
    `There is no connection ${asOneLine(connection)} there, but ${connections.join(', ') || 'none'}.`,
  );
}

/** Every way in which connections may have read a number that somebody writes. */
function readingsOf(written: string, connections: readonly ConnectionSettings[]): string[] {
  const regions = new Set([undefined, ...connections.map(({ phoneRegion }) => phoneRegion)]);
  return [...regions].flatMap((region) => normalizePhone(written, region) ?? []);
}

const HEAD = ['CREATED', 'CALL', 'OUTCOME', 'WHY', 'LENGTH', 'NUMBER', 'AGENT'];

function rowOf(stored: StoredCall, numbers: boolean): string[] {
  const { call, silent } = stored;
  const { connection, id, outcome, reason, durationSeconds, contactNumber, agent } = call;
  const number = contactNumber && (numbers ? contactNumber : maskNumber(contactNumber));
  return [
    `${createdAt(stored).slice(0, 19)}Z`,
    `${connection}/${asOneLine(id)}`,
    `${outcome}${silent ? ', silent' : ''}`,
    inWords(reason ?? ''),
    durationSeconds === null ? '' : lengthInWords(durationSeconds * SECOND_MS),
    asOneLine(number ?? ''),
    asOneLine(agent.name ?? agent.id ?? ''),
  ];
}

/** One call in what `calls` prints with `--json`. */
const listed = (
  { call, firstSeenAt, recordedAt, revision, silent }: StoredCall,
  numbers: boolean,
) => ({
  ...(numbers ? call : maskNumbers(call)),
  ...{ firstSeenAt, recordedAt, revision, silent },
});

/** Lists calls, the newest first. Returns the exit status. */
export async function calls(options: CallsOptions): Promise<number> {
  const { connection, outcome, reason, number, limit, numbers, json } = options;
  const range = rangeOf(options);
  return withLocated(reachRecords(options), async (reached) => {
    const { records } = reached;
    const connections = await connectionsOf(records, connection);
    const settings = await records.connections();
    const readings =
      number === undefined
        ? undefined
        : readingsOf(
            number,
            settings.filter(({ id }) => connections.includes(id)),
          );
    const filter = { ...range, connections, outcome, reason, numbers: readings };
    const found = await firstCalls(records, filter, limit);
    const unreadable = reached.unreadable();
    if (json) {
      const shown = found.calls.map((stored) => listed(stored, numbers));
      console.log(JSON.stringify({ calls: shown, more: found.more, unreadable }));
    } else if (found.calls.length === 0) {
      console.log(`No such call was created since ${range.from.toISOString()}.`);
    } else {
      console.log(
        tableLines(
          HEAD,
          found.calls.map((stored) => rowOf(stored, numbers)),
        ).join('\n'),
      );
      if (found.more) console.error(`There are more: --limit ${2 * limit}, or a shorter range.`);
    }
    return unreadable === 0 ? EXIT.allIsWell : EXIT.needsALook;
  });
}
