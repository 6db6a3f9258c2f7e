import { isFinal, type Outcome } from '../calls/call.ts';
import { createdAt, type StoredCall } from '../calls/version.ts';
import { eachLimited } from '../each-limited.ts';
import type { CallRange, Records } from '../records/records.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.ts';
import type { Bar, ChartsAnswer } from './answers.ts';

/** Of a bar with more calls, the newest so many are read; how many there are is counted by their keys. */
const PER_BAR = 50;

/** So many failures are read for their reasons. */
const MAX_FAILURES = 500;

const BARS_AT_ONCE = 4;

const MAX_BARS = 31;

const STEPS_MS = [1, 2, 5, 15, 30]
  .map((minutes) => minutes * MINUTE_MS)
  .concat([1, 2, 6, 12].map((hours) => hours * HOUR_MS))
  .concat([1, 7, 30].map((days) => days * DAY_MS));

/** The range in pieces that begin at whole minutes, hours or days, in UTC; the first and the last may be cut. */
export function piecesOf({ connections, from, to }: CallRange): CallRange[] {
  const span = to.getTime() - from.getTime();
  const step = STEPS_MS.find((ms) => span / ms < MAX_BARS) ?? Math.ceil(span / (MAX_BARS - 1));
  const first = Math.floor(from.getTime() / step);
  const count = Math.ceil(to.getTime() / step) - first;
  return Array.from({ length: count }, (_, index) => ({
    connections,
    from: new Date(Math.max(from.getTime(), (first + index) * step)),
    to: new Date(Math.min(to.getTime(), (first + index + 1) * step)),
  }));
}

/** The newest calls of a list, up to so many, and whether those were all. */
async function newest(pages: AsyncGenerator<readonly StoredCall[]>, limit: number) {
  const calls: StoredCall[] = [];
  for await (const page of pages) {
    calls.push(...page);
    if (calls.length > limit) return { calls: calls.slice(0, limit), all: false };
  }
  return { calls, all: true };
}

/** Nearest rank, of values in order. */
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;

/** From the end of calls until they were recorded. Of those that changed later, that is not kept. */
function freshness(calls: readonly StoredCall[]): Bar['freshMs'] {
  const sorted = calls
    .flatMap(({ call, revision, silent, recordedAt }) =>
      isFinal(call) && revision === 1 && !silent && call.endedAt !== null
        ? Math.max(0, Date.parse(recordedAt) - Date.parse(call.endedAt))
        : [],
    )
    .sort((a, b) => a - b);
  return sorted.length === 0 ? null : { p50: at(sorted, 0.5), p90: at(sorted, 0.9) };
}

async function barOf(records: Records, range: CallRange): Promise<Bar> {
  const { calls, all } = await newest(records.calls(range), PER_BAR);
  const total = all ? calls.length : Math.max(calls.length, await records.countCalls(range));
  const share = (outcome: Outcome): number =>
    calls.filter(({ call }) => call.outcome === outcome).length / Math.max(1, calls.length);
  const failed = Math.round(share('failed') * total);
  const open = Math.min(total - failed, Math.round(share('open') * total));
  return {
    from: range.from.toISOString(),
    to: range.to.toISOString(),
    total,
    outcomes: { completed: total - failed - open, failed, open },
    estimated: !all,
    freshMs: freshness(calls),
  };
}

/** Counts calls over time. However many there are, no more is read than the limits say. */
export async function drawCharts(records: Records, range: CallRange): Promise<ChartsAnswer> {
  const pieces = piecesOf(range);
  const bars = new Map<CallRange, Bar>();
  const [failures] = await Promise.all([
    newest(records.failedCalls(range), MAX_FAILURES),
    eachLimited(pieces, BARS_AT_ONCE, async (piece) => {
      bars.set(piece, await barOf(records, piece));
    }),
  ]);
  const byReason = Map.groupBy(failures.calls, ({ call }) => call.reason ?? 'unknown');
  const oldest = failures.calls.at(-1);
  return {
    from: range.from.toISOString(),
    to: range.to.toISOString(),
    bars: pieces.flatMap((piece) => bars.get(piece) ?? []),
    reasons: [...byReason]
      .map(([reason, calls]) => ({ reason, count: calls.length }))
      .sort((a, b) => b.count - a.count),
    reasonsBackTo: failures.all || !oldest ? null : createdAt(oldest),
    limits: { perBar: PER_BAR, failures: MAX_FAILURES },
  };
}
