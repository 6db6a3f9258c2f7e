import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Compared, compare, type Scale } from './compare.ts';

/** What a worker is given, and what it says: how far it is, and at last the result. */
interface Given {
  readonly seed: number;
  readonly scale: Scale;
}
type Said = { readonly progress: string } | { readonly compared: Compared };

if (!isMainThread) {
  // What the main thread gave, below: nothing else starts this file as a worker.
  const { seed, scale } = workerData as Given;
  const tell = (said: Said) => parentPort?.postMessage(said);
  const compared = await compare(seed, scale, (contestant, done, of) => {
    if (done % Math.ceil(of / 10) === 0) {
      tell({ progress: `seed ${seed}: ${contestant} ${done}/${of}` });
    }
  });
  tell({ compared });
}

function inWorker(given: Given, say: (text: string) => void): Promise<Compared> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: given });
    worker.on('message', (said: Said) => {
      if ('compared' in said) resolve(said.compared);
      else say(said.progress);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`A worker ended with ${code} and no result`)));
  });
}

/** Compares over several traces, as many at a time as there are cores; in the order of the seeds. */
export async function compareSeeds(
  { seeds, from }: { seeds: number; from: number },
  scale: Scale,
  say: (text: string) => void,
): Promise<Compared[]> {
  const results: Compared[] = [];
  let next = from;
  const lane = async () => {
    for (let seed = next++; seed < from + seeds; seed = next++) {
      results[seed - from] = await inWorker({ seed, scale }, say);
    }
  };
  await Promise.all(Array.from({ length: Math.min(seeds, availableParallelism()) }, lane));
  return results;
}
