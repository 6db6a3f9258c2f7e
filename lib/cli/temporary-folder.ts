import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder that is gone at the latest when the process ends, however it does short of SIGKILL. */
export function temporaryFolder(parent: string = tmpdir()): { path: string; remove(): void } {
  const path = mkdtempSync(join(parent, 'callwire-'));
  const remove = () => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}
