/**
 * One sandbox of dispatch, as a process of its own: runs the bundle that deploys a few times, and tells
 * time and peak memory. Arguments: the folder of the bundle.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROUNDS = 3;

const [, , folder = '.'] = process.argv;
// What a bundle exports is known by its name only.
const { handler } = (await import(pathToFileURL(join(folder, 'index.mjs')).href)) as {
  handler: (event: unknown, context: unknown) => Promise<unknown>;
};
const ms: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const startedAt = performance.now();
  await handler({ scheduledAt: new Date().toISOString() }, { functionName: 'dispatch' });
  ms.push(performance.now() - startedAt);
}
// `maxRSS` is in kilobytes.
const result = { ms: Math.max(...ms), mb: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit();
