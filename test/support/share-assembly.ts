import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lets all systems that one run of tests starts share one synthesized stack; see `lib/cli/synthesize.ts`. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'test-assemblies-'));
  process.env.CALLWIRE_ASSEMBLIES = folder;
  process.env.NODE_COMPILE_CACHE = join(folder, 'compiled');
  return () => rmSync(folder, { recursive: true, force: true });
}
