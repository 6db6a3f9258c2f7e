#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import './require-node.mjs';

// Compiled code is kept beside the stacks of `synthesize.ts`: the next command starts in half the time.
// Where that cannot be written, it just takes longer.
const cache = new URL('../../node_modules/.cache/callwire/compiled', import.meta.url);
module.enableCompileCache(fileURLToPath(cache));

// Only now: an older Node cannot even load what follows.
await import('./main.ts');
