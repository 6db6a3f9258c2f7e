/**
 * The sync engine in worlds where everything goes wrong that can: production code, a virtual clock, and
 * a checker that knows the truth.
 *
 * `npm run simulate -- --help` says what can be asked for.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../lib/cli/exit-status.ts';
import { explain } from './explain.ts';
import { type Hunt, huntMutants } from './hunt-mutants.ts';
import { isKnown } from './known-gaps.ts';
import { type SimulateOptions, simulateOptions } from './options.ts';
import { runSeeds, seedsFrom } from './run-seeds.ts';
import { type SeedResult, simulateSeed } from './simulate-seed.ts';
import { tallyOf } from './tally.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Seeds that are told in full; the others by their number. */
const MAX_EXPLAINED = 5;

const say = (text: string): void => console.error(text);

async function simulateMany({ from, seeds, json }: SimulateOptions): Promise<number> {
  const startedAt = performance.now();
  const results: SeedResult[] = [];
  const failing: SeedResult[] = [];
  await runSeeds({
    root: ROOT,
    seeds: seedsFrom(from, seeds),
    onResult: (result) => {
      results.push(result);
      const first = result.findings.find((finding) => !isKnown(finding));
      if (first) {
        failing.push(result);
        say(`seed ${result.seed}: ${first.invariant}`);
      }
      if (results.length % 50 === 0)
        say(`${results.length} seeds, ${failing.length} with findings`);
      return false;
    },
  });
  failing.sort((a, b) => a.seed - b.seed);
  for (const result of failing.slice(0, MAX_EXPLAINED)) say(await explain(result));
  const others = failing.slice(MAX_EXPLAINED).map(({ seed }) => seed);
  if (others.length > 0) say(`and in seeds ${others.join(', ')}`);
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const tally = { ...tallyOf(results), seconds };
  if (json) console.log(JSON.stringify(tally));
  else console.table({ ...tally, faults: `${Object.keys(tally.faults).length} kinds` });
  return failing.length === 0 ? EXIT.allIsWell : EXIT.needsALook;
}

async function simulateOne(seed: number, { trace, json }: SimulateOptions): Promise<number> {
  const print = json ? say : console.log;
  const result = await simulateSeed(seed, trace ? print : undefined);
  if (result.findings.length > 0) say(await explain(result));
  if (json) console.log(JSON.stringify(tallyOf([result])));
  else console.table(result.figures);
  return result.findings.every(isKnown) ? EXIT.allIsWell : EXIT.needsALook;
}

function wordsOf({ mutant, seeds, killers, tests, survived, seconds }: Hunt): string {
  const seen = [
    ...killers.map(({ seed, invariant }) => `seed ${seed} (${invariant})`),
    ...tests.map((name) => `the test “${name}”`),
  ];
  const effort = seeds > 0 ? `${seeds} seeds, ${seconds} s` : `${seconds} s`;
  const verdict = survived ? 'SURVIVED' : 'killed';
  return `${verdict}: ${mutant} (${effort}), seen by ${seen.join(', ') || 'none'}`;
}

async function hunt({ json }: SimulateOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'callwire-mutants-'));
  try {
    const hunts = await huntMutants(ROOT, folder, (hunt) => say(wordsOf(hunt)));
    const survivors = hunts.filter(({ survived }) => survived).map(({ mutant }) => mutant);
    const verdict = { mutants: hunts.length, survived: survivors.length };
    if (json) console.log(JSON.stringify({ ...verdict, survivors, hunts }));
    else console.table(verdict);
    return survivors.length === 0 ? EXIT.allIsWell : EXIT.needsALook;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function simulate(options: SimulateOptions): Promise<number> {
  if (options.mutants) return hunt(options);
  return options.seed === undefined ? simulateMany(options) : simulateOne(options.seed, options);
}

// Who reads a trace may have seen enough, as `head` has.
process.stdout.once('error', () => process.exit(EXIT.needsALook));
process.exitCode = await simulate(simulateOptions(process.argv.slice(2)));
