import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { SeedResult } from './simulate-seed.ts';

/** What a worker lives through: the engine in one folder, seed by seed. */
export interface SeedWorkerData {
  /** The folder that `lib` and `test` are in. */
  readonly root: string;
}

// Handed over by `run-seeds.ts`.
const { root } = workerData as SeedWorkerData;
const file = pathToFileURL(join(root, 'test', 'simulation', 'simulate-seed.ts')).href;
const { simulateSeed } = (await import(file)) as typeof import('./simulate-seed.ts');

parentPort?.on('message', (seed: number) => {
  void simulateSeed(seed).then(
    (result) => parentPort?.postMessage(result),
    (error: unknown) => parentPort?.postMessage(broken(seed, error)),
  );
});

/** A seed that cannot be lived through to its end is no proof of anything. */
const broken = (seed: number, error: unknown): SeedResult => ({
  seed,
  findings: [
    {
      verdict: 'wrong',
      invariant: 'a seed can be lived through',
      about: 'simulation',
      detail: String(error instanceof Error ? error.stack : error),
    },
  ],
  faults: [],
  figures: {
    virtualHours: 0,
    connections: 0,
    calls: 0,
    kills: 0,
    polls: 0,
    events: 0,
    proven: 0,
  },
});
