/**
 * How a backfill compares with a bare loop of the same conditional writes on the same store, and how much
 * more memory ten times the calls take.
 *
 * `node test/bench/backfill.ts [--calls 100000] [--json]`. Ends with status 1 when a limit is passed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Addresses, WorkerOrder, WorkerReport } from './backfill-world.ts';

const MAX_GROWTH_MB = 40;
const MIN_RATIO = 0.8;

/** Enough of them to compare throughput. */
const COMPARED = 20_000;

/** The first slices find code that was never run; of a hundred thousand calls they are nothing. */
const WARM_UP_SLICES = 3;

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '100000' }, json: { type: 'boolean' } },
});
const calls = Number(values.calls);
if (!Number.isInteger(calls) || calls < 1_000) {
  console.error('Write a whole number of at least 1000 after --calls.');
  process.exit(2);
}

const round = (value: number): number => Math.round(value * 100) / 100;

function begin(script: string, ...args: string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, script), args, { execArgv: [] });
  child.once('exit', (status) => {
    // Nobody else would say what went wrong.
    if (status) process.exit(status);
  });
  return child;
}

const folder = mkdtempSync(join(tmpdir(), 'callwire-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const services = begin('backfill-services.ts', join(folder, 'data.db'), String(calls));
const [addresses]: [Addresses] = (await once(services, 'message')) as [Addresses];

async function work(what: Omit<WorkerOrder, keyof Addresses>): Promise<WorkerReport> {
  process.stderr.write(`${what.calls} calls${what.bare ? ', in turn with bare writes' : ''} …\n`);
  const worker = begin('backfill-worker.ts', JSON.stringify({ ...addresses, ...what }));
  const [report]: [WorkerReport] = (await once(worker, 'message')) as [WorkerReport];
  return report;
}

const few = Math.round(calls / 10);
const small = await work({ calls: few, bare: false, connection: 'few' });
const large = await work({ calls, bare: false, connection: 'many' });
const comparedCalls = Math.min(calls, COMPARED);
const compared = await work({ calls: comparedCalls, bare: true, connection: 'compared' });
services.disconnect();

// The median: a burst of something else on this machine falls on one of the two, in a slice or two.
const ratios = compared.slices
  .slice(WARM_UP_SLICES)
  .map(({ backfillMs, bareMs }) => bareMs / backfillMs)
  .toSorted((a, b) => a - b);
const ratio = ratios[ratios.length >> 1] ?? Number.NaN;

const result = {
  calls,
  memoryGrowthMb: round(large.peakMb - small.peakMb),
  ratioToBareWrites: round(ratio),
  ratios: { slices: ratios.length, least: round(ratios[0] ?? 0), most: round(ratios.at(-1) ?? 0) },
  peakMb: { [few]: round(small.peakMb), [calls]: round(large.peakMb) },
  callsPerSecond: Math.round(calls / large.seconds),
  requests: large.requests,
};
if (values.json) console.log(JSON.stringify(result));
else console.log(result);

if (result.memoryGrowthMb >= MAX_GROWTH_MB) {
  console.error(`Memory grew by ${result.memoryGrowthMb} MB; the limit is ${MAX_GROWTH_MB}`);
  process.exitCode = 1;
}
if (!(result.ratioToBareWrites >= MIN_RATIO)) {
  console.error(
    `Throughput is ${result.ratioToBareWrites} of bare writes; the limit is ${MIN_RATIO}`,
  );
  process.exitCode = 1;
}
