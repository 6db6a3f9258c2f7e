/**
 * How large the functions are, and how long each takes from the start of a process until its handler
 * can be called: what a cold start adds to a call's way, as far as one machine can tell.
 *
 * `node test/bench/bundles.ts [--json]`. Ends with status 1 when a limit is passed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App } from 'aws-cdk-lib';
import { bundle } from '../../infra/bundle.ts';
import { CallwireStack } from '../../infra/callwire.ts';
import { NodeFunction } from '../../infra/node-function.ts';

const ROUNDS = 15;
/**
 * Deliver functions carry their vendor's client; Salesforce's brings an HTTP client of its own. Starts are
 * compared with that of an empty handler: in milliseconds the same machine differs by four from day to day.
 */
function limitsOf(name: string): { kilobytes: number; startsOfEmpty: number } {
  if (name === 'deliver-salesforce') return { kilobytes: 2000, startsOfEmpty: 6 };
  return { kilobytes: name.startsWith('deliver') ? 1000 : 900, startsOfEmpty: 4.5 };
}

const round = (value: number): number => Math.round(value * 10) / 10;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [upper = Number.NaN, lower = upper] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}

/** Milliseconds from the start of a process of its own until this module has exported its handler. */
function readyMs(file: string): number {
  const program = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)});
    if (typeof handler !== 'function') throw new Error('no handler is exported');
    process.stdout.write(String(performance.timeOrigin + performance.now()));
    process.exit();`;
  const startedAt = performance.timeOrigin + performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${file} cannot be started:\n${stderr}`);
  return Number(stdout) - startedAt;
}

// The bundles are built below; the stack is asked only which there are.
const stack = new CallwireStack(
  new App({ context: { 'aws:cdk:bundling-stacks': [] } }),
  'Callwire',
);
const files = new Map(
  stack.node
    .findAll()
    .filter((construct) => construct instanceof NodeFunction)
    .map((fn) => [fn.bundle.name, join(bundle(fn.bundle), 'index.mjs')]),
);

const scratch = mkdtempSync(join(tmpdir(), 'callwire-bench-'));
const EMPTY = 'empty';
const emptyFile = join(scratch, 'empty.mjs');
writeFileSync(emptyFile, 'export const handler = async () => {};\n');

const contestants = [[EMPTY, emptyFile] as const, ...files];
const times = new Map(contestants.map(([name]) => [name, [] as number[]]));
try {
  process.stderr.write(`Starting ${contestants.length} bundles ${ROUNDS} times `);
  // One untimed round, so that nobody pays for reading the disk; then in turns, so that whatever else
  // this machine does falls on all alike.
  for (const [, file] of contestants) readyMs(file);
  for (let done = 0; done < ROUNDS; done++) {
    process.stderr.write('.');
    for (const [name, file] of contestants) times.get(name)?.push(readyMs(file));
  }
  process.stderr.write('\n');
} finally {
  rmSync(scratch, { recursive: true });
}

const emptyMs = round(median(times.get(EMPTY) ?? []));
const functions = [...files].map(([name, file]) => ({
  name,
  kilobytes: round(statSync(file).size / 1024),
  readyMs: round(median(times.get(name) ?? [])),
  startsOfEmpty: round(median(times.get(name) ?? []) / emptyMs),
}));

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ emptyMs, functions }));
} else {
  console.log(`An empty handler is ready after ${emptyMs} ms.`);
  console.table(functions);
}

for (const { name, kilobytes, startsOfEmpty } of functions) {
  const limits = limitsOf(name);
  if (kilobytes > limits.kilobytes) {
    console.error(`${name} has ${kilobytes} KB; the limit is ${limits.kilobytes}`);
    process.exitCode = 1;
  }
  if (startsOfEmpty > limits.startsOfEmpty) {
    console.error(
      `${name} takes ${startsOfEmpty} times the start of an empty handler; the limit is ${limits.startsOfEmpty}`,
    );
    process.exitCode = 1;
  }
}
