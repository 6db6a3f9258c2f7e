#!/usr/bin/env node
import './require-node.mjs';

// Only now: an older Node cannot even load what follows.
await import('./main.ts');
