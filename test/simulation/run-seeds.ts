import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SeedWorkerData } from './seed-worker.ts';
import type { SeedResult } from './simulate-seed.ts';

export interface RunSeedsOptions {
  /** The folder that the engine is in, for one that is not this. */
  readonly root: string;
  readonly seeds: Iterable<number>;
  readonly workers?: number;
  /** Told of each seed as it ends. True: that is enough, no further one is begun. */
  onResult(result: SeedResult): boolean;
}

/** Lives through seeds side by side, one worker to a core, and ends when all are over. */
export async function runSeeds({
  root,
  seeds,
  workers = availableParallelism(),
  onResult,
}: RunSeedsOptions): Promise<void> {
  // One for all workers: each takes the next.
  const left = Iterator.from(seeds);
  let isEnough = false;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url), {
      workerData: { root } satisfies SeedWorkerData,
      // Most of what a seed makes is dead at once: with more room for the young, less is copied.
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    });
    try {
      while (!isEnough) {
        const next = left.next();
        if (next.done) return;
        isEnough = onResult(await resultOf(worker, next.value)) || isEnough;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}

/** Seeds that follow each other. */
export const seedsFrom = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

function resultOf(worker: Worker, seed: number): Promise<SeedResult> {
  return new Promise((resolve, reject) => {
    const done = (result: SeedResult) => {
      worker.off('error', reject);
      resolve(result);
    };
    worker.once('message', done);
    worker.once('error', reject);
    worker.postMessage(seed);
  });
}
