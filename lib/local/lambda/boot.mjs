import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';

/** @typedef {import('./protocol.ts').RuntimeSettings} RuntimeSettings */

// Before anything is compiled, the runtime included: a good part of what a worker costs is compiling what
// the one before it has compiled.
const { codeCache } = /** @type {RuntimeSettings} */ (workerData);
if (codeCache !== undefined) enableCompileCache(codeCache);

await import('./runtime.ts');
